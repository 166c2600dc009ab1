from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import carrier
import numpy as np
import pytest

from g7classify.cli import main
from g7classify.codebook import Codebook, Label
from g7classify.deep import base, file
from g7classify.deep import model as deep_model
from g7classify.deep.base import Weights
from g7classify.deep.model import BaseId, DeepModel
from g7classify.learn import deep
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe
from g7classify.tagger import Tagger

pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")

OWN = Codebook(
    name="own",
    version="1",
    labels=tuple(Label(name, f"It has {name}.", name, name, None) for name in ("fire", "water")),
)
RECIPE = Recipe(name="my-deep", folds=3, near_duplicate=1.0, epochs=20)


@pytest.fixture
def shipped(
    tiny: Weights, tiny_path: Path, make_deep: Callable[..., DeepModel], monkeypatch: pytest.MonkeyPatch
) -> DeepModel:
    """A deep model on the tiny base."""
    monkeypatch.setattr(base, "path", lambda: tiny_path)
    monkeypatch.setattr(deep_model, "check_installed", lambda: None)
    on_tiny = BaseId(base.PACKAGE, base.VERSION, tiny.sha256)
    trained = carrier.adapters(tiny.shape, rank=2, seed=1)
    return replace(make_deep(), base=on_tiny, adapters=trained, longest=tiny.shape.positions)


def rows() -> Dataset:
    random = np.random.default_rng(3)
    texts = ["".join(random.choice(list("abz" if i % 2 else "abc"), 9)) for i in range(240)]
    found = [tuple(name for name, mark in (("fire", "z"), ("water", "c")) if mark in text) for text in texts]
    return Dataset.from_rows(
        (Row(text, labels, id=str(i)) for i, (text, labels) in enumerate(zip(texts, found, strict=True))), codebook=OWN
    )


def test_a_head_of_one_s_own_learns_and_is_written(shipped: DeepModel, tmp_path: Path) -> None:
    dataset, said = rows(), list[str]()
    trained = deep.train(
        dataset, RECIPE, shipped, data_sha256={"mine.jsonl": "2" * 64}, progress=lambda *a: said.append(a[2])
    )
    micro = trained.evaluation.overall.category_micro_f1.value
    assert micro is not None
    assert micro > 0.9
    assert trained.model.codebook.names == ("fire", "water")
    assert trained.model.adapters.sha256 == shipped.adapters.sha256
    assert trained.model.info.data_sha256["mine.jsonl"] == "2" * 64
    assert trained.model.info.name == "my-deep"
    assert any("read 240 of 240 rows" in line and "rows/s" in line and "left" in line for line in said)
    file.write(trained.model, tmp_path / "mine.safetensors")
    tags = Tagger.load(tmp_path / "mine.safetensors").predict(dataset.texts)
    assert (tags == dataset.labels).mean() > 0.9


def test_the_same_rows_give_the_same_file(shipped: DeepModel, tmp_path: Path) -> None:
    first, second = (deep.train(rows(), RECIPE, shipped) for _ in range(2))
    assert file.write(first.model, tmp_path / "a.safetensors") == file.write(second.model, tmp_path / "b.safetensors")


def test_scaling_of_the_vectors_is_folded_into_the_head() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(3, 5, (400, 6)).astype(np.float32)
    labels = (vectors[:, :2] > 3).astype(np.float32)
    long = RECIPE.model_copy(update={"epochs": 200})
    head = deep.fit(vectors, labels, long, cost=1)
    assert ((head.scores(vectors) > 0) == (labels > 0)).mean() > 0.93
    moved = deep.fit(vectors * 10 - 7, labels, long, cost=1)
    assert moved.scores(vectors * 10 - 7) == pytest.approx(head.scores(vectors), abs=0.02)


def test_no_fold_picks_the_cost_that_judges_it() -> None:
    """Each cost is lucky on one fold, which the others do not share."""
    folds, labels = np.arange(30) % 3, np.ones((30, 1), np.float32)
    crossed = {cost: np.full((30, 1), 1.0) for cost in (1.0, 3.0, 10.0)}
    for fold, scores in enumerate(crossed.values()):
        scores[folds == fold] = 2.0
    own = {cost: scores[folds == 0] for cost, scores in crossed.items()}
    assert (own[deep.best(own, labels[folds == 0])] == 2.0).all()
    assert (deep.unpicked(crossed, labels, folds) == 1.0).all()


def test_trains_on_the_command_line(shipped: DeepModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from g7classify import registry

    monkeypatch.setattr(registry, "read", lambda _: (shipped, None))
    lines = [f'{{"text": "{text}", "labels": {list(map(str, labels))}}}'.replace("'", '"') for text, labels in pairs()]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "recipe.toml").write_text('name = "mine"\nfolds = 3\n', encoding="utf-8")
    output = tmp_path / "mine.safetensors"
    arguments = ["train", str(tmp_path / "rows.jsonl"), "--deep", "-o", str(output)]
    result = CliRunner().invoke(main, [*arguments, "--recipe", str(tmp_path / "recipe.toml")])
    assert result.exit_code == 0, result.output
    assert file.read(output).info.name == "mine"


def pairs() -> list[tuple[str, tuple[str, ...]]]:
    random = np.random.default_rng(5)
    return [
        ("".join(random.choice(list("abcdefgh"), 9)), ("threat.terrorism", "threat") if i % 2 else ())
        for i in range(120)
    ]
