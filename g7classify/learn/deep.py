"""A head of your own on a deep model: its transformer stays as it is, labels and decisions are yours.

Logistic regression on the sentence vectors (n, w), each dimension brought to mean 0 and variance 1, and beside them on
the n-grams of a table, which know names and terms that a vector blurs; what the two weigh, and how strong the pull to 0
is, cross-validation chooses, for the figures of a fold on the other folds. With 3,449 rows of our task such a head on
multilingual-e5-small reached a macro-F1 of .514, logistic regression on its vectors alone .487; with 34,746 .642 and
.557 (benchmarks/curves.py). Vectors are computed once: that is where the time goes, at the deep tier's speed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.deep.model import DeepModel, Grams, encoder_of

with extras.needed("train", by="training"):
    from scipy.sparse import csr_array, hstack

    from g7classify.learn import linear, solver, split
from g7classify.learn.dataset import Dataset
from g7classify.learn.fit import decide, deciding_rows, describe
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.learn.linear import Progress
from g7classify.learn.pace import Pace
from g7classify.learn.recipe import Recipe
from g7classify.logistic import logistic

COSTS: Final = (1.0, 3.0, 10.0, 30.0, 100.0)  # what a row weighs against the pull to 0
SHARES: Final = (0.5, 2.0)  # what n-grams weigh beside a vector, whose length is about 1
Setting = TypeVar("Setting")
PARTS: Final = 10  # in which rows are read, with a report of each


@dataclass(frozen=True, slots=True, eq=False)
class TrainedHead:
    """A deep model with a new head, and what cross-validation says of it.

    Attributes:
        model: trained on all rows.
        cost, share: those that were chosen; share is 0 without n-grams.
        evaluation: each fold scored and decided by what was fitted on the others. The transformer saw the rows that
            its card names; of these it says too much.
    """

    model: DeepModel
    cost: float
    share: float
    evaluation: Evaluation


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Scores (n, k) are vectors (n, w) @ weights (w, k) + bias (k,), and what n-grams add, if they do."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    grams: linear.Linear | None = None

    def scores(self, vectors: NDArray[np.float32], counts: csr_array | None = None) -> NDArray[np.float64]:
        """Of n vectors (n, w), and counts of n-grams (n, d) if these add to the scores."""
        found: NDArray[np.float64] = vectors @ self.weights + self.bias
        return found if self.grams is None or counts is None else found + self.grams.scores(counts)


def train(
    dataset: Dataset,
    recipe: Recipe,
    base: DeepModel,
    *,
    ngrams: bool = True,
    data_sha256: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> TrainedHead:
    """Read all rows with a deep model's transformer, cross-validate, calibrate, and fit a head on all of them.

    Args:
        dataset: n labelled sentences, of any codebook.
        recipe: folds, calibration, seed, epochs, and which n-grams; `cost` and `vectors` are a table's and not used.
        base: whose transformer reads; deep.model.plain() is the transformer before it learned our labels.
        ngrams: whether n-grams add to the scores.
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
    counts = linear.count_features(dataset.texts, recipe.spec) if ngrams else None
    settings = [(cost, share) for cost in COSTS for share in (SHARES if ngrams else (0.0,))]
    report(steps - 1, steps, f"fitting {labels.shape[1]} labels on {len(dataset)} rows, in {len(settings)} ways")
    crossed = {
        (cost, share): cross_score(vectors, labels, folds, recipe, cost=cost, share=share, counts=counts)
        for cost, share in settings
    }
    cost, share = best(crossed, labels)
    scores = unpicked(crossed, labels, folds)
    decisions, evaluation = decide(scores[telling], folds[telling], dataset.select(telling), recipe)
    head = fit(vectors, labels, recipe, cost=cost, share=share, counts=counts)
    model = replace(
        base,
        info=describe(dataset, recipe, evaluation, base.info.data_sha256 | (data_sha256 or {})),
        codebook=dataset.codebook,
        head=head.weights.T.astype(np.float32),
        bias=head.bias.astype(np.float32),
        grams=None if head.grams is None else grams(head.grams, recipe),
        slope=decisions.slope,
        intercept=decisions.intercept,
        thresholds=decisions.thresholds,
        bands=decisions.bands,
    )
    report(steps, steps, "done")
    return TrainedHead(model, cost, share, evaluation)


def grams(fitted: linear.Linear, recipe: Recipe) -> Grams:
    """What n-grams add, its weights rounded to int8."""
    table, scale = linear.quantise(fitted)
    return Grams(spec=recipe.spec, table=table, scale=scale, pivot=fitted.pivot)


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


def fit(
    vectors: NDArray[np.float32],
    labels: NDArray[np.float32],
    recipe: Recipe,
    *,
    cost: float,
    share: float = 0.0,
    counts: csr_array | None = None,
) -> Head:
    """One logistic regression a label.

    Args:
        vectors: (n, w)
        labels: (n, k)
        recipe: epochs and seed; what weighs the n-grams.
        cost: what a row weighs against the pull to 0.
        share: what n-grams weigh beside a vector; see SHARES.
        counts: of n-grams (n, d), if these are to add to the scores.
    """
    n, width = vectors.shape
    mean, spread = vectors.mean(axis=0, dtype=np.float64), vectors.std(axis=0, dtype=np.float64)
    scale = 1 / (np.maximum(spread, 1e-6) * np.sqrt(width))
    seen = csr_array(((vectors - mean) * scale).astype(np.float32))
    costs = np.full(n, cost, dtype=np.float32)
    if counts is None:
        weights, bias = solver.fit(seen, labels, costs, epochs=recipe.epochs, seed=recipe.seed)
        folded = weights.astype(np.float64) * scale[:, None]
        return Head(folded, bias - mean @ folded)
    idf, step = linear.fit_idf(counts, power=recipe.idf_power)
    pivot, weighed = linear.pivoted(counts, idf, step, recipe.pivot)
    weighed.data *= np.float32(share)
    both = csr_array(hstack((seen, weighed), format="csr"))
    weights, bias = solver.fit(both, labels, costs, epochs=recipe.epochs, seed=recipe.seed)
    folded = weights[:width].astype(np.float64) * scale[:, None]
    added = weights[width:].T.astype(np.float64) * share
    return Head(folded, bias - mean @ folded, linear.Linear(idf, step, pivot, added, np.zeros(len(added))))


def cross_score(
    vectors: NDArray[np.float32],
    labels: NDArray[np.float32],
    folds: NDArray[np.int64],
    recipe: Recipe,
    *,
    cost: float,
    share: float = 0.0,
    counts: csr_array | None = None,
) -> NDArray[np.float64]:
    """Scores (n, k), each by a head that did not see its fold. Arguments are those of `fit`."""
    scores = np.zeros(labels.shape)
    for fold in range(recipe.folds):
        rest, held_out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        known, judged = (None, None) if counts is None else (counts[rest], counts[held_out])
        head = fit(vectors[rest], labels[rest], recipe, cost=cost, share=share, counts=known)
        scores[held_out] = head.scores(vectors[held_out], judged)
    return scores


def best(crossed: dict[Setting, NDArray[np.float64]], labels: NDArray[np.float32]) -> Setting:
    """The setting whose cross-validated scores (n, k) tell labels (n, k) best."""
    return min(crossed, key=lambda tried: log_loss(crossed[tried], labels))


def unpicked(
    crossed: dict[Setting, NDArray[np.float64]], labels: NDArray[np.float32], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Cross-validated scores (n, k), those of a fold at the setting that the other folds like best.

    Picked on the fold itself, the best of several would look better than it is.
    """
    scores = np.zeros(labels.shape)
    for fold in np.unique(folds):
        own = folds == fold
        setting = best({tried: found[~own] for tried, found in crossed.items()}, labels[~own])
        scores[own] = crossed[setting][own]
    return scores


def log_loss(scores: NDArray[np.float64], labels: NDArray[np.float32]) -> float:
    """The mean of -log(probability of what is the case)."""
    right = np.where(labels > 0, scores, -scores).astype(np.float32)
    return float(-np.log(np.maximum(logistic(right), 1e-7)).mean())
