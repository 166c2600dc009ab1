"""What probabilities are worth: how often they hold, and what each threshold would give."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import metrics
from g7classify.codebook import Codebook
from g7classify.learn.judging.evaluation import Calibration, Curve, Reliability, known

Bools = NDArray[np.bool_]
Probabilities = NDArray[np.float32]

BINS: Final = 15  # as in metrics.calibration_error
MOST_POINTS: Final = 50  # of a curve


def calibration(labels: Bools, probabilities: Probabilities, codebook: Codebook) -> Calibration:
    """Of all categories in one pot, of all sub-types, and of each label, from labels and probabilities (n, k)."""
    columns = {name: np.array([i]) for i, name in enumerate(codebook.names)}
    categories, subtypes = (np.flatnonzero(mask) for mask in (codebook.parents < 0, codebook.parents >= 0))
    return Calibration(
        categories=reliability(labels[:, categories], probabilities[:, categories]),
        subtypes=reliability(labels[:, subtypes], probabilities[:, subtypes]) if len(subtypes) else None,
        labels={name: reliability(labels[:, one], probabilities[:, one]) for name, one in columns.items()},
    )


def reliability(labels: Bools, probabilities: Probabilities) -> Reliability:
    """Of labels and probabilities (n, m) in one pot; the errors are means over the m labels."""
    flat = probabilities.ravel().astype(np.float64)
    # Of float32, as in metrics.calibration_error, so that both put what lies on an edge into the same bin.
    which = np.minimum((probabilities.ravel() * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(which, minlength=BINS)
    some = counts > 0
    told, held = (np.bincount(which, values, BINS)[some] / counts[some] for values in (flat, labels.ravel()))
    errors, squares, losses = (
        metrics.mean_of_known(figure(labels, probabilities))
        for figure in (metrics.calibration_error, metrics.brier, metrics.log_loss)
    )
    return Reliability(
        decisions=tuple(counts[some].tolist()),
        probability=rounded(told),
        frequency=rounded(held),
        calibration_error=known(errors),
        brier=known(squares),
        log_loss=known(losses),
    )


def curve(labels: Bools, probabilities: Probabilities, threshold: float) -> Curve:
    """What thresholds would give one label.

    Args:
        labels: (n,), true at least once.
        probabilities: (n,)
        threshold: the label's own, which is one of the curve's.
    """
    ranked, right = (np.sort(part.astype(np.float64)) for part in (probabilities, probabilities[labels]))
    half = MOST_POINTS // 2
    by_recall = right[np.linspace(0, len(right) - 1, half).round().astype(np.int64)]
    by_threshold = np.linspace(right[0], right[-1], half - 1)
    # Rounded down, so that a threshold still finds the row that it is the probability of.
    thresholds = np.unique(np.floor(np.concatenate((by_recall, by_threshold, [threshold])) * 1e6) / 1e6)
    above, hits = (len(part) - np.searchsorted(part, thresholds) for part in (ranked, right))
    precision = np.divide(hits, above, out=np.full(len(hits), np.nan), where=above > 0)
    return Curve(
        own=float(np.floor(threshold * 1e6) / 1e6),
        threshold=tuple(thresholds.tolist()),
        precision=tuple(map(known, precision)),
        recall=rounded(hits / len(right)),
        f1=rounded(2 * hits / (above + len(right))),
    )


def rounded(values: NDArray[Any]) -> tuple[float, ...]:
    """Figures to 4 places."""
    return tuple(round(float(value), 4) for value in values)
