from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from g7classify import folders, modelfile, registry
from g7classify.cli import main
from g7classify.model import Model


def run(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(main, ["models", *map(str, arguments)], **options)


@pytest.fixture
def mine(tmp_path: Path, make_model: Callable[..., Model], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model file, and a folder of one's own that is not there yet."""
    monkeypatch.setenv(folders.MODELS, str(tmp_path / "own"))
    path = tmp_path / "file.safetensors"
    modelfile.write(make_model(bits=8, name="mine"), path)
    return path


@pytest.mark.parametrize("command", [(), ("list",)])
def test_list(mine: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    entry = {
        "name": "tiny",
        "version": "1.2.3",
        "file": "tiny-1.2.3.safetensors",
        "sha256": "0" * 64,
        "bytes": 1_250_000,
        "languages": ["fr", "ja"],
        "recipe_sha256": "0" * 64,
        "data_sha256": {},
        "metrics": {"subtype_macro_f1": 0.6512},
        "card": "tiny-1.2.3.md",
    }
    (mine.parent / "manifest.json").write_text(json.dumps({"default": "tiny", "models": [entry]}))
    monkeypatch.setattr(registry, "root", lambda: mine.parent)
    added = registry.add(mine)
    result = run(*command)
    assert result.exit_code == 0
    shown = [line.split() for line in result.stdout.splitlines()]
    assert ["tiny", "1.2.3", "table", "1.2", "MB", "fr", "ja", "0.651", "-", "shipped"] in shown
    assert ["mine", "0.1.0", "table", "0.0", "MB", "fr", "en", "ja", "-", "-", "own"] in shown
    shipped, own = json.loads(run(*command, "--json").stdout)
    assert shipped == entry | {"kind": "table", "whose": "shipped"}
    assert (own["sha256"], own["whose"]) == (added.sha256, "own")


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"subtype_macro_f1": 0.6512, "subtype_micro_f1": 0.7}, "0.651 0.700 own"),
        ({"kept_macro_f1": 0.9, "new_macro_f1": 0.5}, "kept 0.900, new 0.500 - own"),
        ({"new_macro_f1": 0.5}, "new 0.500 - own"),
    ],
)
def test_list_tells_what_the_file_knows(
    mine: Path, make_model: Callable[..., Model], monkeypatch: pytest.MonkeyPatch, metrics: dict[str, float], told: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    model = make_model(bits=8, name="mine")
    modelfile.write(replace(model, info=replace(model.info, metrics=metrics)), mine)
    assert run("add", mine).exit_code == 0
    line = next(line for line in run("list").stdout.splitlines() if line.split()[:1] == ["mine"])
    assert " ".join(line.split()).endswith(told)


def test_figures_are_called_what_they_are(tmp_path: Path, make_model: Callable[..., Model]) -> None:
    path, model = tmp_path / "file.safetensors", make_model(bits=8, name="mine")
    told = {}
    for metrics in ({}, {"subtype_macro_f1": 0.5}, {"kept_macro_f1": 0.9, "new_macro_f1": 0.5}):
        modelfile.write(replace(model, info=replace(model.info, metrics=metrics)), path)
        lines = [line.split(maxsplit=1) for line in run("info", path).stdout.splitlines()]
        told[len(metrics)] = next(rest[0] for key, *rest in lines if key == "metrics")
    assert (told[0], told[1]) == ("-", "cross-validated")
    assert told[2].startswith("of the last update: old labels on the rows that it was checked on")


def test_json_goes_behind(mine: Path) -> None:
    result = run("--json", "info", mine)
    assert (result.exit_code, "models info --json" in result.output) == (2, True)


def test_added_tagged_verified_and_removed(mine: Path) -> None:
    result = run("add", mine, "--name", "ours@1.0.0")
    assert result.exit_code == 0, result.stderr
    assert "added ours@1.0.0, sha256" in result.stdout
    tagged = CliRunner().invoke(main, ["tag", "-", "-m", "ours", "-f", "jsonl"], input="La police.")
    assert json.loads(tagged.stdout)["model"] == "ours@1.0.0"
    result = run("verify", "ours")
    assert (result.exit_code, result.stdout) == (0, "ours@1.0.0: as the manifest says\n")
    result = run("remove", "ours")
    assert (result.exit_code, result.stdout) == (0, "removed ours@1.0.0\n")
    result = run("remove", "ours")
    assert (result.exit_code, "no model is called 'ours'" in result.stderr) == (2, True)


def test_verify_names_what_differs(mine: Path) -> None:
    run("add", mine)
    run("add", mine, "--name", "other")
    registry.path(registry.find("mine")).write_bytes(b"damaged")
    result = run("verify", "mine", "other", "g7-seeds")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "is not a sound g7classify model file" in lines[0]
    assert lines[1:] == ["other@0.1.0: as the manifest says", "g7-seeds@0.3.0: as the manifest says"]
    assert result.stderr == "error: 1 of 3 are not what their manifest says: mine@0.1.0\n"
    found = run("verify", "mine", "other", "--json")
    assert found.exit_code == 1
    assert [bool(one["problem"]) for one in json.loads(found.stdout)] == [True, False]


def test_info(mine: Path) -> None:
    told = json.loads(run("info", mine, "--json").stdout)
    assert (told["name"], told["kind"], told["rows"], told["languages"]) == ("mine", "table", 0, ["fr", "en", "ja"])
    assert told["sha256"] == registry.sha256(mine)
    assert told["labels"][0] == "actor"
    assert told["codebook"]["name"] == "g7"
    shown = run("info", "g7-base").stdout
    entry = registry.find("g7-base")
    for text in (entry.sha256, *entry.data_sha256.values(), entry.recipe_sha256, "43,521 labelled", "0.7087"):
        assert text in shown
    assert "38 labels" in shown
    cascade = run("info", registry.root() / "g7-cascade-0.1.0.safetensors")
    assert "g7-cascade 0.1.0, cascade" in cascade.stdout


def test_info_of_what_is_none(mine: Path) -> None:
    assert run("info", "nothing").exit_code == 2
    missing = mine.parent / "nothing.safetensors"
    result = run("info", missing)
    assert (result.exit_code, result.stderr) == (
        1,
        f"error: cannot read the model file {missing}: No such file or directory\n",
    )
    mine.write_bytes(b"x")
    result = run("info", mine)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_what_a_file_says_steers_no_terminal(
    mine: Path, make_model: Callable[..., Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(bits=8, name="mine")
    info = replace(model.info, languages=("f\x1b[31m",), description="\x1b[2J\nx", data_sha256={"\x1b]0;": "0" * 64})
    modelfile.write(replace(model, info=info), mine)
    monkeypatch.setenv("COLUMNS", "200")
    assert run("add", mine).exit_code == 0
    for command in (("info", mine), ("list",), ("verify", "mine")):
        result = run(*command)
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
