"""Dataset and recipe in, model out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.codebook import Codebook
from g7classify.decision import OPERATING_POINTS, OperatingPoint
from g7classify.errors import DataError, RecipeError
from g7classify.features import FeatureSpec

with extras.needed("train", by="training"):
    from joblib import delayed
    from scipy.sparse import csr_array, vstack

    from g7classify.learn import calibrate, joining, linear, split, threads, vectors
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import Evaluation, compare
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
    beside: Sequence[Dataset] = (),
    soft: Soft | None = None,
    data_sha256: dict[str, str] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Cross-validate, calibrate, fit on all rows, quantise.

    The same rows in the same order and the same recipe give the same model.

    Args:
        dataset: n labelled sentences. The same text may stand there with other labels, and teaches all of them: the
            command line refuses that; `learn.data.cleaning.settled` does so here, or leaves such rows out.
        recipe: every other choice.
        beside: more labelled sentences to learn from, of any codebook that shares labels with the dataset's: see
            joining.py. The model is neither calibrated nor judged on them.
        soft: sentences that teachers have read, to learn from too.
        data_sha256: of each training file, for the model's provenance.
        n_jobs: threads; None = all cores.
        progress: called with steps done, steps in all and what is being done.

    Raises:
        DataError: fewer independent groups than folds, teachers of folds that there are not, or rows that calibrate in
            one judged fold alone; rows beside with no label of the dataset's codebook; in a single-label task, a row
            that has not exactly one label.
        RecipeError: class weights of a label that there is not.
    """
    dataset, recipe = for_task(dataset, recipe), vectors.pinned(recipe)
    whole, known = joining.join(dataset.codebook, [dataset, *beside])
    own = slice(len(dataset))
    report = progress or (lambda *_: None)
    judged_folds = range(recipe.folds) if soft is None or soft.folds is None else sorted(soft.folds)
    if not set(judged_folds) <= set(range(recipe.folds)):
        raise DataError(f"teachers of the folds {judged_folds}: the recipe's are 0 to {recipe.folds - 1}")
    steps = len(judged_folds) + 2
    report(0, steps, "finding near-duplicates")
    folds = split.folds(whole, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    telling = deciding_rows(dataset, recipe, folds[own], judged_folds)
    counts = linear.count_features(whole.texts, recipe.spec)
    read = None if soft is None else linear.count_features(soft.texts, recipe.spec)
    report(1, steps, f"fitting {dataset.labels.shape[1]} labels on {len(whole)} rows, and on all folds but one")

    def fit_without(fold: int | None) -> linear.Linear:
        learned = np.ones(len(whole), dtype=bool) if fold is None else folds != fold
        taught = None if soft is None or read is None else Read(read, soft.targets(fold))
        return fit(counts, whole, learned, recipe, taught, known=known)

    def score(fold: int) -> NDArray[np.float64]:
        return fit_without(fold).scores(counts[np.flatnonzero(folds[own] == fold)])

    # What comes back of a fold is scores, as its weights are large.
    tasks = [*(delayed(score)(fold) for fold in judged_folds), delayed(fit_without)(None)]
    fits = threads.results(tasks, n_jobs=n_jobs)
    scores = np.full(dataset.labels.shape, np.nan)
    for done, fold in enumerate(judged_folds):
        scores[folds[own] == fold] = next(fits)
        report(2 + done, steps, f"cross-validated fold {fold + 1} of {recipe.folds}")
    fitted = next(fits)
    folds = folds[own]
    decisions, evaluation = decide(scores[telling], folds[telling], dataset.select(telling), recipe)
    info = describe(whole, recipe, evaluation, data_sha256 or {})
    model = table(fitted, decisions, info=info, codebook=dataset.codebook, spec=recipe.spec)
    report(steps, steps, "done")
    return Trained(model, folds, scores, evaluation)


def table(
    fitted: linear.Linear, decisions: calibrate.Decisions, *, info: ModelInfo, codebook: Codebook, spec: FeatureSpec
) -> Model:
    """The table, its weights rounded to int8, of a linear model of k labels and the decisions on its scores."""
    table, scale = linear.quantise(fitted)
    return Model(
        info=info,
        codebook=codebook,
        spec=spec,
        table=table,
        scale=scale,
        bias=fitted.bias.astype(np.float32),
        slope=decisions.slope,
        intercept=decisions.intercept,
        thresholds=decisions.thresholds,
        pivot=fitted.pivot,
        bands=decisions.bands,
    )


def fit(
    counts: csr_array,
    dataset: Dataset,
    rows: NDArray[np.bool_],
    recipe: Recipe,
    read: Read | None = None,
    *,
    known: NDArray[np.bool_] | None = None,
) -> linear.Linear:
    """The linear model of some rows, of which all labels are known by default, and of what a teacher has read.

    Raises:
        RecipeError, UnknownModelError: it names vectors of n-grams that there are not, or of others.
    """
    counts, targets = counts[rows], dataset.labels[rows].astype(np.float32)
    costs = row_costs(dataset.select(rows), recipe, known=None if known is None else known[rows])
    if read is not None:
        counts = csr_array(vstack((counts, read.counts)))
        targets = np.concatenate((targets, read.targets))
        costs = np.concatenate((costs, np.full(read.targets.shape, recipe.cost * recipe.soft_cost, np.float32)))
    return linear.fit(
        counts,
        targets,
        costs,
        epochs=recipe.epochs,
        idf_power=recipe.idf_power,
        seed=recipe.seed,
        pivot=recipe.pivot,
        vectors=vectors.chosen(recipe),
    )


def row_costs(dataset: Dataset, recipe: Recipe, *, known: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """What each label of each row weighs (n, k): the recipe's cost and class weights, 0 where it is not known.

    `balanced` as in scikit-learn: each side of a label weighs as half of the rows (King & Zeng 2001, "Logistic
    regression in rare events data").

    Raises:
        RecipeError: the weights name a label that there is not.
    """
    labels, names = dataset.labels, dataset.codebook.names
    known = np.ones_like(labels) if known is None else known
    holding, lacking = np.ones(len(names)), np.ones(len(names))
    if recipe.weights == "balanced":
        rows, positive = known.sum(axis=0), (labels & known).sum(axis=0)
        both = (positive > 0) & (positive < rows)
        holding[both], lacking[both] = rows[both] / (2 * positive[both]), rows[both] / (2 * (rows - positive)[both])
    elif recipe.weights != "equal":
        if unknown := recipe.weights.keys() - set(names):
            raise RecipeError(f"weights: {min(unknown)!r} is no label of the codebook {dataset.codebook.name!r}")
        holding = np.array([recipe.weights.get(name, 1.0) for name in names])
    costs: NDArray[np.float32] = (recipe.cost * known * np.where(labels, holding, lacking)).astype(np.float32)
    return costs


def for_task(dataset: Dataset, recipe: Recipe) -> Dataset:
    """The dataset with a codebook whose labels exclude each other, if the recipe's task is single-label.

    Raises:
        DataError: they do, and a row has not exactly one label.
    """
    codebook = dataset.codebook
    if recipe.task == "single-label":
        codebook = replace(codebook, exclusive=True)
    if codebook.exclusive:
        under = codebook.parents >= 0
        wrong = (dataset.labels[:, ~under].sum(axis=1) != 1) | (dataset.labels[:, under].sum(axis=1) > 1)
        for row in np.flatnonzero(wrong)[:1].tolist():
            found = [name for name, holds in zip(codebook.names, dataset.labels[row], strict=True) if holds]
            raise DataError(
                f"{dataset.ids[row]}: labelled {', '.join(found) or 'nothing'}, and {wrong.sum() - 1} more rows have "
                "not exactly one label, which a single-label task needs; mend them, or train a multi-label task"
            )
    return replace(dataset, codebook=codebook)


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
