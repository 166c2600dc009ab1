"""One-vs-rest logistic regression over hashed n-grams, as scikit-learn fits it and as a table holds it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from g7classify import features
from g7classify.features import FeatureSpec

Progress = Callable[[int, int, str], None]
STEPS = 127  # of an int8 column, either way
PIVOT_DECIMALS = 2  # so that the last bit of a mean over all rows does not decide a model's bytes


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Weights before quantisation.

    Attributes:
        idf: (d,), 0 for a bucket that no training row used.
        norm_step: what one step of the norm column is worth; the norm column is round(idf**2 / norm_step).
        pivot: the mean norm of the training rows.
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
    # LIBLINEAR reads 32-bit indices alone: up to 2**31 features in all, some six million sentences.
    counts = csr_array((np.ones(len(buckets)), buckets, offsets.astype(np.int32)), shape=(len(texts), spec.buckets))
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
    length = pivot + norms(counts, idf, step)
    data = counts.data * idf[counts.indices] / np.repeat(length, np.diff(counts.indptr))
    return csr_array((data, counts.indices, counts.indptr), shape=counts.shape)


def fit(
    counts: csr_array,
    labels: NDArray[np.bool_],
    *,
    cost: float,
    tolerance: float,
    idf_power: float,
    seed: int,
    n_jobs: int | None = None,
) -> Linear:
    """One logistic regression a label.

    LIBLINEAR's dual coordinate descent (Yu, Huang & Lin 2011): of scikit-learn's solvers the quickest on this
    shape, and it uses no threaded BLAS, so that every machine gives the same weights.

    Args:
        counts: (n, d)
        labels: (n, k)
        cost: weight of the data against the L2 norm.
        tolerance: of the stopping criterion.
        idf_power: 1 = ordinary TF-IDF; more = rare features weigh more.
        seed: of the order of the rows.
        n_jobs: processes; None = joblib's default.
    """
    idf, step = fit_idf(counts, power=idf_power)
    pivot = round(float(norms(counts, idf, step).mean()), PIVOT_DECIMALS)
    weighed = weigh(counts, idf, step, pivot)
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(fit_label)(weighed, labels[:, column], cost=cost, tolerance=tolerance, seed=seed)
        for column in range(labels.shape[1])
    )
    weights = np.array([weight for weight, _ in fitted])
    return Linear(idf, step, pivot, weights, np.array([bias for _, bias in fitted]))


def fit_label(
    weighed: csr_array, labels: NDArray[np.bool_], *, cost: float, tolerance: float, seed: int
) -> tuple[NDArray[np.float64], float]:
    """Weights (d,) and bias of one label; one that holds for no row or for all gets its smoothed frequency alone."""
    positive = int(labels.sum())
    if positive in (0, len(labels)):
        share = (positive + 0.5) / (len(labels) + 1)
        return np.zeros(weighed.shape[1]), float(np.log(share / (1 - share)))
    estimator = LogisticRegression(
        C=cost, solver="liblinear", dual=True, tol=tolerance, max_iter=200, random_state=seed, intercept_scaling=1.0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the score decides, not the dual gap
        estimator.fit(weighed, labels)
    return estimator.coef_[0], float(estimator.intercept_[0])


def quantise(linear: Linear) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """The table (d, k + 1) of weight * idf in int8 steps, the norm column last, and each column's step (k + 1,)."""
    folded = (linear.weights * linear.idf).T
    scale = np.maximum(np.abs(folded).max(axis=0) / STEPS, 1e-9).astype(np.float32)
    table = np.empty((folded.shape[0], folded.shape[1] + 1), dtype=np.int8)
    table[:, :-1] = np.round(folded / scale)
    table[:, -1] = linear.norm_column
    return table, np.append(scale, np.float32(linear.norm_step))
