"""A head of your own on a shipped deep model: its transformer stays as it is, labels and decisions are yours.

Logistic regression on the sentence vectors (n, w), each dimension brought to mean 0 and variance 1; as strong a pull to
0 as cross-validation likes best, or, for the figures of a fold, as the other folds do. Vectors are computed once: that
is where the time goes, at the deep tier's speed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify.deep.model import DeepModel, encoder_of
from g7classify.errors import MissingExtraError

try:
    from scipy.sparse import csr_array

    from g7classify.learn import solver, split
except ModuleNotFoundError as error:
    message = f"training needs {error.name}, which is not installed: pip install 'g7classify[train]'"
    raise MissingExtraError(message) from error
from g7classify.learn.dataset import Dataset
from g7classify.learn.fit import decide, deciding_rows, describe
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.learn.linear import Progress
from g7classify.learn.pace import Pace
from g7classify.learn.recipe import Recipe
from g7classify.logistic import logistic

COSTS: Final = (1.0, 3.0, 10.0, 30.0, 100.0)  # what a row weighs against the pull to 0
PARTS: Final = 10  # in which rows are read, with a report of each


@dataclass(frozen=True, slots=True, eq=False)
class TrainedHead:
    """A deep model with a new head, and what cross-validation says of it.

    Attributes:
        model: trained on all rows.
        cost: the one that was chosen.
        evaluation: each fold scored and decided by what was fitted on the others. The transformer saw the rows that
            its card names; of these it says too much.
    """

    model: DeepModel
    cost: float
    evaluation: Evaluation


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Scores (n, k) are vectors (n, w) @ weights (w, k) + bias (k,)."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Of n vectors (n, w)."""
        found: NDArray[np.float64] = vectors @ self.weights + self.bias
        return found


def train(
    dataset: Dataset,
    recipe: Recipe,
    base: DeepModel,
    *,
    data_sha256: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> TrainedHead:
    """Read all rows with a deep model's transformer, cross-validate, calibrate, and fit a head on all of them.

    Args:
        dataset: n labelled sentences, of any codebook.
        recipe: folds, calibration, seed, epochs; its `cost` and features are a table's and not used.
        base: whose transformer reads.
        data_sha256: of each training file, for the model's provenance, beside those of `base`.
        progress: called with steps done, steps in all and what is being done.

    Raises:
        DataError: fewer independent groups than folds, or rows that calibrate in one fold alone.
        MissingExtraError: what the deep tier or training needs is not installed.
    """
    report = progress or (lambda *_: None)
    steps = PARTS + 2
    report(0, steps, "finding near-duplicates")
    folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    telling = deciding_rows(dataset, recipe, folds, range(recipe.folds))
    vectors = read(dataset, base, lambda done, _, what: report(1 + done, steps, what))
    labels = dataset.labels.astype(np.float32)
    crossed = {cost: cross_score(vectors, labels, folds, recipe, cost=cost) for cost in COSTS}
    cost = best_cost(crossed, labels)
    scores = unpicked(crossed, labels, folds)
    report(steps - 1, steps, f"fitting {labels.shape[1]} labels on {len(dataset)} rows, cost {cost:g}")
    decisions, evaluation = decide(scores[telling], folds[telling], dataset.select(telling), recipe)
    head = fit(vectors, labels, recipe, cost=cost)
    model = replace(
        base,
        info=describe(dataset, recipe, evaluation, base.info.data_sha256 | (data_sha256 or {})),
        codebook=dataset.codebook,
        head=head.weights.T.astype(np.float32),
        bias=head.bias.astype(np.float32),
        slope=decisions.slope,
        intercept=decisions.intercept,
        thresholds=decisions.thresholds,
        bands=decisions.bands,
    )
    report(steps, steps, "done")
    return TrainedHead(model, cost, evaluation)


def read(dataset: Dataset, base: DeepModel, report: Progress) -> NDArray[np.float32]:
    """The vectors (n, w) of all rows."""
    report(0, PARTS, "making the transformer ready")
    encoder, n = encoder_of(base), len(dataset)
    pace = Pace(sum(map(len, dataset.texts)))  # a character takes the same time in every row, a row does not
    found = []
    for done, part in enumerate(np.array_split(np.arange(n), PARTS)):
        texts = [dataset.texts[row] for row in part.tolist()]
        found.append(encoder.vectors(texts))
        pace.count(len(texts), sum(map(len, texts)))
        report(done + 1, PARTS, f"read {sum(map(len, found)):,} of {n:,} rows, {pace.look()}")
    return np.concatenate(found)


def fit(vectors: NDArray[np.float32], labels: NDArray[np.float32], recipe: Recipe, *, cost: float) -> Head:
    """One logistic regression a label, on vectors (n, w) and labels (n, k)."""
    n, width = vectors.shape
    mean, spread = vectors.mean(axis=0, dtype=np.float64), vectors.std(axis=0, dtype=np.float64)
    scale = 1 / (np.maximum(spread, 1e-6) * np.sqrt(width))
    scaled = ((vectors - mean) * scale).astype(np.float32)
    costs = np.full(n, cost, dtype=np.float32)
    weights, bias = solver.fit(csr_array(scaled), labels, costs, epochs=recipe.epochs, seed=recipe.seed)
    folded = weights.astype(np.float64) * scale[:, None]
    return Head(folded, bias - mean @ folded)


def cross_score(
    vectors: NDArray[np.float32],
    labels: NDArray[np.float32],
    folds: NDArray[np.int64],
    recipe: Recipe,
    *,
    cost: float,
) -> NDArray[np.float64]:
    """Scores (n, k), each by a head that did not see its fold."""
    scores = np.zeros(labels.shape)
    for fold in range(recipe.folds):
        held_out = folds == fold
        scores[held_out] = fit(vectors[~held_out], labels[~held_out], recipe, cost=cost).scores(vectors[held_out])
    return scores


def best_cost(crossed: dict[float, NDArray[np.float64]], labels: NDArray[np.float32]) -> float:
    """The cost whose cross-validated scores (n, k) tell labels (n, k) best."""
    return min(crossed, key=lambda tried: log_loss(crossed[tried], labels))


def unpicked(
    crossed: dict[float, NDArray[np.float64]], labels: NDArray[np.float32], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Cross-validated scores (n, k), those of a fold at the cost that the other folds like best.

    Picked on the fold itself, the best of several costs would look better than it is.
    """
    scores = np.zeros(labels.shape)
    for fold in np.unique(folds):
        own = folds == fold
        cost = best_cost({tried: found[~own] for tried, found in crossed.items()}, labels[~own])
        scores[own] = crossed[cost][own]
    return scores


def log_loss(scores: NDArray[np.float64], labels: NDArray[np.float32]) -> float:
    """The mean of -log(probability of what is the case)."""
    right = np.where(labels > 0, scores, -scores).astype(np.float32)
    return float(-np.log(np.maximum(logistic(right), 1e-7)).mean())
