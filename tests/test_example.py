"""The example of the README, on its files: a newsroom's own five labels, two more later."""

from __future__ import annotations

import json
import re
import shlex
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

import g7classify
from g7classify import learn
from g7classify.cli import main

ROOT = Path(__file__).parents[1]
OLD, NEW = ("borders", "conflict", "crime", "law", "money"), ("children", "cyber")


def commands() -> list[list[str]]:
    """Those of the README that name the files of the example."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^g7classify .*$", page.replace("\\\n    ", ""), flags=re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines if "desk" in line]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of the README were run one after the other, with what each printed."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "seeds").symlink_to(ROOT / "seeds", target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("G7CLASSIFY_MODELS", str(folder / "models"))
        for name, *arguments in commands():
            assert name == "g7classify"
            result = CliRunner().invoke(main, arguments, catch_exceptions=False)
            assert result.exit_code == 0, (arguments, result.stderr)
            assert result.stdout, arguments
    return folder


def test_the_example_goes_through_the_whole_way() -> None:
    first = [arguments[1] for arguments in commands()]
    for command in (
        "validate",
        "train",
        "evaluate",
        "explain",
        "tag",
        "audit",
        "suggest",
        "update",
        "compare",
        "models",
    ):
        assert command in first
    assert first.index("train") < first.index("evaluate") < first.index("update")


def test_the_models_are_of_use_and_the_old_labels_are_kept(folder: Path) -> None:
    before, after = (g7classify.load(folder / f"{name}.safetensors") for name in ("desk", "desk-2"))
    assert set(before.labels) == set(OLD)
    assert set(after.labels) == {*OLD, *NEW}
    rows = learn.Dataset.read(ROOT / "seeds" / "example" / "desk-2-held-out.csv", codebook=after.codebook)
    found = learn.evaluate(after, rows, rounds=1)
    f1 = {one.label: one.f1.value or 0.0 for one in found.labels}
    assert sum(f1[label] for label in OLD) / len(OLD) > 0.42
    assert sum(f1[label] for label in NEW) / len(NEW) > 0.6


def test_every_model_has_its_card(folder: Path) -> None:
    for name in ("desk", "desk-2"):
        told = (folder / f"{name}.md").read_text(encoding="utf-8")
        assert all(label in told for label in OLD)
    assert "| children |" in told
    assert json.loads((folder / "models" / "manifest.json").read_text(encoding="utf-8"))["models"]


def test_no_group_of_the_example_is_in_two_files() -> None:
    groups = [
        set(learn.Dataset.read(ROOT / "seeds" / "example" / f"{name}.csv", codebook=None).groups.tolist())
        for name in ("desk", "desk-2", "desk-2-held-out")
    ]
    assert all(one.isdisjoint(other) for one, other in combinations(groups, 2))
