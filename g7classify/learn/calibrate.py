"""Fit what turns scores into probabilities and tags: logistic curves, thresholds, the band of doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from g7classify import calibration, decision
from g7classify.codebook import Codebook

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """slope, intercept, thresholds (k,) float32, and the half-width of the band of doubt in logits."""

    slope: NDArray[np.float32]
    intercept: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    band: float

    def probabilities(self, scores: Floats, codebook: Codebook) -> NDArray[np.float32]:
        """Scores (n, k) to probabilities (n, k), as a Model does it."""
        calibrated = calibration.calibrate(scores.astype(np.float32), self.slope, self.intercept)
        return calibration.raise_categories(calibrated, codebook.parents)

    def tags(self, scores: Floats, codebook: Codebook) -> Bools:
        """Scores (n, k) to tags (n, k), as a Tagger does it."""
        return decision.decide(self.probabilities(scores, codebook), self.thresholds, codebook.parents)
