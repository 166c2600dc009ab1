"""The labelled rows that a teacher learns from, and those that it is judged on: the folds of the light models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from g7classify.codebook import Codebook
from g7classify.errors import OptionError
from g7classify.learn import split
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.evaluate import best_tags, chief_f1
from g7classify.learn.fit import telling_rows
from g7classify.learn.recipe import Recipe
from training.build import SEEDS


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Labelled rows and how they are parted.

    Attributes:
        dataset: n rows, the seeds first.
        sha256: of each file.
        held_out: (n,), the rows that are not learned from.
        judged: (n,), those of them that were drawn at random, which figures are of.
    """

    dataset: Dataset
    sha256: dict[str, str]
    held_out: NDArray[np.bool_]
    judged: NDArray[np.bool_]


class Figures(BaseModel):
    """F1 at the best threshold of each label on the very rows: what the scores can tell, not what a product reaches."""

    model_config = ConfigDict(frozen=True)

    rows: int
    subtype_macro_f1: float | None
    subtype_micro_f1: float | None
    category_macro_f1: float | None


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
    held_out = np.zeros(len(dataset), dtype=bool)
    if fold is not None:
        folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
        held_out = np.equal(folds, fold)
    return Rows(dataset, digests(paths), held_out, held_out & telling_rows(dataset, recipe))


def figures(labels: NDArray[np.bool_], scores: NDArray[np.float32], codebook: Codebook) -> Figures:
    """How well scores (n, k) rank the sentences of each label (n, k)."""
    return Figures(rows=len(labels), **chief_f1(labels, best_tags(labels, scores), codebook))
