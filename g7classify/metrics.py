"""How well tags and probabilities agree with labels. An undefined figure is NaN, never 0.

F1 and its macro and micro means: Yang 1999, "An evaluation of statistical approaches to text categorization".
Every function takes `weights` (n,), how often each sentence counts, so that the bootstrap costs no copying.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Per label (k,): true positives, tagged and labelled sentences."""

    hits: Floats
    tagged: Floats
    labelled: Floats

    @property
    def precision(self) -> Floats:
        """hits / tagged, NaN where nothing was tagged."""
        return _ratio(self.hits, self.tagged)

    @property
    def recall(self) -> Floats:
        """hits / labelled, NaN where nothing was labelled."""
        return _ratio(self.hits, self.labelled)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall; NaN where nothing was labelled: no figure can be right there."""
        f1 = _ratio(2 * self.hits, self.tagged + self.labelled)
        f1[self.labelled == 0] = np.nan
        return f1

    @property
    def micro_f1(self) -> float:
        """F1 of all labels' decisions in one pot."""
        return float(_ratio(2 * self.hits.sum(keepdims=True), (self.tagged + self.labelled).sum(keepdims=True))[0])

    @property
    def macro_f1(self) -> float:
        """Mean of the labels' F1 over the labels that occur."""
        return mean_of_known(self.f1)

    def select(self, columns: NDArray[np.int64]) -> Counts:
        """The same counts for some columns."""
        return Counts(self.hits[columns], self.tagged[columns], self.labelled[columns])


def count(labels: Bools, tags: Bools, weights: Floats | None = None) -> Counts:
    """Hits, tagged and labelled sentences a label, from labels (n, k) and tags (n, k)."""
    if weights is None:
        weights = np.ones(len(labels))
    return Counts(weights @ (labels & tags), weights @ tags, weights @ labels)


def mean_of_known(values: Floats) -> float:
    """The mean of what is no NaN; NaN if nothing is known."""
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def f1_by_rank(labels: Bools, probabilities: NDArray[np.float32]) -> tuple[NDArray[np.float32], Floats]:
    """What one label's F1 is when the m most probable sentences are tagged, for m = 1..n.

    Args:
        labels: (n,)
        probabilities: (n,)

    Returns:
        The probabilities in falling order (n,), and F1 (n,), 0 where no threshold parts m from m + 1.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked, hits = probabilities[order], np.cumsum(labels[order])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + hits[-1])
    f1[:-1][ranked[:-1] == ranked[1:]] = 0
    return ranked, f1


def calibration_error(labels: Bools, probabilities: NDArray[np.float32], *, bins: int = 15) -> Floats:
    """Expected calibration error per label (k,): mean |frequency - probability| over equal-width bins.

    Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning". NaN without sentences.
    """
    n, k = labels.shape
    if n == 0:
        return np.full(k, np.nan)
    which = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    errors = np.zeros(k)
    for column in range(k):
        excess: Floats = labels[:, column] - probabilities[:, column].astype(np.float64)
        errors[column] = np.abs(np.bincount(which[:, column], weights=excess, minlength=bins)).sum() / n
    return errors


def bootstrap(
    statistic: Callable[[Floats], Floats],
    groups: NDArray[np.int64],
    *,
    rounds: int = 1000,
    coverage: float = 0.95,
    seed: int = 0,
) -> tuple[Floats, Floats]:
    """Percentile interval of a statistic of weighted sentences (Efron & Tibshirani 1993, chapter 13).

    Whole groups are drawn, as sentences of one document are not independent.

    Args:
        statistic: weights (n,) to any array of figures.
        groups: (n,), the group of each sentence as 0, 1, ...
        rounds: resamplings.
        coverage: of the interval, 0..1.
        seed: of the resampling.

    Returns:
        Lower and upper ends, each of the statistic's shape; NaN where more than half of the rounds are NaN.
    """
    random = np.random.default_rng(seed)
    size = int(groups.max()) + 1 if len(groups) else 0
    draws = np.array(
        [
            statistic(np.bincount(random.integers(0, size, size), minlength=size)[groups].astype(float))
            for _ in range(rounds)
        ]
    )
    tail = (1 - coverage) / 2
    known = np.isfinite(draws).mean(axis=0) > 0.5
    low, high = (np.nanquantile(np.where(known, draws, 0.0), q, axis=0) for q in (tail, 1 - tail))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def bootstrap_counts(
    statistic: Callable[..., Floats],
    labels: Bools,
    tags: Sequence[Bools],
    groups: NDArray[np.int64],
    *,
    rounds: int = 1000,
    coverage: float = 0.95,
    seed: int = 0,
) -> tuple[Floats, Floats]:
    """The interval that `bootstrap` gives, of what depends on counts alone, from sums over each group.

    1,000 rounds of 12,487 sentences and 38 labels take 0.85 s so, where counting anew in each round takes 4.4 s.

    Args:
        statistic: as many Counts as there are tags to any array of figures; of two tags it is a paired comparison.
        labels: (n, k)
        tags: each (n, k), of one or more systems on the same sentences.
        groups: (n,), the group of each sentence as 0, 1, ...
        rounds, coverage, seed: see bootstrap.
    """
    size, k = int(groups.max()) + 1 if len(groups) else 0, labels.shape[1]
    summed = np.zeros((size, (1 + 2 * len(tags)) * k), np.float32)  # exact up to 16 million sentences
    np.add.at(summed, groups, np.hstack((labels, *tags, *(labels & one for one in tags))).astype(np.float32))

    def of(weights: Floats) -> Floats:
        labelled, *rest = (weights.astype(np.float32) @ summed).astype(np.float64).reshape(-1, k)
        tagged, hits = rest[: len(tags)], rest[len(tags) :]
        return statistic(*(Counts(hit, tag, labelled) for hit, tag in zip(hits, tagged, strict=True)))

    return bootstrap(of, np.arange(size), rounds=rounds, coverage=coverage, seed=seed)


def _ratio(over: Floats, under: Floats) -> Floats:
    quotient: Floats = np.divide(over, under, out=np.full(np.shape(over), np.nan), where=under > 0)
    return quotient
