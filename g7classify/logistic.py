"""The logistic function, the same to the last bit on every machine and in the compiled twins (_logistic.h)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_ONE: Final = np.float32(1)
_ROUNDER: Final = np.float32(12582912)  # 1.5 * 2**23: what is added to it and taken away again is a whole number
_COEFFICIENTS: Final = tuple(  # of 2**f, in falling powers: those of Cephes' exp2f (Moshier 1992)
    np.float32(c)
    for c in (
        1.535336188319500e-4,
        1.339887440266574e-3,
        9.618437357674640e-3,
        5.550332471162809e-2,
        2.402264791363012e-1,
        6.931472028550421e-1,
        1.0,
    )
)


def logistic(z: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 / (1 + exp(-z)), to 2e-7; 3e-36 or less, and 1, beyond -83 and 83.

    Library functions differ in the last bit between processors and releases; sums, products and quotients do not.
    """
    t = np.clip(z * np.float32(-1.44269504), np.float32(-120), np.float32(120))
    whole = (t + _ROUNDER) - _ROUNDER
    f = t - whole
    power = np.full_like(f, _COEFFICIENTS[0])
    for coefficient in _COEFFICIENTS[1:]:
        power = power * f + coefficient
    found: NDArray[np.float32] = _ONE / (_ONE + np.ldexp(power, whole.astype(np.int32)))
    return found
