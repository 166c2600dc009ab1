from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import metrics
from g7classify.learn.judging import resampling


def test_interval_covers_the_truth_and_narrows() -> None:
    random = np.random.default_rng(1)
    covered = 0
    widths = []
    for n in [100] * 40 + [10_000]:
        amounts = np.column_stack((random.random(n) < 0.3, np.ones(n)))
        sums = resampling.resample(amounts, np.arange(n), rounds=200)
        low, high = resampling.interval(sums[:, :1] / sums[:, 1:])
        widths.append(high[0] - low[0])
        covered += bool(low[0] <= 0.3 <= high[0])
    assert covered >= 34
    assert widths[-1] < widths[0] / 5


def test_whole_groups_are_drawn() -> None:
    amounts = np.repeat([[1, 0], [0, 1]], 500, axis=0)
    sums = resampling.resample(amounts, np.repeat([0, 1], 500), rounds=50)
    assert {tuple(row) for row in sums.tolist()} == {(1000, 0), (500, 500), (0, 1000)}


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_sums_are_those_of_the_sentences_drawn(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    amounts, groups = random.random((n, 3)) < 0.5, np.unique(random.integers(0, 5, n), return_inverse=True)[1]
    size = groups.max() + 1
    found = resampling.resample(amounts, groups, rounds=7, seed=seed)
    assert found.shape == (7, 3)
    assert np.allclose(resampling.group_sums(amounts, groups).sum(axis=0), amounts.sum(axis=0))
    again = np.random.default_rng(seed)
    for row in found if size > 1 else []:
        drawn = again.integers(0, size, size)
        assert row.tolist() == sum(amounts[groups == group].sum(axis=0) for group in drawn).tolist()


def test_as_many_at_once_as_memory_allows_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    first, second, groups = random.random((40, 3)) < 0.5, random.random((40, 3)) < 0.5, np.arange(40) // 2

    def all_of_it() -> list[np.ndarray]:
        return [resampling.resample(first, groups, rounds=30), *resampling.exchanged(first, second, groups, rounds=30)]

    whole = all_of_it()
    monkeypatch.setattr(resampling, "ENTRIES", 100)
    parts = all_of_it()
    assert np.array_equal(whole[0], parts[0])
    assert np.array_equal(parts[1] + parts[2], whole[1] + whole[2])


def test_one_group_has_no_interval() -> None:
    ends = resampling.interval(resampling.resample(np.ones((5, 2)), np.zeros(5, dtype=np.int64), rounds=10))
    assert np.isnan(ends).all()


@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_bootstrap_of_counts_pairs_the_systems(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels, first, second = random.random((3, n, 4)) < 0.5

    def lead(*counts: metrics.Counts) -> np.ndarray:
        return np.array([counts[0].micro_f1 - counts[1].micro_f1])

    groups = np.arange(n)
    same = np.array(resampling.bootstrap_counts(lead, labels, [first, first], groups, rounds=20))
    assert np.isnan(same).all() or (same == 0).all()
    ends = [
        resampling.bootstrap_counts(lead, labels, tags, groups, rounds=50)
        for tags in ([first, second], [second, first])
    ]
    assert np.allclose(ends[0][0], -ends[1][1], equal_nan=True)


def test_exchanges_move_whole_groups_and_lose_nothing() -> None:
    first, second = np.array([[1], [2], [4], [4]]), np.array([[10], [20], [40], [4]])
    one, other = resampling.exchanged(first, second, np.array([0, 0, 1, 2]), rounds=200)
    assert (one + other == 85).all()
    assert set(one[:, 0]) == {11, 38, 47, 74}


def test_chance_is_that_of_a_sign_test() -> None:
    """Of 10 sentences that differ, all for one: both sides have a chance of 2 / 2**10; of 9 for one, 22 / 2**10."""
    for right, wrong in ((10, 0), (9, 1)):
        first = np.array([[1]] * right + [[0]] * wrong)
        one, other = resampling.exchanged(first, 1 - first, np.arange(10), rounds=40_000)
        p = resampling.chance(np.array([float(right - wrong)]), one - other)
        exact = 2 * sum(comb(10, k) for k in range(wrong + 1)) / 2**10
        assert p[0] == pytest.approx(exact, rel=0.25)


def test_chance_is_one_where_nothing_differs_and_unknown_where_nothing_is_known() -> None:
    p = resampling.chance(np.array([0.0, np.nan]), np.zeros((9, 2)))
    assert p[0] == 1
    assert np.isnan(p[1])


def test_chance_is_even_where_two_systems_are_alike() -> None:
    random = np.random.default_rng(3)
    found = []
    for seed in range(200):
        first, second = random.random((2, 60, 1)) < 0.5
        one, other = resampling.exchanged(first, second, np.arange(60), rounds=199, seed=seed)
        found.append(resampling.chance(first.sum(axis=0) - 1.0 * second.sum(axis=0), one - other)[0])
    assert np.mean(np.array(found) <= 0.05) < 0.1
    assert 0.3 < np.median(found) < 0.75


def test_holm() -> None:
    corrected = resampling.holm(np.array([0.01, 0.04, np.nan, 0.03, 0.005]))
    assert np.allclose(corrected, [0.03, 0.06, np.nan, 0.06, 0.02], equal_nan=True)
    assert resampling.holm(np.array([0.9, 0.8])).tolist() == [1, 1]
    assert resampling.holm(np.array([])).tolist() == []


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=20))
def test_correction_keeps_the_order_and_only_raises(p: list[float]) -> None:
    given_p, corrected = np.array(p), resampling.holm(np.array(p))
    assert (corrected >= given_p).all()
    assert (corrected <= 1).all()
    assert (np.diff(corrected[np.argsort(given_p)]) >= 0).all()
