"""Probabilities to tags: a threshold per label, closure over categories, and the band of doubt.

A model has thresholds for three operating points: `balanced` weighs precision and recall alike, `precision` tags less
and errs less, `recall` tags more and misses less.
"""

from __future__ import annotations

import math
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import Codebook
from g7classify.errors import OptionError
from g7classify.labels import short

OperatingPoint = Literal["recall", "balanced", "precision"]

MILLION: Final = 1_000_000

# In this order thresholds never fall; it is that of their rows in models and their files.
OPERATING_POINTS: Final[tuple[OperatingPoint, ...]] = get_args(OperatingPoint)


class Ranked(NamedTuple):
    """The t tags of n sentences."""

    first: NDArray[np.int64]
    """(n + 1,) the tags of sentence i are rows first[i] to first[i + 1] of the others: most probable first, of equals
    the first in the codebook."""
    columns: NDArray[np.int64]
    """(t,) of the labels."""
    probabilities: NDArray[np.float64]
    """(t,) in 0..1, rounded to six digits."""


def row(operating_point: Any) -> int:
    """The row of an operating point's thresholds.

    Raises:
        OptionError: there is no such operating point.
    """
    if operating_point not in OPERATING_POINTS:
        known = ", ".join(OPERATING_POINTS)
        raise OptionError(f"operating point: expected one of {known}, got {short(operating_point)}")
    return OPERATING_POINTS.index(operating_point)


def decide(
    probabilities: NDArray[np.float32], thresholds: NDArray[np.float32], codebook: Codebook
) -> NDArray[np.bool_]:
    """Which labels are tagged: those at or above their threshold, and the category of every tagged sub-type.

    Where labels exclude each other, the likeliest alone can be tagged.

    Args:
        probabilities: (n, k) in 0..1.
        thresholds: (k,) in 0..1.
        codebook: the k labels.

    Returns:
        Tags (n, k).
    """
    tags = probabilities >= thresholds
    if codebook.exclusive:
        tags &= likeliest(probabilities, codebook)
    return codebook.raised(tags)


def ranked(probabilities: NDArray[np.float32], tags: NDArray[np.bool_]) -> Ranked:
    """The tags (n, k) of n sentences in order; probabilities (n, k) in 0..1."""
    k = tags.shape[1]
    at = np.flatnonzero(tags)
    # One whole number a tag holds all that it is ordered by: to sort these takes a tenth of the time of an argsort.
    millionths = np.rint(probabilities.ravel()[at].astype(np.float64) * MILLION).astype(np.int64)
    sentences, columns = np.divmod(at, k)
    keys = np.sort(sentences << 36 | (MILLION - millionths) << 16 | columns)
    return Ranked(_first(tags), keys & 0xFFFF, (MILLION - (keys >> 16 & 0xFFFFF)) / MILLION)


def listed(flags: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The columns that are set in each of n rows (n, k): `first` and `columns`, as in Ranked, but in column order."""
    return _first(flags), np.flatnonzero(flags) % flags.shape[1]


def _first(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    first = np.zeros(len(flags) + 1, np.int64)
    np.cumsum(np.count_nonzero(flags, axis=1), out=first[1:])
    return first


def likeliest(probabilities: NDArray[np.float32], codebook: Codebook) -> NDArray[np.bool_]:
    """The most probable category of each sentence, and the most probable of its sub-types: bool (n, k).

    Of equals the first in the codebook is taken.
    """
    rows = np.arange(len(probabilities))
    categories = np.flatnonzero(codebook.parents < 0)
    chosen = categories[codebook.raised(probabilities)[:, categories].argmax(axis=1)]
    within = np.where(codebook.parents == chosen[:, None], probabilities, np.float32(-1))
    found = np.zeros(probabilities.shape, dtype=np.bool_)
    found[rows, within.argmax(axis=1)] = within.max(axis=1) >= 0
    found[rows, chosen] = True
    return found


def in_doubt(probabilities: NDArray[np.float32], thresholds: NDArray[np.float32], band: float) -> NDArray[np.bool_]:
    """Which decisions are close: |logit(probability) - logit(threshold)| <= band.

    Args:
        probabilities: (n, k) in 0..1.
        thresholds: (k,) in 0..1.
        band: half-width in logits, >= 0.

    Returns:
        (n, k)
    """
    middle = odds(thresholds).astype(np.float64)
    # Two comparisons, not a logarithm a label: half the time. Quotients are the same everywhere; NumPy's exponential
    # differs between processors and releases.
    narrow = math.exp(-band)
    low, high = (
        edge.astype(np.float32) for edge in (middle * narrow / (middle * narrow + 1), middle / (middle + narrow))
    )
    close: NDArray[np.bool_] = (probabilities >= low) & (probabilities <= high)
    return close


def odds(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """p / (1 - p), p kept from 0 and 1 by 1e-7."""
    tiny = np.float32(1e-7)
    inside = np.clip(probabilities, tiny, 1 - tiny)
    return inside / (1 - inside)


def logit(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """log(p / (1 - p)), p kept from 0 and 1 by 1e-7."""
    logits: NDArray[np.float32] = np.log(odds(probabilities))
    return logits
