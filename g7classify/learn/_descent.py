"""The readable twin of the compiled solver: one epoch of dual coordinate descent, in NumPy.

The problem, for each label: weights w and bias b (a weight on a feature that is always 1) that minimise ::

    |w - w0|**2 / 2 + (b - b0)**2 / 2 + sum_i cost_i * (log(1 + exp(s_i)) - target_i * s_i)        s_i = w . x_i + b

w0 and b0, the prior, are 0, or what an earlier model weighed. A target is 1 or 0, or a probability between them; a row
of cost 0 says nothing of the label. The dual has one variable v_i in 0..1 a row, and w = w0 + sum_i cost_i *
(target_i - v_i) * x_i; at the optimum v_i = logistic(s_i). A step on row i solves for its v_i alone (Yu, Huang & Lin
2011, "Dual coordinate descent methods for logistic regression and maximum entropy models"; soft targets are ours): with
z = logit(v_i),

    z + cost_i * |x_i|**2 * logistic(z) = s_i + cost_i * |x_i|**2 * v_i

by Newton's method; the solution lies between logit(v_i) as it was and s_i. LIBLINEAR takes one label at a time; all
labels at once read each row of the weights once, which is what takes the time: 34,746 rows and 38 labels take 5 s in
one thread, and LIBLINEAR 75 s in two processes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify.logistic import logistic

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

DESCENT: Final = 3
"""Raised with every change of the numbers and of the arguments; _solver.c holds the same."""
LANES: Final = 8
STEPS: Final = 12
SETTLED: Final = np.float32(1e-3)
CERTAIN: Final = 15.0
"""Logit of a label, which is never doubted: the weights that such duals stand for are near enough to 0."""
_ONE, _HALF = np.float32(1), np.float32(0.5)


def descend(
    starts: Ints,
    buckets: Ints,
    values: Floats,
    order: Ints,
    cost: Floats,
    squared: Floats,
    weights: Floats,
    duals: Floats,
    moves: bool,
) -> None:
    """Visit rows in an order, and change weights and duals.

    Args:
        starts: (n + 1,), where the features of each row start.
        buckets: (m,), of the features.
        values: (m,), of the features.
        order: (r,), rows to visit.
        cost: (n, k), 0 or more.
        squared: (n,), the squared norm of each row, its constant 1 for the bias included if that moves.
        weights: (d + 1, k), the last row that of the bias.
        duals: (n, k), logits of v, k a multiple of LANES; where the weights are the prior's, those of the targets.
        moves: whether the bias does, or stays as it is.
    """
    for i in order.tolist():
        features = slice(starts[i], starts[i + 1])
        rows, x = buckets[features], values[features, None]
        # NumPy adds up rows one after the other, as the compiled loop does.
        scores = np.add.reduce(np.concatenate((weights[-1:], x * weights[rows])), axis=0)
        reach = cost[i] * squared[i]
        z = duals[i]
        before = logistic(z)
        low, high = np.minimum(z, scores), np.maximum(z, scores)
        z = z + (scores - z) / (_ONE + reach * (before * (_ONE - before)))
        total = scores + reach * before
        for _ in range(STEPS):
            p = logistic(z)
            excess = (z + reach * p) - total
            low, high = np.where(excess > 0, low, z), np.where(excess > 0, z, high)
            newton = z - excess / (_ONE + reach * (p * (_ONE - p)))
            newton = np.where((newton >= low) & (newton <= high), newton, _HALF * (low + high))
            moved = np.abs(newton - z) > SETTLED
            z = newton
            if not moved.any():
                break
        duals[i] = z
        steps = cost[i] * (before - logistic(z))
        weights[rows] += x * steps  # a row has a bucket once
        if moves:
            weights[-1] += steps
