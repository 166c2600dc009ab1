"""Vectors for n-grams, so that their weighed mean over a sentence is what a transformer makes of it.

Least squares with an L2 norm: of all rows R (d, w) those that minimise |X R - V|^2 + ridge |R|^2, where X (n, d) are
weighed counts and V (n, w) the first w principal components of the transformer's vectors. Solved by conjugate gradients
with the diagonal as preconditioner (Shewchuk 1994, "An introduction to the conjugate gradient method without the
agonizing pain"), all columns at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

HELD_OUT = 20  # every so many-th sentence judges


@dataclass(frozen=True, slots=True, eq=False)
class Distilled:
    """What was learned.

    Attributes:
        rows: (d, w), 0 for buckets that fewer sentences than asked for have.
        explained: R squared on sentences that it did not learn from, (w,) of each dimension.
        shares: (w,), of the variance of the transformer's vectors in each dimension.
    """

    rows: NDArray[np.float32]
    explained: NDArray[np.float64]
    shares: NDArray[np.float64]

    @property
    def overall(self) -> float:
        """R squared of all w dimensions together."""
        return float((self.explained * self.shares).sum() / self.shares.sum())


def components(vectors: NDArray[np.float32], width: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The first principal components (n, width) of vectors (n, m), and the share (width,) of the variance in each.

    Each is divided by the root of its spread, as the first would drown the others, and all of one spread amplify noise.
    """
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    values, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    first = np.argsort(values)[::-1][:width]
    found = centred @ axes[:, first].astype(np.float32)
    return found / np.sqrt(found.std(axis=0)), values[first] / values.sum()


def distil(
    weighed: csr_array,
    vectors: NDArray[np.float32],
    *,
    width: int,
    rare: int,
    ridge: float,
    steps: int,
    report: Callable[[str], None],
) -> Distilled:
    """Learn vectors of width `width`.

    Args:
        weighed: (n, d), as a table weighs counts.
        vectors: (n, m), the transformer's, of length 1.
        width: dimensions; if more than m are asked for, there are m.
        rare: buckets that fewer sentences have get zeros: they would cost room and tell little.
        ridge: weight of the L2 norm.
        steps: of conjugate gradients.
        report: told of each step.
    """
    wanted, shares = components(vectors, width)
    common = np.bincount(weighed.indices, minlength=weighed.shape[1]) >= rare
    seen = csr_array((weighed.data * common[weighed.indices], weighed.indices, weighed.indptr), shape=weighed.shape)
    held_out = np.arange(len(vectors)) % HELD_OUT == 0
    learned, turned = seen[~held_out], csr_array(seen[~held_out].T.tocsr())
    diagonal = np.asarray((learned * learned).sum(axis=0), dtype=np.float32).ravel()[:, None] + np.float32(ridge)
    rows = np.zeros((weighed.shape[1], wanted.shape[1]), np.float32)
    residual = (turned @ wanted[~held_out]).astype(np.float32)
    scaled = residual / diagonal
    direction, energy = scaled.copy(), (residual * scaled).sum(axis=0)
    for step in range(steps):
        applied = turned @ (learned @ direction) + np.float32(ridge) * direction
        length = energy / np.maximum((direction * applied).sum(axis=0), 1e-20)
        rows += length * direction
        residual -= length * applied
        scaled = residual / diagonal
        before, energy = energy, (residual * scaled).sum(axis=0)
        direction = scaled + energy / np.maximum(before, 1e-20) * direction
        explained = r_squared(seen[held_out] @ rows, wanted[held_out])
        report(f"step {step + 1} of {steps}: R squared {float((explained * shares).sum() / shares.sum()):.4f}")
    return Distilled(rows, explained, shares)


def r_squared(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each column (w,) of what was wanted (n, w): 1 = all of its variance is explained."""
    left = ((found - wanted).astype(np.float64) ** 2).sum(axis=0)
    whole: NDArray[np.float64] = ((wanted - wanted.mean(axis=0)).astype(np.float64) ** 2).sum(axis=0)
    explained: NDArray[np.float64] = 1 - left / whole
    return explained
