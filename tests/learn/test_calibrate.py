from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7classify import decision
from g7classify.codebook import Codebook
from g7classify.learn import calibrate
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe


def noisy(n: int, *, slope: float, intercept: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    scores = random.normal(0, 2, n)
    return scores, random.random(n) < 1 / (1 + np.exp(-(slope * scores + intercept)))


def test_curve_is_found_again() -> None:
    slope, intercept = calibrate.fit_curve(*noisy(50_000, slope=0.7, intercept=-2.0))
    assert slope == pytest.approx(0.7, abs=0.05)
    assert intercept == pytest.approx(-2.0, abs=0.05)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.floats(0, 1))
def test_curve_always_rises_and_is_finite(seed: int, n: int, share: float) -> None:
    random = np.random.default_rng(seed)
    slope, intercept = calibrate.fit_curve(random.normal(0, 3, n), random.random(n) < share)
    assert 0 < slope < 1e4
    assert np.isfinite(intercept)


def test_curve_without_positives_says_rare() -> None:
    slope, intercept = calibrate.fit_curve(np.linspace(-5, 5, 998), np.zeros(998, dtype=bool))
    assert 1 / (1 + np.exp(-(slope * 5 + intercept))) == pytest.approx(0.001, rel=0.01)


def test_threshold_without_shrinkage_reaches_the_best_f1() -> None:
    scores, labels = noisy(2_000, slope=1.0, intercept=-1.5)
    p = (1 / (1 + np.exp(-scores))).astype(np.float32)
    threshold = calibrate.fit_threshold(p, labels, shrinkage=0)

    def f1(t: float) -> float:
        return float(2 * (labels & (p >= t)).sum() / (labels.sum() + (p >= t).sum()))

    assert f1(threshold) == pytest.approx(max(f1(float(t)) for t in p))


def test_threshold_does_not_part_equal_probabilities() -> None:
    p = np.array([0.5, 0.5, 0.5, 0.1], np.float32)
    assert 0.1 < calibrate.fit_threshold(p, np.array([True, False, True, False]), shrinkage=0) < 0.5


def test_much_shrinkage_gives_half_the_expected_f1() -> None:
    p = np.linspace(0.01, 0.99, 99, dtype=np.float32)
    expected = calibrate.half_expected_f1(p)
    assert calibrate.fit_threshold(p, p > 0.9, shrinkage=1e12) == pytest.approx(expected)


def test_half_expected_f1_is_optimal_for_calibrated_probabilities() -> None:
    random = np.random.default_rng(5)
    p = random.beta(0.4, 2, 200_000)
    labels = random.random(200_000) < p
    t = calibrate.half_expected_f1(p.astype(np.float32))
    f1 = {s: 2 * (labels & (p >= t + s)).sum() / (labels.sum() + (p >= t + s).sum()) for s in (-0.05, 0.0, 0.05)}
    assert f1[0.0] == max(f1.values())


def test_decisions_as_a_whole() -> None:
    book = Codebook.from_dict({"name": "b", "version": "1", "labels": [{"name": "c"}, {"name": "c.s", "parent": "c"}]})
    scores, labels = noisy(4_000, slope=1.0, intercept=-1.0)
    rows = Dataset.from_rows(
        [Row(f"t{i}", ("c.s",) if held else (), id=str(i)) for i, held in enumerate(labels)], codebook=book
    )
    both = np.stack([scores, scores], axis=1)
    decisions = calibrate.fit(both, rows, Recipe(doubt=0.5))
    probabilities = decisions.probabilities(both, book)
    tags = decision.decide(probabilities, decisions.thresholds, book)
    wrong = tags != rows.labels
    doubt = decision.in_doubt(probabilities, decisions.thresholds, decisions.band)
    assert doubt[wrong].mean() == pytest.approx(0.5, abs=0.01)
    assert doubt.mean() < doubt[wrong].mean(), "mistakes are nearer to the threshold than decisions at large"
    assert abs(probabilities.mean() - rows.labels.mean()) < 0.01


def test_no_mistakes_no_band() -> None:
    p = np.array([[0.1], [0.9]], np.float32)
    assert calibrate.fit_band(p, np.array([0.5], np.float32), np.zeros((2, 1), dtype=bool), share=0.5) == 0.0


def test_labels_without_a_row_or_without_a_clue_follow_the_majority() -> None:
    names = ["learnt", "absent", "random", "always"]
    book = Codebook.from_dict({"name": "b", "version": "1", "labels": [{"name": name} for name in names]})
    scores, labels = noisy(600, slope=2.0, intercept=-1.0)
    held = np.stack([labels, np.zeros(600, bool), scores < -1, np.ones(600, bool)], axis=1)
    rows = Dataset.from_rows(
        [Row(f"t{i}", tuple(n for n, h in zip(names, row, strict=True) if h), id=str(i)) for i, row in enumerate(held)],
        codebook=book,
    )
    alike = np.repeat(scores[:, None], 4, axis=1)
    decisions = calibrate.fit(alike, rows, Recipe())
    tags = decisions.probabilities(alike, book) >= decisions.thresholds
    assert tags.any(axis=0).tolist() == [True, False, False, True]
    assert not decision.in_doubt(decisions.probabilities(alike, book), decisions.thresholds, decisions.band)[:, 1].any()
