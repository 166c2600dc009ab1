"""What chance does to figures of labelled sentences: intervals of one system's, and how sure two systems differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import metrics

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

ROUNDS: Final = 1000  # of the bootstrap: the ends of a 95 % interval then move in the third decimal
COVERAGE: Final = 0.95
ENTRIES: Final = 1 << 24  # of a matrix of rounds by groups: 64 MB; of fewer, threads mostly wait for one another


def group_sums(amounts: NDArray[Any], groups: NDArray[np.int64]) -> Floats:
    """Sums (g, m) of amounts (n, m) over each group.

    Args:
        amounts: (n, m) of whatever adds up: labels, tags, hits.
        groups: (n,), the group of each sentence as 0, 1, ..., g - 1; none is empty.
    """
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    summed: Floats = np.add.reduceat(amounts[order], starts, axis=0, dtype=np.float64)
    return summed


def resample(amounts: NDArray[Any], groups: NDArray[np.int64], *, rounds: int = ROUNDS, seed: int = 0) -> Floats:
    """Sums (rounds, m) of amounts (n, m) over sentences that are drawn again and again, as many groups as there are.

    The bootstrap (Efron & Tibshirani 1993, chapter 13) of whatever depends on sums alone, as counts and thus F1 do.
    Whole groups are drawn, as sentences of one document are not independent. NaN where there are less than two groups:
    one says nothing of how others would differ. Counts are exact up to 16 million.

    Args:
        amounts, groups: see group_sums.
        rounds: resamplings.
        seed: of the resampling.
    """
    if len(np.unique(groups)) < 2:
        return np.full((rounds, amounts.shape[1]), np.nan)
    summed, random = group_sums(amounts, groups).astype(np.float32), np.random.default_rng(seed)
    size = len(summed)
    parts = []
    for many in _at_once(rounds, size):
        drawn = np.zeros((many, size), dtype=np.float32)
        for weights in drawn:
            weights[:] = np.bincount(random.integers(0, size, size), minlength=size)
        parts.append((drawn @ summed).astype(np.float64))
    return np.concatenate(parts)


def interval(draws: Floats, *, coverage: float = COVERAGE) -> tuple[Floats, Floats]:
    """Lower and upper ends of the percentile interval of draws (rounds, ...); NaN where half of them or more are."""
    tail = (1 - coverage) / 2
    known = np.isfinite(draws).mean(axis=0) > 0.5
    low, high = (np.nanquantile(np.where(known, draws, 0.0), q, axis=0) for q in (tail, 1 - tail))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def bootstrap_counts(
    statistic: Callable[..., Floats],
    labels: Bools,
    tags: Sequence[Bools],
    groups: NDArray[np.int64],
    *,
    rounds: int = ROUNDS,
    coverage: float = COVERAGE,
    seed: int = 0,
) -> tuple[Floats, Floats]:
    """The interval of a statistic of counts: see resample.

    Args:
        statistic: as many Counts as there are tags to any array of figures; of two tags it is a paired comparison.
        labels: (n, k)
        tags: each (n, k), of one or more systems on the same sentences.
        groups, rounds, coverage, seed: see resample and interval.
    """
    amounts = np.hstack((labels, *tags, *(labels & one for one in tags)))
    draws = []
    for row in resample(amounts, groups, rounds=rounds, seed=seed):
        labelled, *rest = row.reshape(-1, labels.shape[1])
        draws.append(statistic(*map(metrics.Counts, rest[len(tags) :], rest[: len(tags)], repeat(labelled))))
    return interval(np.array(draws), coverage=coverage)


def exchanged(
    first: NDArray[Any], second: NDArray[Any], groups: NDArray[np.int64], *, rounds: int, seed: int = 0
) -> tuple[Floats, Floats]:
    """Sums (rounds, m) of two systems' amounts (n, m), of which each group's are exchanged with a chance of one half.

    So they would differ if it did not matter which system is which: approximate randomisation (Noreen 1989,
    "Computer-intensive methods for testing hypotheses"; for F1 Yeh 2000, "More accurate tests for the statistical
    significance of result differences"). Whole groups are exchanged, as sentences of one document are not independent.

    Args:
        first, second, groups: see group_sums.
        rounds: of exchanges.
        seed: of the exchanges.
    """
    one, other = group_sums(first, groups), group_sums(second, groups)
    change = (other - one).astype(np.float32)
    change = change[change.any(axis=1)]  # to exchange what is the same changes nothing
    random = np.random.default_rng(seed)
    parts = [
        random.integers(0, 2, (many, len(change)), dtype=np.int8).astype(np.float32) @ change
        for many in _at_once(rounds, len(change))
    ]
    moved = np.concatenate(parts).astype(np.float64)
    return one.sum(axis=0) + moved, other.sum(axis=0) - moved


def chance(difference: Floats, exchanged: Floats) -> Floats:
    """How often differences (rounds, ...) of exchanged systems are as great as the one that is (...): p of two sides.

    The difference that is counts as one of the rounds, so p is never 0 (Noreen 1989). NaN where it is NaN.
    """
    as_great = np.abs(exchanged) >= np.abs(difference) - 1e-12  # sums of shares, equal but for rounding
    p: Floats = (as_great.sum(axis=0) + 1) / (len(exchanged) + 1)
    return np.where(np.isnan(difference), np.nan, p)


def holm(p: Floats) -> Floats:
    """p (m,) corrected for being many; NaN is none of them.

    Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    corrected = np.full(len(p), np.nan)
    order = np.argsort(p)[: np.isfinite(p).sum()]  # NaN comes last
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return corrected


def _at_once(rounds: int, size: int) -> list[int]:
    most = max(1, ENTRIES // max(1, size))
    return [min(most, rounds - start) for start in range(0, rounds, most)]
