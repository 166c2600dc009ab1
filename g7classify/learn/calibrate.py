"""Fit what turns scores into probabilities and tags: logistic curves, thresholds, the band of doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from g7classify import calibration, decision, metrics
from g7classify.codebook import Codebook
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Fitted numbers are rounded, so that processors whose exp() and log() differ in the last bit give the same model file.
DECIMALS = 4

# The slope of a label whose scores tell nothing: every sentence gets the label's frequency for a probability. The best
# F1 is then that of tagging every sentence, which serves nobody; the commoner decision is taken instead.
FLAT = np.float32(0.0001)
EVEN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """slope, intercept and thresholds, each (k,), and the half-width of the band of doubt in logits."""

    slope: NDArray[np.float32]
    intercept: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    band: float

    def probabilities(self, scores: Floats, codebook: Codebook) -> NDArray[np.float32]:
        """Scores (n, k) to probabilities (n, k), as a Model does it."""
        calibrated = calibration.calibrate(scores.astype(np.float32), self.slope, self.intercept)
        return codebook.raised(calibrated)

    def judge(self, scores: Floats, codebook: Codebook) -> tuple[NDArray[np.float32], Bools, Bools]:
        """Probabilities, tags and close decisions, each (n, k), of scores (n, k)."""
        probabilities = self.probabilities(scores, codebook)
        tags = decision.decide(probabilities, self.thresholds, codebook)
        return probabilities, tags, decision.in_doubt(probabilities, self.thresholds, self.band)


def fit(scores: Floats, dataset: Dataset, recipe: Recipe) -> Decisions:
    """Decisions from out-of-fold scores (n, k) of n labelled sentences."""
    k = scores.shape[1]
    curves = np.array([fit_curve(scores[:, label], dataset.labels[:, label]) for label in range(k)])
    slope, intercept = np.ascontiguousarray(np.round(curves, DECIMALS).astype(np.float32).T)
    curved = Decisions(slope, intercept, np.zeros(k, np.float32), 0.0)
    probabilities = curved.probabilities(scores, dataset.codebook)
    thresholds = np.full(k, EVEN, dtype=np.float32)
    for label in np.flatnonzero(slope > FLAT):
        found = fit_threshold(probabilities[:, label], dataset.labels[:, label], shrinkage=recipe.shrinkage)
        thresholds[label] = round(found, DECIMALS)
    tags = decision.decide(probabilities, thresholds, dataset.codebook)
    band = fit_band(probabilities, thresholds, tags != dataset.labels, share=recipe.doubt)
    return Decisions(slope, intercept, thresholds, band)


def fit_curve(scores: Floats, labels: Bools) -> tuple[float, float]:
    """Slope > 0 and intercept of the logistic curve of one label.

    Platt's targets (1999) stand in for 0 and 1, so that few positives do not make a cliff. Where the curve would
    fall, or there is nothing to fit, the curve is flat (slope FLAT) at the label's smoothed frequency.
    """
    positive = int(labels.sum())
    share = (positive + 1) / (len(labels) + 2)
    flat = (float(FLAT), float(np.log(share / (1 - share))))
    if positive in (0, len(labels)):
        return flat
    target = np.where(labels, (positive + 1) / (positive + 2), 1 / (len(labels) - positive + 2))
    doubled = np.concatenate((scores, scores))[:, None]
    outcome = np.repeat([1, 0], len(scores))
    # Newton's method on two numbers converges to the last digit, so that the result does not depend on the tolerance.
    curve = LogisticRegression(C=1e6, solver="newton-cholesky", tol=1e-8)
    curve.fit(doubled, outcome, sample_weight=np.concatenate((target, 1 - target)))
    slope = float(curve.coef_[0, 0])
    return (slope, float(curve.intercept_[0])) if slope > 2 * FLAT else flat


def fit_threshold(probabilities: NDArray[np.float32], labels: Bools, *, shrinkage: float) -> float:
    """A threshold of one label that serves F1 on new sentences.

    Two estimates are averaged. The threshold of the greatest F1 on these rows follows the data but overfits rare
    labels (Fan & Lin 2007, "A study on threshold selection for multi-label classification"). Half of the greatest
    expected F1 is optimal where probabilities are calibrated (Lipton, Elkan & Naryanaswamy 2014, "Optimal thresholding
    of classifiers to maximize F1 measure") and uses no label; it counts as `shrinkage` labelled sentences.
    """
    expected = half_expected_f1(probabilities)
    positive = int(labels.sum())
    ranked, f1 = metrics.f1_by_rank(labels, probabilities)
    best = int(f1.argmax())
    below = float(ranked[best + 1]) if best + 1 < len(ranked) else 0.0
    greatest = (float(ranked[best]) + below) / 2
    return float((positive * greatest + shrinkage * expected) / (positive + shrinkage))


def half_expected_f1(probabilities: NDArray[np.float32]) -> float:
    """Half of the greatest F1 that is expected if each probability is true."""
    ranked = np.sort(probabilities.astype(np.float64))[::-1]
    expected = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
    return float(expected.max() / 2)


def fit_band(
    probabilities: NDArray[np.float32], thresholds: NDArray[np.float32], wrong: Bools, *, share: float
) -> float:
    """The half-width in logits that holds a share of the mistakes, one for all labels."""
    if not wrong.any():
        return 0.0
    distance = np.abs(decision.logit(probabilities) - decision.logit(thresholds))
    return round(float(np.quantile(distance[wrong], share)), DECIMALS)
