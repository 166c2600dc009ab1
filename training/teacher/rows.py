"""The labelled rows that a teacher learns from, and those that it is judged on: the folds of the light models."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from g7classify.errors import OptionError
from g7classify.learn import split
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.fit import telling_rows
from g7classify.learn.recipe import Recipe
from g7classify.tune.rows import Rows
from training.build import SEEDS


def read(data: tuple[Path, ...], recipe: Recipe, *, fold: int | None) -> Rows:
    """The seeds and further files, parted as `g7classify.learn.fit.train` parts them; fold None holds nothing out.

    Raises:
        OptionError: no such fold.
        DataError, EncodingError, UnreadableFileError: a file cannot be used.
    """
    if fold is not None and not 0 <= fold < recipe.folds:
        raise OptionError(f"hold-out fold: expected 0 to {recipe.folds - 1} or none, got {fold}")
    paths = [*files(SEEDS), *files(data)]
    dataset = Dataset.read(paths)
    if fold is None:
        nothing = np.zeros(len(dataset), dtype=bool)
        return Rows(dataset, digests(paths), nothing, nothing)
    folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    held_out = np.equal(folds, fold)
    judged = held_out & telling_rows(dataset, recipe)
    return Rows(dataset, digests(paths), held_out, judged, split.digest(dataset, folds))
