"""Look for better hyper-parameters by cross-validation, within a time budget.

The recipe that was given comes first, then a handful that serve few rows or long texts, then others drawn at random
(Bergstra & Bengio 2012, "Random search for hyper-parameter optimization"), always the same ones in the same order for a
seed. Each is judged on half of the folds, and on the others only if it is not behind there, as in racing (Maron & Moore
1994, "Hoeffding races"). What counts is macro-F1 at the best threshold of each label, so that what the scores know is
compared, and no threshold that luck fitted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import extras, metrics
from g7classify.errors import OptionError

with extras.needed("train", by="training"):
    from joblib import Parallel, delayed
    from scipy.sparse import csr_array
    from sklearn.model_selection import ParameterGrid

    from g7classify.learn import fit, joining, linear, split, threads
from g7classify.features import FeatureSpec
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import best_tags
from g7classify.learn.linear import Progress
from g7classify.learn.recipe import Recipe

SPACE: Final[dict[str, list[Any]]] = {
    "cost": [5.0, 10.0, 20.0, 40.0, 80.0, 120.0, 240.0, 480.0],
    "idf_power": [1.0, 1.5, 2.0, 2.5],
    "weights": ["equal", "balanced"],
    "pairs": [True, False],
    "characters": [(3, 5), (2, 4), (2, 5), (3, 4), (3, 6), (4, 5)],
    "unspaced": [(1, 4), (1, 2), (1, 3), (2, 4)],
    "repeats": [False, True],
    "pivot": [1.0, 0.0],
}
OF_SPEC: Final = ("pairs", "characters", "unspaced", "repeats")

# The default was chosen on tens of thousands of sentences. Within 50, 123 and 492 texts of 92 words about 17 topics it
# had a cross-validated macro-F1 of .05, .18, .53 without vectors of n-grams, and repeats on the plain norm .09, .36,
# .65; within 3,449 of our sentences it had a macro average precision of .512, and those .505; at a cost of 30 vectors
# took 12,442 sentences that sound good or bad from .659 to .666. So each task is asked.
FEW: Final = 5000
FEW_ROWS: Final[tuple[dict[str, Any], ...]] = (
    {"cost": 30.0},
    {"repeats": True, "pivot": 0.0},
    {"repeats": True, "pivot": 0.0, "cost": 500.0},
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One recipe that was tried.

    Attributes:
        recipe: stating everything.
        f1: macro-F1 at the best thresholds, on the rows of the folds it was judged on.
        folds: how many these were; fewer than the recipe's if it was behind after half of them.
        seconds: that it took.
    """

    recipe: Recipe
    f1: float
    folds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Searched:
    """The best recipe, and all that were tried, in this order; the first is the one given."""

    recipe: Recipe
    tried: tuple[Tried, ...]


def search(
    dataset: Dataset,
    recipe: Recipe,
    *,
    seconds: float,
    beside: Sequence[Dataset] = (),
    n_jobs: int | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Searched:
    """Vary a recipe's cost, weighting and n-grams, and keep what cross-validation likes best.

    The given recipe is always tried, whatever time it takes; another is begun only if there is time left for it,
    going by the slowest so far. The model's size, folds, calibration, task and seed stay as they are, and weights that
    the recipe gives as a table.

    Args:
        dataset: n labelled sentences.
        recipe: to start from.
        seconds: above 0.
        beside: see fit.train.
        n_jobs: threads; None = all cores.
        progress: called with seconds gone, seconds in all and what was found.
        clock: tells seconds.

    Raises:
        OptionError: `seconds` is not above 0.
        DataError: as fit.train does.
    """
    if not seconds > 0:
        raise OptionError(f"seconds: expected more than 0, got {seconds}")
    race = Race(fit.for_task(dataset, recipe), recipe, beside, n_jobs)
    started, slowest = clock(), 0.0
    tried: list[Tried] = []
    for candidate in candidates(recipe):
        began = clock()
        if tried and began - started + slowest > seconds:
            break
        f1, folds = race.run(candidate)
        took = clock() - began
        slowest = max(slowest, took)
        tried.append(Tried(candidate, f1, folds, round(took, 2)))
        if progress is not None:
            gone = min(int(clock() - started), int(seconds))
            progress(gone, int(seconds), f"tried {len(tried)} recipes, race F1 of the best {race.best_f1:.3f}")
    return Searched(race.best, tuple(tried))


def settle(
    dataset: Dataset,
    recipe: Recipe,
    *,
    beside: Sequence[Dataset] = (),
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Searched:
    """The recipe, or of fewer than FEW rows whichever of FEW_ROWS cross-validation likes better: that takes seconds.

    The same rows in the same order and the same recipe give the same one. Arguments are those of `search`.

    Raises:
        DataError: as fit.train does.
    """
    if len(dataset) >= FEW:
        return Searched(recipe, ())
    race = Race(fit.for_task(dataset, recipe), recipe, beside, n_jobs)
    tried: list[Tried] = []
    for candidate in [recipe.complete(), *known(recipe)]:
        began = time.monotonic()
        f1, folds = race.run(candidate)
        tried.append(Tried(candidate, f1, folds, round(time.monotonic() - began, 2)))
        if progress is not None:
            progress(len(tried), 1 + len(FEW_ROWS), "trying the recipes for few rows")
    return Searched(race.best, tuple(tried))


def varied(recipe: Recipe, values: dict[str, Any]) -> Recipe:
    """The recipe, stating everything, with other values of SPACE."""
    of_spec = {name: value for name, value in values.items() if name in OF_SPEC}
    others = {name: value for name, value in values.items() if name not in OF_SPEC}
    return recipe.complete().model_copy(update=others | {"spec": replace(recipe.spec, **of_spec)})


def known(recipe: Recipe) -> list[Recipe]:
    """The recipe with each of FEW_ROWS, where that changes it."""
    found = [varied(recipe, values) for values in FEW_ROWS]
    return [candidate for candidate in found if candidate != recipe.complete()]


def candidates(recipe: Recipe) -> Iterator[Recipe]:
    """The recipe itself, those of FEW_ROWS, and then others of the space, in an order that its seed decides."""
    space = {name: values for name, values in SPACE.items() if name != "weights" or isinstance(recipe.weights, str)}
    first = [recipe.complete(), *known(recipe)]
    yield from first
    grid = ParameterGrid(space)
    # Not ParameterSampler: asked for all of them, it gives them in the order of the grid.
    for number in np.random.RandomState(recipe.seed).permutation(len(grid)).tolist():
        drawn = varied(recipe, grid[number])
        if drawn not in first:
            yield drawn


class Race:
    """The rows, how they are parted, and the best recipe so far with its out-of-fold scores."""

    whole: Dataset
    known: NDArray[np.bool_]
    folds: NDArray[np.int64]
    telling: NDArray[np.bool_]
    best: Recipe
    best_f1: float

    def __init__(self, dataset: Dataset, recipe: Recipe, beside: Sequence[Dataset], n_jobs: int | None) -> None:
        self.whole, self.known = joining.join(dataset.codebook, [dataset, *beside])
        self.folds = split.folds(self.whole, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
        self.telling = np.zeros(len(self.whole), dtype=bool)
        self.telling[: len(dataset)] = fit.deciding_rows(
            dataset, recipe, self.folds[: len(dataset)], range(recipe.folds)
        )
        self.best, self.best_f1 = recipe, float("-inf")
        self._best_scores = np.zeros(self.whole.labels.shape)
        self._parallel = Parallel(n_jobs=threads.count(n_jobs), prefer="threads")
        self._counted: tuple[FeatureSpec, csr_array] | None = None

    def run(self, recipe: Recipe) -> tuple[float, int]:
        """F1 of a recipe on the folds that it was judged on, and how many these are; the best is kept."""
        counts = self._counts(recipe.spec)
        scores = np.zeros(self.whole.labels.shape)
        middle = recipe.folds // 2
        self._score(counts, recipe, range(middle), scores)
        first = self.telling & (self.folds < middle)
        if self.best_f1 > float("-inf") and first.any():
            f1 = self._f1(scores, first)
            if f1 < self._f1(self._best_scores, first):
                return f1, middle
        self._score(counts, recipe, range(middle, recipe.folds), scores)
        f1 = self._f1(scores, self.telling)
        if f1 > self.best_f1:
            self.best, self.best_f1, self._best_scores = recipe, f1, scores
        return f1, recipe.folds

    def _counts(self, spec: FeatureSpec) -> csr_array:
        if self._counted is None or self._counted[0] != spec:
            self._counted = spec, linear.count_features(self.whole.texts, spec)
        return self._counted[1]

    def _score(self, counts: csr_array, recipe: Recipe, folds: range, scores: NDArray[np.float64]) -> None:
        def of(fold: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
            judged = np.flatnonzero(self.telling & (self.folds == fold))
            fitted = fit.fit(counts, self.whole, self.folds != fold, recipe, known=self.known)
            return judged, fitted.scores(counts[judged])

        for judged, found in self._parallel(delayed(of)(fold) for fold in folds):
            scores[judged] = found

    def _f1(self, scores: NDArray[np.float64], rows: NDArray[np.bool_]) -> float:
        """Macro-F1 of the sub-types, or of all labels where there are none; rounded, so that equals stay equal."""
        labels, parents = self.whole.labels[rows], self.whole.codebook.parents
        columns = np.flatnonzero(parents >= 0) if (parents >= 0).any() else np.arange(len(parents))
        counts = metrics.count(labels, best_tags(labels, scores[rows].astype(np.float32)))
        return round(counts.select(columns).macro_f1, 4)
