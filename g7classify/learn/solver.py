"""Logistic regression for all labels at once, from labels or from probabilities.

The work is done by one of two twins, as the kernel's is (see kernel.py): compiled, or the readable `_descent`. Both,
and every machine, give the same weights to the last bit.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from g7classify import kernel
from g7classify.learn import _descent
from g7classify.learn._descent import CERTAIN, LANES, descend

if kernel.NAME == "c":
    try:
        from g7classify import _solver

        if _solver.DESCENT == _descent.DESCENT:
            descend = _solver.descend
    except ImportError:  # it is missing in a checkout that was built before there was one
        if os.environ.get("G7CLASSIFY_KERNEL") == "yes":
            raise


def fit(
    weighed: csr_array,
    targets: NDArray[np.float32],
    cost: NDArray[np.float32],
    *,
    epochs: int,
    seed: int,
    prior: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
    fixed_bias: bool = False,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (d, k) and bias (k,) of one L2-regularised logistic regression a label; see _descent.py for the method.

    Args:
        weighed: (n, d) features, each bucket of a row once.
        targets: (n, k), labels as 0 and 1, or probabilities.
        cost: (n,) or (n, k), 0 or more: what each row, and each label of a row, weighs against the L2 norm.
        epochs: visits of each row, in an order that is shuffled each time.
        seed: of the order.
        prior: weights (d, k) and bias (k,) that the norm pulls to, instead of 0.
        fixed_bias: whether the bias stays what it is in `prior`.
    """
    n, d = weighed.shape
    k = targets.shape[1]
    duals = np.zeros((n, -(-k // LANES) * LANES), np.float32)
    inside = np.clip(targets.astype(np.float64), 1e-9, 1 - 1e-9)
    # Not np.log alone: its last bit differs between processors, and three decimals of a start are enough.
    duals[:, :k] = np.clip(np.round(np.log(inside / (1 - inside)), 3), -CERTAIN, CERTAIN)
    values = weighed.data.astype(np.float32, copy=False)
    squares = csr_array((values**2, weighed.indices, weighed.indptr), shape=(n, d))
    constant = 0 if fixed_bias else 1
    squared = (constant + squares @ np.ones(d, np.float32)).astype(np.float32)
    starts, buckets = (part.astype(np.int32, copy=False) for part in (weighed.indptr, weighed.indices))
    weights = np.zeros((d + 1, duals.shape[1]), np.float32)
    if prior is not None:
        weights[:-1, :k], weights[-1, :k] = prior
    costs = np.zeros(duals.shape, np.float32)
    costs[:, :k] = cost.reshape(n, -1)
    shuffle = np.random.RandomState(seed)  # its stream is frozen, unlike default_rng's
    for _ in range(epochs):
        order = shuffle.permutation(n).astype(np.int32)
        descend(starts, buckets, values, order, costs, squared, weights, duals, not fixed_bias)
    return weights[:-1, :k], weights[-1, :k]
