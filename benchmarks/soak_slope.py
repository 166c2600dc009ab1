"""The slope of a series of measurements, and an interval of it that does not take them for independent.

What a process holds now is about what it held a moment ago, so an interval by the formula of least squares would be far
too narrow. The series is cut into batches of consecutive points, a line is laid through the means of the batches, and
what correlation is left between neighbouring residuals widens the interval: the variance is multiplied by
(1 + r) / (1 - r), the degrees of freedom shrink by as much (Bayley & Hammersley 1946). With r near 1, as of a random
walk, that is little better than no interval, and rightly so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import t

BATCHES = 20
MOST_CORRELATED = 0.95  # beyond it a variance that is estimated from 20 batches says nothing


@dataclass(frozen=True, slots=True)
class Slope:
    """What a series grows by, per unit of x.

    Attributes:
        slope: by least squares over the means of batches.
        low, high: a 95 % confidence interval.
        correlation: of neighbouring residuals, that was reckoned with.
    """

    slope: float
    low: float
    high: float
    correlation: float

    def to_dict(self) -> dict[str, float]:
        """For records, to four digits."""
        return {name: float(f"{value:.4g}") for name, value in asdict(self).items()}


def slope(x: Sequence[float], y: Sequence[float]) -> Slope:
    """The slope of y over x.

    Args:
        x: (n,), increasing, of BATCHES points or more.
        y: (n,)
    """
    at, height = (np.array([part.mean() for part in np.array_split(np.asarray(one, float), BATCHES)]) for one in (x, y))
    at -= at.mean()
    square = float(at @ at)
    found = float(at @ height) / square
    rest = height - height.mean() - found * at
    spread = float(rest @ rest)
    if spread == 0:
        return Slope(found, found, found, 0.0)
    # A line that was fitted takes with it some of the correlation, about (2 + 4 r) / n of it (Kendall 1954).
    raw = float(rest[1:] @ rest[:-1]) / spread
    correlation = min(max(raw + (2 + 4 * raw) / BATCHES, 0.0), MOST_CORRELATED)
    wider = (1 + correlation) / (1 - correlation)
    error = math.sqrt(spread / (BATCHES - 2) / square * wider)
    reach = float(t.ppf(0.975, max((BATCHES - 2) / wider, 1.0))) * error
    return Slope(found, found - reach, found + reach, correlation)
