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


def book_of(*names: str) -> Codebook:
    labels = [{"name": name, "parent": name.split(".")[0] if "." in name else None} for name in names]
    return Codebook.from_dict({"name": "b", "version": "1", "labels": labels})


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def test_curve_is_found_again() -> None:
    scores, labels = noisy(50_000, slope=0.7, intercept=-2.0)
    (slope,), (intercept,) = calibrate.fit_curves(scores[:, None], labels[:, None], book_of("a"), shrinkage=50)
    assert slope == pytest.approx(0.7, abs=0.05)
    assert intercept == pytest.approx(-2.0, abs=0.05)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.floats(0, 1))
def test_curves_always_rise_and_are_finite(seed: int, n: int, share: float) -> None:
    random = np.random.default_rng(seed)
    book = book_of("a", "b", "a.c")
    labels = book.raised(random.random((n, 3)) < share)
    slope, intercept = calibrate.fit_curves(random.normal(0, 3, (n, 3)), labels, book, shrinkage=50)
    assert ((slope > 0) & (slope < 1e4)).all()
    assert np.isfinite(intercept).all()


def test_curve_without_positives_says_rare() -> None:
    nothing = np.zeros((998, 1), dtype=bool)
    (slope,), (intercept,) = calibrate.fit_curves(np.linspace(-5, 5, 998)[:, None], nothing, book_of("a"), shrinkage=50)
    assert logistic(slope * 5 + intercept) == pytest.approx(0.001, rel=0.01)


def test_a_label_of_few_sentences_learns_its_slope_from_the_others() -> None:
    many, of_many = noisy(8_000, slope=1.0, intercept=-1.0)
    few = np.where(np.arange(8_000) < 4, 9.0, many)  # four sentences that it tells for certain
    labels = np.stack([of_many, np.arange(8_000) < 4], axis=1)
    scores = np.stack([many, few], axis=1)
    own, _ = calibrate.fit_curves(scores, labels, book_of("many", "few"), shrinkage=0)
    shared, _ = calibrate.fit_curves(scores, labels, book_of("many", "few"), shrinkage=50)
    assert own[1] > 1.25
    assert shared[0] == pytest.approx(own[0], abs=0.02)
    assert shared[1] < (own[1] + shared[0]) / 2


def test_a_category_is_calibrated_after_it_was_raised_to_its_subtypes() -> None:
    book = book_of("c", *(f"c.{i}" for i in range(8)))
    random = np.random.default_rng(3)
    meant = random.normal(-2, 1.5, (20_000, 8))
    under = random.random(meant.shape) < logistic(meant)
    labels = np.column_stack((under.any(axis=1), under))
    scores = np.column_stack((meant.max(axis=1) + random.normal(0, 1, 20_000), meant))
    decisions = calibrate.fit(scores, Dataset.from_rows(
        [Row(f"t{i}", tuple(np.array(book.names)[row]), id=str(i)) for i, row in enumerate(labels)], codebook=book
    ), Recipe())  # fmt: skip
    found = decisions.probabilities(scores, book)
    assert found.mean(axis=0) == pytest.approx(labels.mean(axis=0), abs=0.001)
    assert (found[:, :1] >= found[:, 1:]).all()
    assert found[:, 0].max() < 1


def test_subtypes_that_already_say_more_leave_a_category_without_a_voice() -> None:
    floor = np.array([0.9, 0.8], np.float32)
    lowest = calibrate.fit_intercept(np.array([3.0, -3.0]), floor, share=0.5)
    assert (logistic(np.array([3.0, -3.0]) + lowest) < 1e-8).all()


def one_threshold(p: np.ndarray, labels: np.ndarray, *, shrinkage: float) -> float:
    return float(calibrate.fit_thresholds(p[:, None], labels[:, None], beta=1, shrinkage=shrinkage)[0])


def f1_at(threshold: float, p: np.ndarray, labels: np.ndarray) -> float:
    return float(2 * (labels & (p >= threshold)).sum() / (labels.sum() + (p >= threshold).sum()))


def test_threshold_without_shrinkage_is_near_the_best_f1() -> None:
    scores, labels = noisy(20_000, slope=1.0, intercept=-1.5)
    p = logistic(scores).astype(np.float32)
    found = f1_at(one_threshold(p, labels, shrinkage=0), p, labels)
    assert found > max(f1_at(t, p, labels) for t in p[::50]) - 0.005


def test_a_peak_of_luck_does_not_move_a_threshold() -> None:
    p = np.append(np.linspace(0.01, 0.8, 400), [0.95] * 4).astype(np.float32)
    labels = np.append(np.arange(400) % 10 < 9, [True] * 4) & (p > 0.3)
    before = calibrate.best_logit(p, labels, beta=1)
    lucky = labels | ((p > 0.13) & (p < 0.135))
    assert lucky.sum() > labels.sum()
    assert calibrate.best_logit(p, lucky, beta=1) == pytest.approx(before, abs=0.1)


def test_a_threshold_that_tags_every_sentence_is_not_far_below_them() -> None:
    p = np.linspace(0.3, 0.31, 100, dtype=np.float32)
    best = float(logistic(np.array(calibrate.best_logit(p, np.arange(100) % 3 == 0, beta=1))))
    assert best == pytest.approx(0.3, abs=1e-6)


def test_much_shrinkage_gives_half_the_expected_f1_but_for_what_all_labels_share() -> None:
    p = np.linspace(0.01, 0.99, 99, dtype=np.float32)
    expected = calibrate.expected_threshold(p, beta=1)
    alone = one_threshold(p, p > 0.9, shrinkage=1e12)
    assert alone == pytest.approx(float(logistic(np.array(calibrate.best_logit(p, p > 0.9, beta=1)))))
    assert alone > expected
    pair = calibrate.fit_thresholds(
        np.stack([p, p], axis=1), np.stack([p > 0.9, p > 0.1], axis=1), beta=1, shrinkage=1e12
    )
    assert pair[0] == pytest.approx(pair[1])
    assert one_threshold(p, p > 0.1, shrinkage=0) < pair[0] < alone


@given(st.integers(0, 2**32 - 1), st.floats(0, 1e6))
def test_drawing_to_the_mean_keeps_order_and_range(seed: int, shrinkage: float) -> None:
    random = np.random.default_rng(seed)
    values, positives = random.normal(0, 2, 6), random.integers(1, 500, 6)
    drawn = calibrate.pooled(values, positives, shrinkage=shrinkage)
    assert values.min() - 1e-9 <= drawn.min() <= drawn.max() <= values.max() + 1e-9
    mean = np.average(values, weights=positives)
    assert (np.abs(drawn - mean) <= np.abs(values - mean) + 1e-9).all()


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_expected_threshold_is_optimal_for_true_probabilities(beta: float) -> None:
    random = np.random.default_rng(5)
    p = random.beta(0.4, 2, 400_000)
    labels = random.random(len(p)) < p

    def reached(t: float) -> float:
        hits, tagged = (labels & (p >= t)).sum(), (p >= t).sum()
        return float((1 + beta**2) * hits / (tagged + beta**2 * labels.sum()))

    found = calibrate.expected_threshold(p.astype(np.float32), beta=beta)
    assert reached(found) > max(reached(found - 0.04), reached(found + 0.04))
    assert reached(found) / (1 + beta**2) == pytest.approx(found, abs=0.003)
    assert reached(found) > max(reached(t) for t in np.linspace(0.02, 0.9, 89)) - 0.001


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(20, 300))
def test_thresholds_rise_from_recall_to_precision(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    book = book_of("a", "b", "a.c", "a.d")
    scores = random.normal(-1, 2, (n, 4))
    labels = random.random((n, 4)) < logistic(scores * random.uniform(0, 1.5, 4))
    rows = Dataset.from_rows(
        [Row(f"t{i}", tuple(np.array(book.names)[row]), id=str(i)) for i, row in enumerate(labels)], codebook=book
    )
    thresholds = calibrate.fit(scores, rows, Recipe()).thresholds
    assert thresholds.shape == (3, 4)
    assert (np.diff(thresholds, axis=0) >= 0).all()
    assert ((thresholds >= 0) & (thresholds < 1)).all()


def test_operating_points_serve_their_own_measure() -> None:
    book = book_of("a")
    scores, labels = noisy(20_000, slope=1.2, intercept=-2.0)
    rows = Dataset.from_rows([Row("t", ("a",) if held else (), id="") for held in labels], codebook=book)
    _, tags, _ = calibrate.fit(scores[:, None], rows, Recipe()).judge(scores[:, None], book)
    assert tuple(tags) == tuple(calibrate.BETAS) == decision.OPERATING_POINTS
    for point, beta in calibrate.BETAS.items():
        reached = {
            other: (1 + beta**2) * (labels & at[:, 0]).sum() / (at.sum() + beta**2 * labels.sum())
            for other, at in tags.items()
        }
        assert max(reached, key=lambda other: reached[other]) == point


def test_decisions_as_a_whole() -> None:
    book = book_of("c", "c.s")
    scores, labels = noisy(4_000, slope=1.0, intercept=-1.0)
    rows = Dataset.from_rows(
        [Row(f"t{i}", ("c.s",) if held else (), id=str(i)) for i, held in enumerate(labels)], codebook=book
    )
    both = np.stack([scores, scores], axis=1)
    decisions = calibrate.fit(both, rows, Recipe(doubt=0.5))
    probabilities = decisions.probabilities(both, book)
    for thresholds, band in zip(decisions.thresholds, decisions.bands, strict=True):
        wrong = decision.decide(probabilities, thresholds, book) != rows.labels
        doubt = decision.in_doubt(probabilities, thresholds, band)
        assert doubt[wrong].mean() == pytest.approx(0.5, abs=0.01)
        assert doubt.mean() < doubt[wrong].mean(), "mistakes are nearer to the threshold than decisions at large"
    assert abs(probabilities.mean() - rows.labels.mean()) < 0.01


def test_no_mistakes_no_band() -> None:
    p = np.array([[0.1], [0.9]], np.float32)
    assert calibrate.fit_band(p, np.array([0.5], np.float32), np.zeros((2, 1), dtype=bool), share=0.5) == 0.0


def test_labels_without_a_row_or_without_a_clue_follow_the_majority() -> None:
    names = ["learnt", "absent", "random", "always"]
    book = book_of(*names)
    scores, labels = noisy(600, slope=2.0, intercept=-1.0)
    held = np.stack([labels, np.zeros(600, bool), scores < -1, np.ones(600, bool)], axis=1)
    rows = Dataset.from_rows(
        [Row(f"t{i}", tuple(n for n, h in zip(names, row, strict=True) if h), id=str(i)) for i, row in enumerate(held)],
        codebook=book,
    )
    alike = np.repeat(scores[:, None], 4, axis=1)
    decisions = calibrate.fit(alike, rows, Recipe())
    probabilities = decisions.probabilities(alike, book)
    for thresholds, band in zip(decisions.thresholds, decisions.bands, strict=True):
        assert (probabilities >= thresholds).any(axis=0).tolist() == [True, False, False, True]
        assert not decision.in_doubt(probabilities, thresholds, band)[:, 1].any()
