from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra `train` is not installed")

from benchmarks.students import Bench, thinned, variants
from g7classify.features import FeatureSpec
from g7classify.learn import linear
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe
from g7classify.learn.soft import Soft

RECIPE = Recipe(spec=FeatureSpec(bits=12), cost=20, epochs=5, folds=3, soft_cost=1)


@pytest.fixture
def dataset(write_rows: Callable[..., None], tmp_path: Path) -> Dataset:
    write_rows(240, languages=("fr", "de"))
    return Dataset.read([tmp_path / "seeds" / "fr.jsonl"])


@pytest.fixture
def soft(dataset: Dataset) -> Soft:
    """Rows once more, with what they are labelled with as what a teacher says."""
    scores = np.where(dataset.labels, 4, -4).astype(np.float16)[None]
    return Soft(dataset.texts, scores, (1,))


def test_what_is_read_helps_where_labels_are_few(dataset: Dataset, soft: Soft) -> None:
    bench = Bench(dataset, soft, RECIPE.model_copy(update={"cost": 0.02}))
    alone, whole = (bench.measure(sentences=n) for n in (0, None))
    assert whole["subtype_macro_f1"] > alone["subtype_macro_f1"]
    assert whole["rows"] == alone["rows"] == bench.judged.sum()
    assert not (bench.judged & bench.learned).any()


def test_a_table_of_fewer_buckets_is_smaller(dataset: Dataset, soft: Soft) -> None:
    bench = Bench(dataset, soft, RECIPE)
    sizes = [bench.measure(spec=FeatureSpec(bits=bits))["megabytes"] for bits in (12, 14)]
    assert sizes[1] == pytest.approx(4 * sizes[0], abs=0.02)


def test_the_table_says_what_was_fitted(dataset: Dataset) -> None:
    counts = linear.count_features(dataset.texts, RECIPE.spec)
    costs = np.full(len(dataset), 20, np.float32)
    fitted = linear.fit(counts, dataset.labels.astype(np.float32), costs, epochs=5, idf_power=2, seed=0)
    table = linear.rounded(fitted)
    assert np.abs(table.weights - fitted.weights).max() > 0
    spread = fitted.scores(counts).std(axis=0)
    assert (np.abs(table.scores(counts) - fitted.scores(counts)).mean(axis=0) <= 0.05 * spread + 1e-9).all()


def test_a_hidden_layer_is_measured_beside_the_table(dataset: Dataset, soft: Soft) -> None:
    pytest.importorskip("torch", reason="the extra `teacher` is not installed")
    bench = Bench(dataset, soft, RECIPE)
    alone, beside = bench.measure(), bench.measure_dense(width=8, table=True)
    assert beside["subtype_macro_f1"] == pytest.approx(alone["subtype_macro_f1"], abs=0.1)
    assert beside["megabytes"] > alone["megabytes"]


def test_drops_a_share_of_the_features(dataset: Dataset) -> None:
    counts = linear.count_features(dataset.texts, RECIPE.spec)
    before = counts.copy()
    thin = thinned(counts, 0.25)
    assert thin.nnz == pytest.approx(0.75 * counts.nnz, rel=0.1)
    assert (counts != before).nnz == 0
    assert ((counts - thin).data >= 0).all()


def test_a_hidden_layer_learns_what_words_mean_together(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="the extra `teacher` is not installed")
    from benchmarks import students_dense

    texts = [" ".join((f"{'ab'[i % 2]}lpha", f"{'ab'[i // 2 % 2]}eta", f"mot{i % 7}")) for i in range(400)]
    either = np.array([i % 2 != i // 2 % 2 for i in range(400)])  # no sum over words tells this
    targets = np.stack((either, ~either), axis=1).astype(np.float32)
    counts = linear.count_features(texts, FeatureSpec(bits=12, pairs=False, characters=(8, 8)))
    counts.data *= 0.3
    monkeypatch.setattr(students_dense, "EPOCHS", 150)  # of one step each
    model = students_dense.learn(counts, targets, np.zeros_like(targets), width=16, seed=0)
    scores = students_dense.score(model, counts, np.zeros_like(targets))
    assert ((scores > 0) == (targets > 0)).mean() > 0.95


def test_every_variant_changes_something_that_a_recipe_has() -> None:
    found: list[tuple[str, str, dict[str, Any]]] = list(variants(RECIPE, 1000))
    assert len({(what, value) for what, value, _ in found}) == len(found)
    known = {"sentences", "dropped", "int8", "width", "table", *Recipe.model_fields}
    for _, _, change in found[1:]:
        assert change
        assert set(change) <= known
        assert change.get("spec") != RECIPE.spec
        json.dumps(change, default=str)
