from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import carrier
import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")
pytest.importorskip("torch", reason="the extra `tune` is not installed")

from g7classify import registry
from g7classify.cli import main
from g7classify.codebook import Codebook
from g7classify.deep import base, file
from g7classify.deep import model as deep_model
from g7classify.deep.base import Weights
from g7classify.deep.model import BaseId, DeepModel
from g7classify.errors import DataError, OptionError, UnreadableFileError
from g7classify.learn import deep as heads
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe
from g7classify.tagger import Tagger
from g7classify.tune import Options, loop, tune, tuning

RECIPE = Recipe(name="my-tuned", folds=3, near_duplicate=1.0, epochs=20)
OPTIONS = Options(
    rank=2,
    longest=carrier.SHAPE.positions,
    epochs=2,
    batch=16,
    rate=1e-2,
    head_rate=1e-2,
    dropout=0,
    hidden=0,
    bfloat16=False,
)


@pytest.fixture
def own() -> Codebook:
    labels = [{"name": "match"}, {"name": "match.one", "parent": "match"}, {"name": "mark"}]
    return Codebook.from_dict({"name": "own", "version": "1", "labels": labels})


@pytest.fixture
def shipped(
    tiny: Weights, tiny_path: Path, make_deep: Callable[..., DeepModel], monkeypatch: pytest.MonkeyPatch
) -> DeepModel:
    """A deep model on the tiny base."""
    monkeypatch.setattr(base, "path", lambda: tiny_path)
    on_tiny = BaseId(base.PACKAGE, base.VERSION, tiny.sha256)
    trained = carrier.adapters(tiny.shape, rank=2, seed=1)
    return replace(make_deep(), base=on_tiny, adapters=trained, longest=tiny.shape.positions)


@pytest.fixture
def rows(own: Codebook) -> Dataset:
    """Words of a few letters; whether one of two letters is in them and not the other, no linear head can tell."""
    random = np.random.default_rng(3)
    found = []
    for i in range(300):
        letters = [letter for letter in "pz" if random.random() < 0.5]
        text = "".join(random.permutation([*letters, *random.choice(list("mnrs"), 5)]))
        labels = ["mark"] if "z" in text else []
        labels += ["match.one"] if len(letters) == 1 else []
        found.append(Row(text, tuple(labels), id=str(i), group=text))
    return Dataset.from_rows(found, codebook=own)


def go(rows: Dataset, shipped: DeepModel, folder: Path, **given: Any) -> tuning.TunedModel:
    return tune(rows, RECIPE, shipped, folder=folder, **({"options": OPTIONS} | given))


def test_learns_what_a_head_alone_cannot_and_is_written(rows: Dataset, shipped: DeepModel, tmp_path: Path) -> None:
    said: list[tuple[int, int, str]] = []
    tuned = tune(
        rows,
        RECIPE,
        shipped,
        folder=tmp_path / "t",
        options=OPTIONS.model_copy(update={"epochs": 16}),
        data_sha256={"mine.jsonl": "2" * 64},
        progress=lambda *a: said.append(a),
    )
    after, before = (found.overall.subtype_micro_f1.value for found in (tuned.evaluation, tuned.head))
    assert after is not None
    assert before is not None
    assert after > 0.98
    assert after > before
    assert 90 < tuned.evaluation.overall.rows == tuned.head.overall.rows < 110
    assert tuned.model.adapters.sha256 != shipped.adapters.sha256
    assert (tuned.model.info.name, tuned.model.info.rows) == ("my-tuned", 300)
    assert tuned.model.info.data_sha256["mine.jsonl"] == "2" * 64
    assert any("rows/s" in text and "left" in text and 0 < done <= total for done, total, text in said)
    path = tmp_path / "mine.safetensors"
    assert tuned.write(path) == registry.sha256(path)
    assert not (tmp_path / "t").exists()
    tags = Tagger.load(path).predict(rows.texts)
    assert (tags == rows.labels).mean() > 0.9
    assert (tags[:, 1] <= tags[:, 0]).all()


class Broken(Exception):
    pass


def test_a_broken_run_goes_on_and_gives_the_same_file(
    rows: Dataset, shipped: DeepModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    whole = go(rows, shipped, tmp_path / "whole").write(tmp_path / "whole.safetensors")

    def stop(done: int, _total: int, message: str) -> None:
        if message.startswith("step") and done >= 20:
            raise Broken

    with pytest.raises(Broken):
        go(rows, shipped, tmp_path / "broken", progress=stop)
    assert sorted(path.name for path in (tmp_path / "broken").iterdir()) == ["head.safetensors", "run.json", "state.pt"]

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the head was kept, and need not be fitted again")

    monkeypatch.setattr(heads, "train", refuse)
    said: list[str] = []
    again = go(rows, shipped, tmp_path / "broken", progress=lambda *a: said.append(a[2]))
    assert any("20 of them done" in line for line in said)
    assert again.write(tmp_path / "broken.safetensors") == whole


def test_other_rows_options_or_recipes_are_refused_before_anything_is_done(
    rows: Dataset, shipped: DeepModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_done: int, _total: int, message: str) -> None:
        if message.startswith("step"):
            raise Broken

    with pytest.raises(Broken):
        go(rows, shipped, tmp_path, progress=stop)
    monkeypatch.setattr(heads, "train", lambda *_, **__: pytest.fail("too late"))
    labels = rows.labels.copy()
    labels[7] = ~labels[7]
    for given, recipe, options, said in (
        (replace(rows, labels=labels), RECIPE, OPTIONS, "folds_sha256"),
        (rows.select(np.arange(299)), RECIPE, OPTIONS, "folds_sha256"),
        (rows, RECIPE.model_copy(update={"doubt": 0.2}), OPTIONS, "recipe_sha256"),
        (rows, RECIPE, OPTIONS.model_copy(update={"epochs": 7}), "epochs 2 then, 7 now"),
    ):
        with pytest.raises(OptionError, match=said):
            tune(given, recipe, shipped, folder=tmp_path, options=options)


def test_a_file_that_cannot_be_written_costs_nothing(rows: Dataset, shipped: DeepModel, tmp_path: Path) -> None:
    tuned = go(rows, shipped, tmp_path / "t", options=OPTIONS.model_copy(update={"epochs": 1}))
    with pytest.raises(UnreadableFileError):
        tuned.write(tmp_path / "none" / "mine.safetensors")
    assert (tmp_path / "t" / "state.pt").exists()


def test_adapters_of_another_rank_or_length_are_refused(rows: Dataset, shipped: DeepModel, tmp_path: Path) -> None:
    for wrong in ({"rank": 3}, {"longest": 12}, {"fold": 1}):
        with pytest.raises(OptionError, match=next(iter(wrong))):
            go(rows, shipped, tmp_path, options=OPTIONS.model_copy(update=wrong))
    assert not list(tmp_path.iterdir())


def test_too_few_rows_are_told_to_train_a_head(rows: Dataset, shipped: DeepModel, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--deep"):
        go(rows.select(np.arange(6)), shipped, tmp_path)


def test_tunes_on_the_command_line(
    rows: Dataset, shipped: DeepModel, own: Codebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "read", lambda _: (shipped, None))
    monkeypatch.setattr(deep_model, "check_installed", lambda: None)
    names = np.array(own.names)
    lines = [
        json.dumps({"text": text, "labels": names[held].tolist(), "group": text})
        for text, held in zip(rows.texts, rows.labels, strict=True)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "own.json").write_text(json.dumps(own.to_dict()), encoding="utf-8")
    (tmp_path / "recipe.toml").write_text('name = "mine"\nfolds = 3\nnear_duplicate = 1.0\n', encoding="utf-8")
    output = tmp_path / "mine.safetensors"
    arguments = ["train", str(tmp_path / "rows.jsonl"), "--tune", "-o", str(output)]
    arguments += ["--recipe", str(tmp_path / "recipe.toml"), "--codebook", str(tmp_path / "own.json")]
    advance = loop.Run.advance

    def interrupted(run: loop.Run) -> tuple[int, float]:
        if run.step == 5:
            raise KeyboardInterrupt
        return advance(run)

    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(loop.Run, "advance", interrupted)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 130
    assert not output.exists()
    assert (tmp_path / "mine.safetensors.tuning" / "state.pt").exists()
    monkeypatch.setattr(loop.Run, "advance", advance)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "5 of them done" in result.stderr
    assert "with the head alone" in result.stderr
    assert file.read(output).info.name == "mine"
    assert not (tmp_path / "mine.safetensors.tuning").exists()
