"""What the inputs of the 8-bit products are divided by, channel by channel, so that one scale a token suffices.

A few channels of the normalised tokens reach 20 times the values of the others, which are left few of the 8 bits then.
So a channel is divided by a factor before it is rounded, and the weights that it meets are multiplied by it (Xiao et
al. 2023, "SmoothQuant"). How far the channels reach is seen on random tokens, which serve as well as sentences do:
of 64 vectors the one least like its float32 self has a cosine of .9996 with either, and of .9989 without factors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify.deep.base import Layer, Weights
from g7classify.deep.embedding import Embedding, normalised

ROWS: Final = 8
TOKENS: Final = 32  # of a row
SHARE: Final = 0.6  # of a channel's reach that the factor takes away; .5 to .7 hardly differ


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """Of one layer's inputs: `attend` and `widen` (width,)."""

    attend: NDArray[np.float32]
    widen: NDArray[np.float32]


def factors(weights: Weights, layers: Sequence[Layer]) -> tuple[Factors, ...]:
    """Those of every layer; the first one's `attend` is 1, as its input comes from outside the graph."""
    shape = weights.shape
    count = min(TOKENS, shape.positions)
    numbers = np.random.default_rng(0).integers(len(weights.pieces.texts), size=(ROWS, count))
    x = Embedding(weights)(numbers.ravel(), np.tile(np.arange(count), ROWS)).reshape(ROWS, count, -1)
    found: list[Factors] = []
    for i, layer in enumerate(layers):
        attend = _factor(x, layer.attend_weight) if i else np.ones(shape.width, dtype=np.float32)
        seen = _attended(x, layer, heads=shape.heads) @ layer.attended_weight.T + layer.attended_bias
        x = normalised(x + seen, layer.attended_norm_weight, layer.attended_norm_bias, epsilon=shape.epsilon)
        found.append(Factors(attend, _factor(x, layer.widen_weight)))
        inner = _about_gelu(x @ layer.widen_weight.T + layer.widen_bias) @ layer.narrow_weight.T + layer.narrow_bias
        x = normalised(x + inner, layer.norm_weight, layer.norm_bias, epsilon=shape.epsilon)
    return tuple(found)


def _factor(x: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of the channels of tokens (rows, tokens, width) that meet weights (outputs, width)."""
    reach = np.maximum(np.abs(x).max(axis=(0, 1)), 1e-3)
    greatest = np.maximum(np.abs(weight).max(axis=0), 1e-3)
    found: NDArray[np.float32] = (reach**SHARE / greatest ** (1 - SHARE)).astype(np.float32)
    return found


def _attended(x: NDArray[np.float32], layer: Layer, *, heads: int) -> NDArray[np.float32]:
    """What the heads see (rows, tokens, width)."""
    rows, tokens, width = x.shape
    products = x @ layer.attend_weight.T + layer.attend_bias
    query, key, value = products.reshape(rows, tokens, 3, heads, -1).transpose(2, 0, 3, 1, 4)
    weights = query @ key.swapaxes(-1, -2) / np.float32((width // heads) ** 0.5)
    weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    seen: NDArray[np.float32] = (weights @ value).swapaxes(1, 2).reshape(rows, tokens, width)
    return seen


def _about_gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """GELU to the third digit (Hendrycks & Gimpel 2016): enough to see how far values reach, and NumPy has no erf."""
    found: NDArray[np.float32] = (
        x * np.float32(0.5) * (1 + np.tanh(np.float32(0.79788) * (x + np.float32(0.044715) * x**3)))
    )
    return found
