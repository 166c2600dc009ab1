from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import quality_rows
from benchmarks.quality_rows import Rows, Scores
from g7classify.errors import DataError
from g7classify.learn import fit
from g7classify.learn.recipe import Recipe

RECIPE = Recipe.model_validate({"name": "toy", "spec": {"bits": 10}, "folds": 3})


@pytest.fixture
def rows(tmp_path: Path, write_rows: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Rows:
    write_rows(150, languages=("fr", "it"))
    monkeypatch.setattr(quality_rows, "SEEDS", tmp_path / "seeds")
    return Rows.read(RECIPE, (), tmp_path / "seeds" / "fr.jsonl")


def noise(rows: int, labels: np.ndarray) -> Scores:
    found: Scores = np.where(labels, 2.0, -2.0) + np.random.default_rng(rows).normal(0, 2, labels.shape)
    return found


def test_decisions_are_those_of_training(rows: Rows) -> None:
    dataset, folds = rows.whole()
    scores = noise(1, dataset.labels)
    judged = rows.judge_whole(scores)
    probabilities, tags, doubt = fit.cross_decide(scores, folds, dataset, RECIPE)
    assert np.array_equal(judged.probabilities, probabilities)
    assert np.array_equal(judged.tags, tags["balanced"])
    assert np.array_equal(judged.doubt, doubt)


def test_no_row_is_in_two_parts_and_one_fold_is_judged_within_itself(rows: Rows, tmp_path: Path) -> None:
    assert sum(len(rows.part(fold)) for fold in rows.judged) == len(rows.whole()[0]) == 150
    one = Rows.read(RECIPE, (), tmp_path / "seeds" / "fr.jsonl", judged=(1,))
    part, folds = one.whole()
    assert (one.first, set(folds.tolist())) == (1, {1})
    assert part.texts == rows.part(1).texts
    scores = noise(3, part.labels)
    assert np.array_equal(one.judge_whole(scores).tags, one.judge_first(scores).tags)


def test_a_fold_that_there_is_not_is_refused(rows: Rows) -> None:
    assert rows.judged == (0, 1, 2)
    with pytest.raises(DataError, match=r"the recipe's are 0 to 2"):
        Rows.read(RECIPE, (), None, judged=(3, 0))


def test_test_rows_are_judged_by_decisions_of_the_first_fold(rows: Rows) -> None:
    part, test = rows.part(rows.first), rows.test
    assert test is not None
    scores, told = noise(4, part.labels), np.where(test.labels, 9.0, -9.0)
    judged = rows.judge_test(scores, told)
    assert np.array_equal(judged.tags, test.labels)
    assert judged.summarise(test, rounds=5).subtype_macro_f1.value == 1.0
