"""Scores to probabilities: a logistic curve per label, then P(category) >= P(its sub-types).

Platt 1999, "Probabilistic outputs for support vector machines"; how the curves are fitted: learn/calibrate.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from g7classify.logistic import logistic


def calibrate(
    scores: NDArray[np.float32], slope: NDArray[np.float32], intercept: NDArray[np.float32]
) -> NDArray[np.float32]:
    """1 / (1 + exp(-(slope * score + intercept))), without overflow.

    Args:
        scores: (n, k), any finite value.
        slope: (k,), positive.
        intercept: (k,)

    Returns:
        Probabilities (n, k) in 0..1.
    """
    return logistic(slope * scores + intercept)
