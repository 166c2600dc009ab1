"""Scores to probabilities: a logistic curve per label, then P(category) >= P(its sub-types).

Platt 1999, "Probabilistic outputs for support vector machines"; how the curves are fitted: learn/calibrate.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
    half = np.float32(0.5)
    probabilities: NDArray[np.float32] = half + half * np.tanh(half * (slope * scores + intercept))
    return probabilities


def raise_categories(probabilities: NDArray[np.float32], parents: NDArray[np.int64]) -> NDArray[np.float32]:
    """The same probabilities (n, k) with every category at least as probable as each of its sub-types.

    `parents` (k,) holds the column of each label's category, -1 for a category.
    """
    # One maximum a category, not one a sub-type: for one sentence 10 us instead of 57.
    categories = np.flatnonzero(parents < 0)
    family = parents.copy()
    family[categories] = categories
    order = family.argsort(kind="stable")
    raised = probabilities.copy()
    raised[:, categories] = np.maximum.reduceat(probabilities[:, order], family[order].searchsorted(categories), axis=1)
    return raised
