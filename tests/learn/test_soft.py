from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from g7classify.errors import DataError
from g7classify.learn import fit
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe
from g7classify.learn.soft import Soft


def taught(rows: Dataset, *, unseen_fold: int | None = None) -> Soft:
    """What a teacher that knows everything says of a word that no labelled row holds."""
    targets = np.full((40, len(rows.codebook)), 0.02, np.float32)
    targets[:, 2] = 0.95
    return Soft(tuple(f"zzyzx {i}" for i in range(40)), targets, unseen_fold)


def test_a_model_learns_what_only_the_teacher_knows(rows: Dataset, recipe: Recipe) -> None:
    alone = fit.train(rows, recipe, n_jobs=1).model
    both = fit.train(rows, recipe, soft=taught(rows), n_jobs=1).model
    before, after = (model.scores(["zzyzx"])[0, 2] for model in (alone, both))
    assert after > before + 1


def test_what_a_teacher_knew_is_not_measured_on(rows: Dataset, recipe: Recipe) -> None:
    whole = fit.train(rows, recipe, soft=taught(rows), n_jobs=1)
    unseen = fit.train(rows, recipe, soft=taught(rows, unseen_fold=1), n_jobs=1)
    telling = fit.telling_rows(rows, recipe)
    assert whole.evaluation.overall.rows == telling.sum()
    assert unseen.evaluation.overall.rows == (telling & (unseen.folds == 1)).sum()
    assert (whole.scores == unseen.scores).all()


@pytest.mark.parametrize("targets", [np.zeros((3, 38)), np.zeros(2), np.full((2, 38), 1.1), np.full((2, 38), np.nan)])
def test_targets_that_are_no_probabilities(targets: Any) -> None:
    with pytest.raises(DataError, match="targets"):
        Soft(("a", "b"), targets.astype(np.float32))
