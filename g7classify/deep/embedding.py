"""Token numbers to the vectors that go into the first layer.

In NumPy, straight from the base's 4-bit blocks: 0.1 ms a sentence, where the layers take 5 (one core), and the graph is
22 MB in the cache instead of 90.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from g7classify.deep.base import Weights


class Embedding:
    """Looks up tokens; const, so that threads may share it."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._positions = weights.positions()
        self._norm = weights.embedded_norm()

    def __call__(self, numbers: NDArray[np.integer[Any]], places: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Vectors (m, width) of m tokens, each at a place in its sentence, counted from 0."""
        embedded = self._weights.words(numbers)
        embedded += self._positions[places]
        return normalised(embedded, *self._norm, epsilon=self._weights.shape.epsilon)


def normalised(
    x: NDArray[np.float32], weight: NDArray[np.float32], bias: NDArray[np.float32], *, epsilon: float
) -> NDArray[np.float32]:
    """Layer normalisation (Ba et al. 2016) of vectors (..., width)."""
    x = x - x.mean(axis=-1, keepdims=True)
    x /= np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    x *= weight
    x += bias
    return x
