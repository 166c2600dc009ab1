"""Dataset and recipe in, model out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from g7classify.decision import OPERATING_POINTS, OperatingPoint
from g7classify.errors import DataError, MissingExtraError

try:
    from joblib import Parallel, delayed
    from scipy.sparse import csr_array, vstack

    from g7classify.learn import calibrate, linear, split
except ModuleNotFoundError as error:
    message = f"training needs {error.name}, which is not installed: pip install 'g7classify[train]'"
    raise MissingExtraError(message) from error
from g7classify.learn.dataset import Dataset
from g7classify.learn.evaluate import Evaluation, compare
from g7classify.learn.linear import Progress
from g7classify.learn.recipe import Recipe
from g7classify.learn.soft import Soft
from g7classify.model import Model, ModelInfo


class Read(NamedTuple):
    """What a teacher has read: counts of features (m, d) and its probabilities (m, k)."""

    counts: csr_array
    targets: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model and what cross-validation says of it.

    Attributes:
        model: trained on all rows.
        folds: (n,), the fold of each row.
        scores: (n, k), of each row by a model that saw neither it nor its group nor its near-duplicates, and learned
            from no teacher that did; NaN in a fold that every teacher knew.
        evaluation: on the rows that calibrate and have such scores, each fold's decisions fitted on the other folds.
    """

    model: Model
    folds: NDArray[np.int64]
    scores: NDArray[np.float64]
    evaluation: Evaluation


def train(
    dataset: Dataset,
    recipe: Recipe,
    *,
    soft: Soft | None = None,
    data_sha256: dict[str, str] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Cross-validate, calibrate, fit on all rows, quantise.

    The same rows in the same order and the same recipe give the same model.

    Args:
        dataset: n labelled sentences.
        recipe: every other choice.
        soft: sentences that teachers have read, to learn from too.
        data_sha256: of each training file, for the model's provenance.
        n_jobs: threads; None = all cores.
        progress: called with steps done, steps in all and what is being done.

    Raises:
        DataError: fewer independent groups than folds, teachers of folds that there are not, or rows that calibrate in
            one judged fold alone.
    """
    report = progress or (lambda *_: None)
    jobs = -1 if n_jobs is None else n_jobs
    judged_folds = range(recipe.folds) if soft is None or soft.folds is None else sorted(soft.folds)
    if not set(judged_folds) <= set(range(recipe.folds)):
        raise DataError(f"teachers of the folds {judged_folds}: the recipe's are 0 to {recipe.folds - 1}")
    steps = len(judged_folds) + 2
    report(0, steps, "finding near-duplicates")
    folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    telling = deciding_rows(dataset, recipe, folds, judged_folds)
    counts = linear.count_features(dataset.texts, recipe.spec)
    read = None if soft is None else linear.count_features(soft.texts, recipe.spec)
    report(1, steps, f"fitting {dataset.labels.shape[1]} labels on {len(dataset)} rows, and on all folds but one")

    def fit_without(fold: int | None) -> linear.Linear:
        learned = np.ones(len(dataset), dtype=bool) if fold is None else folds != fold
        taught = None if soft is None or read is None else Read(read, soft.targets(fold))
        return fit(counts, dataset, learned, recipe, taught)

    # Threads: the solver works without the GIL. The last fit is of all rows.
    fits = Parallel(n_jobs=jobs, prefer="threads", return_as="generator")(
        delayed(fit_without)(fold) for fold in (*judged_folds, None)
    )
    scores = np.full(dataset.labels.shape, np.nan)
    for done, fold in enumerate(judged_folds):
        held_out = folds == fold
        scores[held_out] = next(fits).scores(counts[held_out])
        report(2 + done, steps, f"cross-validated fold {fold + 1} of {recipe.folds}")
    fitted = next(fits)
    decisions, evaluation = decide(scores[telling], folds[telling], dataset.select(telling), recipe)
    table, scale = linear.quantise(fitted)
    model = Model(
        info=describe(dataset, recipe, evaluation, data_sha256 or {}),
        codebook=dataset.codebook,
        spec=recipe.spec,
        table=table,
        scale=scale,
        bias=fitted.bias.astype(np.float32),
        slope=decisions.slope,
        intercept=decisions.intercept,
        thresholds=decisions.thresholds,
        pivot=fitted.pivot,
        bands=decisions.bands,
    )
    report(steps, steps, "done")
    return Trained(model, folds, scores, evaluation)


def fit(
    counts: csr_array, dataset: Dataset, rows: NDArray[np.bool_], recipe: Recipe, read: Read | None = None
) -> linear.Linear:
    """The linear model of some rows, and of what a teacher has read, by the recipe."""
    counts, targets = counts[rows], dataset.labels[rows].astype(np.float32)
    costs = np.full(len(targets), recipe.cost, np.float32)
    if read is not None:
        counts = csr_array(vstack((counts, read.counts)))
        targets = np.concatenate((targets, read.targets))
        costs = np.append(costs, np.full(len(read.targets), recipe.cost * recipe.soft_cost, np.float32))
    return linear.fit(counts, targets, costs, epochs=recipe.epochs, idf_power=recipe.idf_power, seed=recipe.seed)


def deciding_rows(
    dataset: Dataset, recipe: Recipe, folds: NDArray[np.int64], judged: Iterable[int]
) -> NDArray[np.bool_]:
    """The telling rows (n,) among those of some folds.

    Args:
        dataset: n rows.
        recipe: which they are.
        folds: (n,), of each row.
        judged: the folds that they may lie in.

    Raises:
        DataError: they lie in one fold alone, and what is judged in one is decided by the others.
    """
    telling = telling_rows(dataset, recipe) & np.isin(folds, list(judged))
    if len(found := np.unique(folds[telling]).tolist()) < 2:
        raise DataError(
            f"the {telling.sum()} rows that calibrate lie in the folds {found}, and what is judged in one is decided "
            "by the others: give teachers of two folds or more, or more such rows (see `calibrate_on` in the recipe)"
        )
    return telling


def decide(
    scores: NDArray[np.float64], folds: NDArray[np.int64], dataset: Dataset, recipe: Recipe
) -> tuple[calibrate.Decisions, Evaluation]:
    """Decisions fitted on out-of-fold scores (n, k) of all rows, and the rows judged by those of the other folds."""
    evaluation = compare(dataset, *cross_decide(scores, folds, dataset, recipe))
    return calibrate.fit(scores, dataset, recipe), evaluation


def telling_rows(dataset: Dataset, recipe: Recipe) -> NDArray[np.bool_]:
    """The rows (n,) that calibration and thresholds are fitted on: see Recipe.calibrate_on."""
    chosen = dataset.samples == recipe.calibrate_on
    return chosen if chosen.any() else np.ones(len(dataset), dtype=bool)


def cross_decide(
    scores: NDArray[np.float64], folds: NDArray[np.int64], dataset: Dataset, recipe: Recipe
) -> tuple[NDArray[np.float32], dict[OperatingPoint, NDArray[np.bool_]], NDArray[np.bool_]]:
    """What Decisions.judge gives, for each fold by decisions fitted on the other folds."""
    probabilities = np.zeros(scores.shape, dtype=np.float32)
    tags = {point: np.zeros(scores.shape, dtype=bool) for point in OPERATING_POINTS}
    doubt = np.zeros(scores.shape, dtype=bool)
    for fold in np.unique(folds):
        judged = folds == fold
        decisions = calibrate.fit(scores[~judged], dataset.select(~judged), recipe)
        probabilities[judged], found, doubt[judged] = decisions.judge(scores[judged], dataset.codebook)
        for point, at in found.items():
            tags[point][judged] = at
    return probabilities, tags, doubt


def describe(dataset: Dataset, recipe: Recipe, evaluation: Evaluation, data_sha256: dict[str, str]) -> ModelInfo:
    """The provenance and chief figures that travel with the model."""
    overall = evaluation.overall
    figures = {
        "category_macro_f1": overall.category_macro_f1.value,
        "subtype_macro_f1": overall.subtype_macro_f1.value,
        "subtype_micro_f1": overall.subtype_micro_f1.value,
    }
    return ModelInfo(
        name=recipe.name,
        version=recipe.version,
        description=recipe.description,
        languages=tuple(str(language) for language in np.unique(dataset.languages) if language),
        recipe_sha256=recipe.sha256,
        data_sha256=data_sha256,
        rows=len(dataset),
        metrics={name: value for name, value in figures.items() if value is not None},
    )
