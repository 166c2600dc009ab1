"""The rows that the quality benchmark trains and judges on, and the decisions that it judges by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import Codebook
from g7classify.errors import DataError
from g7classify.learn import calibrate, fit, split
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import ROUNDS, Evaluation, Summary, compare, summarise
from g7classify.learn.recipe import Recipe
from training.build import SEEDS

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What decisions make of scores: each (n, k)."""

    probabilities: NDArray[np.float32]
    tags: Mask
    doubt: Mask

    def evaluate(self, dataset: Dataset) -> Evaluation:
        """All figures against the labels of the same sentences."""
        return compare(dataset, self.probabilities, {"balanced": self.tags}, self.doubt)

    def summarise(self, dataset: Dataset, *, rounds: int = ROUNDS) -> Summary:
        """The chief figures alone."""
        return summarise(dataset, self.probabilities, self.tags, rounds=rounds)

    def select(self, rows: Mask) -> Judged:
        """Those of some sentences."""
        return Judged(self.probabilities[rows], self.tags[rows], self.doubt[rows])


def judge(decisions: calibrate.Decisions, scores: Scores, codebook: Codebook) -> Judged:
    """Scores (n, k) under given decisions, at the balanced operating point."""
    probabilities, tags, doubt = decisions.judge(scores, codebook)
    return Judged(probabilities, tags["balanced"], doubt)


def cross_judge(scores: Scores, folds: NDArray[np.int64], dataset: Dataset, recipe: Recipe) -> Judged:
    """Scores (n, k), those of each fold under decisions fitted on the other folds."""
    probabilities, tags, doubt = fit.cross_decide(scores, folds, dataset, recipe)
    return Judged(probabilities, tags["balanced"], doubt)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Labelled rows and how they are parted.

    Attributes:
        recipe: says how.
        dataset: n rows, the seeds first.
        folds: (n,), the fold of each row.
        judged: the folds that figures are of.
        telling: (n,), the rows that figures are of: those that calibrate, see Recipe.calibrate_on.
        inner: folds (m,) within the first judged fold, for systems that were trained on the other folds alone: their
            decisions on each part of it are fitted on the rest of it.
        test: rows that were never trained on, if any.
    """

    recipe: Recipe
    dataset: Dataset
    folds: NDArray[np.int64]
    judged: tuple[int, ...]
    telling: Mask
    inner: NDArray[np.int64]
    test: Dataset | None

    @classmethod
    def read(
        cls, recipe: Recipe, data: Sequence[Path], held_out: Path | None, *, judged: tuple[int, ...] | None = None
    ) -> Self:
        """The seeds and further files, parted as `g7classify.learn.fit.train` parts them.

        Args:
            recipe: says how.
            data: labelled rows beside the seeds.
            held_out: labelled rows that nothing is trained on.
            judged: the folds that figures are of; all by default.

        Raises:
            DataError: fewer independent groups than folds, or a judged fold that there is not.
        """
        judged = tuple(range(recipe.folds)) if judged is None else tuple(sorted(judged))
        if not set(judged) <= set(range(recipe.folds)):
            raise DataError(f"the folds {judged} were to be judged: the recipe's are 0 to {recipe.folds - 1}")
        dataset = Dataset.read([SEEDS, *data])
        folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
        telling = fit.telling_rows(dataset, recipe)
        first = dataset.select(telling & (folds == judged[0]))
        inner = split.folds(first, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
        return cls(recipe, dataset, folds, judged, telling, inner, Dataset.read(held_out) if held_out else None)

    @property
    def first(self) -> int:
        """The fold of what is measured on one fold alone."""
        return self.judged[0]

    def part(self, fold: int) -> Dataset:
        """The rows of a fold that figures are of."""
        return self.dataset.select(self.telling & (self.folds == fold))

    def whole(self) -> tuple[Dataset, NDArray[np.int64]]:
        """The rows of all judged folds, fold after fold, and the fold of each."""
        order = np.concatenate([np.flatnonzero(self.telling & (self.folds == fold)) for fold in self.judged])
        return self.dataset.select(order), self.folds[order]

    def judge_whole(self, scores: Scores) -> Judged:
        """Scores of the rows of all judged folds, in the order of `whole`."""
        dataset, folds = self.whole()
        one = len(self.judged) == 1  # no other fold to fit decisions on
        return cross_judge(scores, self.inner if one else folds, dataset, self.recipe)

    def judge_first(self, scores: Scores) -> Judged:
        """Scores (m, k) of the first fold's part by systems that saw the other folds alone."""
        return cross_judge(scores, self.inner, self.part(self.first), self.recipe)

    def judge_test(self, scores: Scores, test_scores: Scores) -> Judged:
        """Scores of the test rows under decisions fitted on scores (m, k) of the first fold's part."""
        part = self.part(self.first)
        return judge(calibrate.fit(scores, part, self.recipe), test_scores, part.codebook)
