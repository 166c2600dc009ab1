"""How well tags and probabilities agree with labels. An undefined figure is NaN, never 0.

F1 and its macro and micro means: Yang 1999, "An evaluation of statistical approaches to text categorization".
Counts add up over sentences, so that what depends on them alone can be resampled by sums: see learn/resampling.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

TINY: Final = 1e-7  # what a probability is kept from 0 and 1 by, where its logarithm is taken


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Per label (k,), or (rounds, k) of many resamplings: true positives, tagged and labelled sentences."""

    hits: Floats
    tagged: Floats
    labelled: Floats

    @property
    def precision(self) -> Floats:
        """hits / tagged, NaN where nothing was tagged."""
        return ratio(self.hits, self.tagged)

    @property
    def recall(self) -> Floats:
        """hits / labelled, NaN where nothing was labelled."""
        return ratio(self.hits, self.labelled)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall; NaN where nothing was labelled: no figure can be right there."""
        f1 = ratio(2 * self.hits, self.tagged + self.labelled)
        f1[self.labelled == 0] = np.nan
        return f1

    @property
    def micro_f1(self) -> float:
        """F1 of all labels' decisions in one pot."""
        return float(self.means[..., 1])

    @property
    def macro_f1(self) -> float:
        """Mean of the labels' F1 over the labels that occur."""
        return float(self.means[..., 0])

    @property
    def means(self) -> Floats:
        """Macro and micro F1 (..., 2)."""
        hits, tagged, labelled = (part.sum(axis=-1) for part in (self.hits, self.tagged, self.labelled))
        return np.stack((means_of_known(self.f1), ratio(2 * hits, tagged + labelled)), axis=-1)

    def select(self, columns: NDArray[np.int64]) -> Counts:
        """The same counts for some columns."""
        return Counts(self.hits[..., columns], self.tagged[..., columns], self.labelled[..., columns])


def count(labels: Bools, tags: Bools) -> Counts:
    """Hits, tagged and labelled sentences a label, from labels (n, k) and tags (n, k)."""
    return Counts(*(part.sum(axis=0, dtype=np.float64) for part in (labels & tags, tags, labels)))


def samples_f1(labels: Bools, tags: Bools) -> Floats:
    """F1 of each sentence's tags (n,), as sets; NaN of a sentence with neither label nor tag: there is nothing to find.

    Godbole & Sarawagi 2004, "Discriminative methods for multi-labeled classification".
    """
    hits, both = (labels & tags).sum(axis=1), labels.sum(axis=1) + tags.sum(axis=1)
    return ratio(2.0 * hits, both.astype(np.float64))


def means_of_known(values: Floats) -> Floats:
    """The means (...) of what is no NaN along the last axis; NaN where nothing is known."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1).astype(np.float64))


def mean_of_known(values: Floats) -> float:
    """The mean of what is no NaN; NaN if nothing is known."""
    return float(means_of_known(values))


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


def brier(labels: Bools, probabilities: NDArray[np.float32]) -> Floats:
    """Mean squared error of each label's probabilities (k,); NaN without sentences.

    Brier 1950, "Verification of forecasts expressed in terms of probability".
    """
    return _column_means((probabilities.astype(np.float64) - labels) ** 2)


def log_loss(labels: Bools, probabilities: NDArray[np.float32]) -> Floats:
    """Mean -log of the probability of what is the case, for each label (k,), in nats. NaN without sentences.

    Probabilities are kept from 0 and 1 by TINY: one sentence that was held impossible is not the whole figure.
    """
    right = np.where(labels, probabilities, 1 - probabilities.astype(np.float64))
    return _column_means(-np.log(np.maximum(right, TINY)))


def _column_means(values: Floats) -> Floats:
    means: Floats = values.mean(axis=0) if len(values) else np.full(values.shape[1], np.nan)
    return means


def ratio(over: Floats, under: Floats) -> Floats:
    """over / under, NaN where that is undefined."""
    quotient: Floats = np.divide(over, under, out=np.full(np.shape(over), np.nan), where=under > 0)
    return quotient
