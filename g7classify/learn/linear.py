"""One-vs-rest logistic regression over hashed n-grams, as it is fitted and as a table holds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from g7classify import features
from g7classify.features import FeatureSpec
from g7classify.learn import solver
from g7classify.learn.vectors import Scaled
from g7classify.model import Model
from g7classify.vectorfile import Vectors

Progress = Callable[[int, int, str], None]
STEPS = 127  # of an int8 column, either way
PIVOT_DECIMALS = 2  # so that the last bit of a mean over all rows does not decide a model's bytes


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Weights before quantisation.

    Attributes:
        idf: (d,), 0 for a bucket that no training row used.
        norm_step: what one step of the norm column is worth; the norm column is round(idf**2 / norm_step).
        pivot: added to the norm; the mean norm of the training rows, unless a recipe says otherwise.
        weights: (k, d), on counts * idf / (pivot + norm).
        bias: (k,)
    """

    idf: NDArray[np.float64]
    norm_step: float
    pivot: float
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    @property
    def norm_column(self) -> NDArray[np.int8]:
        """Squared idf in steps (d,): training and tagging norm by the same numbers."""
        return norm_column(self.idf, self.norm_step)

    def scores(self, counts: csr_array) -> NDArray[np.float64]:
        """(n, k)"""
        weighed = weigh(counts, self.idf, self.norm_step, self.pivot)
        return np.asarray(weighed @ self.weights.T) + self.bias


def count_features(texts: Sequence[str], spec: FeatureSpec) -> csr_array:
    """How often each text has a feature in each bucket: (n, d)."""
    buckets, offsets = features.buckets(texts, spec)
    # The solver reads 32-bit indices: up to 2**31 features in all, some six million sentences.
    ones = np.ones(len(buckets), np.float32)
    counts = csr_array((ones, buckets, offsets.astype(np.int32)), shape=(len(texts), spec.buckets))
    counts.sum_duplicates()
    return counts


def fit_idf(counts: csr_array, *, power: float) -> tuple[NDArray[np.float64], float]:
    """Inverse document frequencies (d,), smoothed as in scikit-learn's TfidfTransformer, to a power; the norm step."""
    n = counts.shape[0]
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.where(frequency > 0, (np.log((1 + n) / (1 + frequency)) + 1) ** power, 0.0)
    return idf, float((idf**2).max(initial=1.0) / STEPS)


def norm_column(idf: NDArray[np.float64], step: float) -> NDArray[np.int8]:
    """Squared idf in steps, at least one where idf is not 0."""
    column: NDArray[np.int8] = np.where(idf > 0, np.clip(np.round(idf**2 / step), 1, STEPS), 0).astype(np.int8)
    return column


def norms(counts: csr_array, idf: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """The additive stand-in for the L2 norm of counts * idf: (n,)."""
    squared: NDArray[np.float64] = counts @ (norm_column(idf, step) * step)
    return np.sqrt(np.maximum(squared, 1e-12))


def weigh(counts: csr_array, idf: NDArray[np.float64], step: float, pivot: float) -> csr_array:
    """Counts times idf over pivot + norm: (n, d)."""
    length = (pivot + norms(counts, idf, step)).astype(np.float32)
    # In place and in float32: of 460,000 sentences, 150 million values.
    data = counts.data * idf.astype(np.float32)[counts.indices]
    data /= np.repeat(length, np.diff(counts.indptr))
    return csr_array((data, counts.indices, counts.indptr), shape=counts.shape)


def pivoted(counts: csr_array, idf: NDArray[np.float64], step: float, pivot: float = 1.0) -> tuple[float, csr_array]:
    """What is added to the norms, given in means of the norms of these rows, and the rows (n, d) weighed with it."""
    added = round(pivot * float(norms(counts, idf, step).mean()), PIVOT_DECIMALS)
    return added, weigh(counts, idf, step, added)


def fit(
    counts: csr_array,
    targets: NDArray[np.float32],
    costs: NDArray[np.float32],
    *,
    epochs: int,
    idf_power: float,
    seed: int,
    pivot: float = 1.0,
    vectors: Vectors | None = None,
) -> Linear:
    """One logistic regression a label.

    Args:
        counts: (n, d)
        targets: (n, k), labels as 0 and 1, or probabilities.
        costs: (n,) or (n, k), what each row, and each label of a row, weighs against the L2 norm: C of LIBLINEAR. At 0
            a row says nothing of a label.
        epochs: visits of each row.
        idf_power: 1 = ordinary TF-IDF; more = rare features weigh more.
        seed: of the order of the rows.
        pivot: what is added to the norms, in means of theirs.
        vectors: of the same n-grams, to learn from too: see vectors.py. Their idf is used then, whatever `idf_power`.
    """
    idf, step = fit_idf(counts, power=idf_power) if vectors is None else (vectors.idf, vectors.norm_step)
    added, weighed = pivoted(counts, idf, step, pivot)
    if vectors is None:
        weights, bias = solver.fit(weighed, targets, costs, epochs=epochs, seed=seed)
        fitted = Linear(idf, step, added, weights.T.astype(np.float64), bias.astype(np.float64))
    else:
        found = weighed @ vectors.rows
        scaled = Scaled.fit(found)
        both = solver.fit(scaled.beside(weighed, found), targets, costs, epochs=epochs, seed=seed)
        folded, moved = scaled.fold(vectors.rows, *(part.astype(np.float64) for part in both))
        fitted = Linear(idf, step, added, folded.T, moved)
    # A label that holds for no row, or for all, has nothing to learn but how often it holds.
    known = np.broadcast_to(costs.reshape(len(costs), -1) > 0, targets.shape)
    positive, rows = (targets * known).sum(axis=0, dtype=np.float64), known.sum(axis=0)
    for column in np.flatnonzero((positive == 0) | (positive == rows)):
        share = (positive[column] + 0.5) / (rows[column] + 1)
        fitted.weights[column], fitted.bias[column] = 0.0, np.log(share / (1 - share))
    return fitted


def refit(
    prior: Linear,
    counts: csr_array,
    targets: NDArray[np.float32],
    costs: NDArray[np.float32],
    *,
    epochs: int,
    seed: int,
    kept: int = 0,
) -> Linear:
    """Go on from what was fitted earlier, on other rows: each weight is pulled to what it was, instead of to 0.

    The norms stay as they are, so that a label that no row speaks of keeps its scores; and so do the biases of the
    first `kept` labels, as rows that were picked for others say nothing of how rare these are. Arguments are those of
    `fit`, the k labels those of `prior`; a new one has weights of 0 there. A proximal step (Parikh & Boyd 2014,
    "Proximal algorithms"), as elastic weight consolidation takes it where all weights matter alike (Kirkpatrick et al.
    2017).
    """
    weighed = weigh(counts, prior.idf, prior.norm_step, prior.pivot)
    costs = np.broadcast_to(costs.reshape(len(targets), -1), targets.shape)
    weights, bias = prior.weights.copy(), prior.bias.copy()
    for part, fixed in ((slice(0, kept), True), (slice(kept, None), False)):
        if not weights[part].size:
            continue
        start = np.ascontiguousarray(prior.weights[part].T, np.float32), prior.bias[part].astype(np.float32)
        found, moved = solver.fit(
            weighed, targets[:, part], costs[:, part], epochs=epochs, seed=seed, prior=start, fixed_bias=fixed
        )
        weights[part], bias[part] = found.T, moved
    return replace(prior, weights=weights, bias=bias)


def of(model: Model) -> Linear:
    """What the table of a model stands for: weights to the step, idf from the norm column, which is coarser."""
    table, step = model.table, float(model.scale[-1])
    idf = np.sqrt(table[:, -1].astype(np.float64) * step)
    folded = table[:, :-1].astype(np.float64) * model.scale[:-1]
    weights = np.divide(folded.T, idf, out=np.zeros(folded.T.shape), where=idf > 0)
    return Linear(idf, step, model.pivot, weights, model.bias.astype(np.float64))


def extended(prior: Linear, counts: csr_array, *, labels: int) -> Linear:
    """What was fitted earlier, ready for new rows (n, d) and some new labels, whose weights are 0.

    A bucket that no earlier row used is as rare as the rarest.
    """
    new = (prior.idf == 0) & (np.bincount(counts.indices, minlength=len(prior.idf)) > 0)
    idf = np.where(new, np.sqrt(STEPS * prior.norm_step), prior.idf)
    weights = np.concatenate((prior.weights, np.zeros((labels, len(idf)))))
    return replace(prior, idf=idf, weights=weights, bias=np.append(prior.bias, np.zeros(labels)))


def quantise(linear: Linear) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The table (d, k + 1) of weight * idf in int8 steps, the norm column last, and each column's step (k + 1,)."""
    folded = (linear.weights * linear.idf).T
    scale = np.maximum(np.abs(folded).max(axis=0) / STEPS, 1e-9).astype(np.float32)
    table = np.empty((folded.shape[0], folded.shape[1] + 1), dtype=np.int8)
    table[:, :-1] = np.round(folded / scale)
    table[:, -1] = linear.norm_column
    return table, np.append(scale, np.float32(linear.norm_step))


def rounded(linear: Linear) -> Linear:
    """What was fitted, with the weights that its int8 table stands for."""
    table, scale = quantise(linear)
    folded = (table[:, :-1] * scale[:-1]).T
    weights = np.divide(folded, linear.idf, out=np.zeros(folded.shape), where=linear.idf > 0)
    return replace(linear, weights=weights)
