from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from g7classify import metrics


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_equals_scikit_learn(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels, tags = random.random((n, 4)) < 0.4, random.random((n, 4)) < 0.4
    weights = random.integers(1, 4, n).astype(float)
    counts = metrics.count(labels, tags, weights)
    labelled, tagged = (weights @ labels) > 0, (weights @ tags) > 0
    options = {"average": None, "sample_weight": weights, "zero_division": 0}
    for ours, theirs, defined in (
        (counts.f1, f1_score, labelled),
        (counts.precision, precision_score, tagged),
        (counts.recall, recall_score, labelled),
    ):
        assert (np.isnan(ours) == ~defined).all()
        assert np.allclose(ours[defined], theirs(labels, tags, **options)[defined])
    if counts.tagged.sum() + counts.labelled.sum():
        micro = f1_score(labels, tags, average="micro", sample_weight=weights, zero_division=0)
        assert counts.micro_f1 == pytest.approx(micro)


def test_undefined_is_nan_never_zero() -> None:
    nothing = np.zeros((3, 2), dtype=bool)
    counts = metrics.count(nothing, nothing)
    assert np.isnan(counts.f1).all()
    assert np.isnan(counts.macro_f1)
    assert np.isnan(counts.micro_f1)
    assert np.isnan(metrics.calibration_error(nothing[:0], np.zeros((0, 2), np.float32))).all()


def test_calibration_error_of_honest_and_of_boastful_probabilities() -> None:
    random = np.random.default_rng(0)
    p = random.random((20_000, 1)).astype(np.float32)
    labels = random.random((20_000, 1)) < p
    assert metrics.calibration_error(labels, p)[0] < 0.02
    assert metrics.calibration_error(labels, np.ones_like(p))[0] == pytest.approx(0.5, abs=0.02)


def test_bootstrap_interval_covers_the_truth_and_narrows() -> None:
    random = np.random.default_rng(1)
    covered = 0
    widths = []
    for n in [100] * 40 + [10_000]:
        hits = random.random(n) < 0.3

        def mean(weights: np.ndarray, hits: np.ndarray = hits) -> np.ndarray:
            return np.array([weights @ hits / weights.sum()])

        low, high = metrics.bootstrap(mean, np.arange(n), rounds=200)
        widths.append(high[0] - low[0])
        covered += bool(low[0] <= 0.3 <= high[0])
    assert covered >= 34
    assert widths[-1] < widths[0] / 5


def test_bootstrap_draws_whole_groups() -> None:
    hits = np.repeat([True, False], 500)
    groups = np.repeat([0, 1], 500)
    low, high = metrics.bootstrap(lambda weights: np.array([weights @ hits / weights.sum()]), groups, rounds=200)
    assert (low[0], high[0]) == (0, 1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_bootstrap_of_counts_is_the_bootstrap_of_sentences(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels, first, second = random.random((3, n, 4)) < 0.5
    _, groups = np.unique(random.integers(0, 5, n), return_inverse=True)

    def lead(*counts: metrics.Counts) -> np.ndarray:
        return np.array([counts[0].micro_f1 - counts[1].micro_f1, counts[0].macro_f1])

    def slow(weights: np.ndarray) -> np.ndarray:
        return lead(*(metrics.count(labels, tags, weights) for tags in (first, second)))

    quick = metrics.bootstrap_counts(lead, labels, [first, second], groups, rounds=10)
    assert np.array_equal(quick, metrics.bootstrap(slow, groups, rounds=10), equal_nan=True)
