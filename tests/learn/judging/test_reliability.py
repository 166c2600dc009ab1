from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import metrics
from g7classify.codebook import Codebook
from g7classify.learn.judging import reliability


@given(st.integers(0, 2**32 - 1), st.integers(1, 80))
def test_bins_hold_every_decision_and_lie_in_their_order(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels, p = random.random((n, 3)) < 0.3, random.random((n, 3)).astype(np.float32)
    found = reliability.reliability(labels, p)
    assert sum(found.decisions) == 3 * n
    assert list(found.probability) == sorted(found.probability)
    held = sum(many * share for many, share in zip(found.decisions, found.frequency, strict=True))
    assert held == pytest.approx(labels.sum(), abs=0.01 * n)
    assert found.calibration_error == pytest.approx(metrics.calibration_error(labels, p).mean(), abs=1e-4)


def test_a_flat_codebook_has_no_sub_types(book: Codebook) -> None:
    labels, p = np.zeros((4, 2), dtype=bool), np.full((4, 2), 0.25, dtype=np.float32)
    flat = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": "a"}, {"name": "b"}]})
    found = reliability.calibration(labels, p, flat)
    assert found.subtypes is None
    assert found.categories.brier == found.labels["a"].brier == 0.0625
    wide = reliability.calibration(np.zeros((4, 5), dtype=bool), np.zeros((4, 5), dtype=np.float32), book)
    assert wide.subtypes is not None
    assert sum(wide.subtypes.decisions) == 12
    assert list(wide.labels) == list(book.names)


@given(st.integers(0, 2**32 - 1), st.integers(1, 200))
def test_each_point_of_a_curve_is_what_its_threshold_gives(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.random(n) < 0.3
    labels[0] = True
    p = (random.integers(0, 400, n) / 400).astype(np.float32)
    found = reliability.curve(labels, p, 0.5)
    assert 0.5 in found.threshold
    assert found.own == 0.5
    assert len(found.threshold) <= reliability.MOST_POINTS
    assert list(found.threshold) == sorted(set(found.threshold))
    for threshold, precision, recall, f1 in zip(found.threshold, found.precision, found.recall, found.f1, strict=True):
        counts = metrics.count(labels[:, None], (p.astype(np.float64) >= threshold)[:, None])
        assert recall == pytest.approx(counts.recall[0], abs=1e-4)
        assert f1 == pytest.approx(counts.f1[0], abs=1e-4)
        assert (precision is None) == np.isnan(counts.precision[0])
        if precision is not None:
            assert precision == pytest.approx(counts.precision[0], abs=1e-4)


def test_a_curve_starts_where_everything_is_found() -> None:
    p = np.linspace(0, 1, 1000, dtype=np.float32)
    found = reliability.curve(p > 0.5, p, 0.9)
    assert found.recall[0] == found.precision[0] == 1.0
    assert 40 < len(found.threshold) <= reliability.MOST_POINTS


def test_a_curve_has_no_gap_where_recall_is_steep() -> None:
    """All but one of the probabilities are nearly the same."""
    p = np.append(np.full(100, 0.95), [0.1]).astype(np.float32)
    found = reliability.curve(np.ones(101, dtype=bool), p, 0.5)
    assert np.diff(found.threshold).max() < 0.05


def test_a_threshold_above_everything_has_no_precision() -> None:
    found = reliability.curve(np.array([True, False]), np.array([0.3, 0.2], dtype=np.float32), 0.5)
    assert (found.own, found.precision[-1], found.recall[-1], found.f1[-1]) == (0.5, None, 0, 0)
