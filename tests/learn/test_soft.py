from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from g7classify.errors import DataError
from g7classify.learn import fit
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe
from g7classify.learn.soft import Soft


def taught(rows: Dataset, *, folds: tuple[int, ...] | None = None) -> Soft:
    """What teachers that know everything say of a word that no labelled row holds: each is surer than the last."""
    teachers = 1 if folds is None else len(folds)
    scores = np.full((teachers, 40, len(rows.codebook)), -4, np.float16)
    scores[:, :, 2] = np.arange(3, 3 + teachers)[:, None]
    return Soft(tuple(f"zzyzx {i}" for i in range(40)), scores, folds)


def test_a_model_learns_what_only_the_teacher_knows(rows: Dataset, recipe: Recipe) -> None:
    alone = fit.train(rows, recipe, n_jobs=1).model
    both = fit.train(rows, recipe, soft=taught(rows), n_jobs=1).model
    before, after = (model.scores(["zzyzx"])[0, 2] for model in (alone, both))
    assert after > before + 1


def test_a_fold_is_judged_by_what_learned_from_the_teacher_that_had_not_seen_it(rows: Dataset, recipe: Recipe) -> None:
    soft = taught(rows, folds=(2, 0, 1))
    assert soft.targets(2)[0, 2] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-5)
    assert soft.targets(0)[0, 2] == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-5)
    assert soft.targets(None)[0, 2] == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-5)
    both = fit.train(rows, recipe, soft=soft, n_jobs=1)
    fewer = fit.train(rows, recipe, soft=Soft(soft.texts, soft.scores[:2], (2, 0)), n_jobs=1)
    assert (both.scores[both.folds == 2] == fewer.scores[both.folds == 2]).all()
    assert not (both.model.table == fewer.model.table).all()


def test_a_fold_that_every_teacher_knew_has_no_targets(rows: Dataset) -> None:
    with pytest.raises(DataError, match="every teacher knew the rows of fold 1"):
        taught(rows, folds=(2, 0)).targets(1)
    assert (taught(rows).targets(1) == taught(rows).targets(None)).all()


def test_what_every_teacher_knew_is_not_measured_on(rows: Dataset, recipe: Recipe) -> None:
    whole = fit.train(rows, recipe, soft=taught(rows), n_jobs=1)
    part = fit.train(rows, recipe, soft=taught(rows, folds=(2, 0)), n_jobs=1)
    telling = fit.telling_rows(rows, recipe)
    judged = np.isin(part.folds, (0, 2))
    assert whole.evaluation.overall.rows == telling.sum()
    assert part.evaluation.overall.rows == (telling & judged).sum()
    assert np.isnan(part.scores).any(axis=1).tolist() == (~judged).tolist()


def test_a_teacher_of_a_fold_that_is_none(rows: Dataset, recipe: Recipe) -> None:
    with pytest.raises(DataError, match="folds"):
        fit.train(rows, recipe, soft=taught(rows, folds=(0, recipe.folds)), n_jobs=1)


def test_one_fold_alone_leaves_nothing_to_decide_it_by(rows: Dataset, recipe: Recipe) -> None:
    with pytest.raises(DataError, match="decided by the others"):
        fit.train(rows, recipe, soft=taught(rows, folds=(2,)), n_jobs=1)
    one_natural = dataclasses.replace(rows, samples=np.array(["natural", *["targeted"] * (len(rows) - 1)]))
    with pytest.raises(DataError, match="calibrate_on"):
        fit.train(one_natural, recipe, n_jobs=1)


@pytest.mark.parametrize("shape", [(3, 38), (1, 3, 38), (0, 2, 38)])
def test_scores_of_another_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="scores"):
        Soft(("a", "b"), np.zeros(shape, np.float16))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_scores_that_are_no_numbers(value: float) -> None:
    with pytest.raises(DataError, match="finite"):
        Soft(("a", "b"), np.full((1, 2, 38), value, np.float16))


@pytest.mark.parametrize("folds", [(), (1,), (1, 1)])
def test_folds_that_are_not_one_a_teacher(folds: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="folds"):
        Soft(("a", "b"), np.zeros((2, 2, 38), np.float16), folds)
