from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, f1_score, log_loss, precision_score, recall_score

from g7classify import metrics


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_equals_scikit_learn(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels, tags = random.random((n, 4)) < 0.4, random.random((n, 4)) < 0.4
    counts = metrics.count(labels, tags)
    labelled, tagged = labels.any(axis=0), tags.any(axis=0)
    options = {"average": None, "zero_division": 0}
    for ours, theirs, defined in (
        (counts.f1, f1_score, labelled),
        (counts.precision, precision_score, tagged),
        (counts.recall, recall_score, labelled),
    ):
        assert (np.isnan(ours) == ~defined).all()
        assert np.allclose(ours[defined], theirs(labels, tags, **options)[defined])
    if counts.tagged.sum() + counts.labelled.sum():
        micro = f1_score(labels, tags, average="micro", zero_division=0)
        assert counts.micro_f1 == pytest.approx(micro)


def test_undefined_is_nan_never_zero() -> None:
    nothing = np.zeros((3, 2), dtype=bool)
    counts = metrics.count(nothing, nothing)
    assert np.isnan(counts.f1).all()
    assert np.isnan(counts.macro_f1)
    assert np.isnan(counts.micro_f1)
    assert np.isnan(metrics.samples_f1(nothing, nothing)).all()
    for figure in (metrics.calibration_error, metrics.brier, metrics.log_loss):
        assert np.isnan(figure(nothing[:0], np.zeros((0, 2), np.float32))).all()


def test_calibration_error_of_honest_and_of_boastful_probabilities() -> None:
    random = np.random.default_rng(0)
    p = random.random((20_000, 1)).astype(np.float32)
    labels = random.random((20_000, 1)) < p
    assert metrics.calibration_error(labels, p)[0] < 0.02
    assert metrics.calibration_error(labels, np.ones_like(p))[0] == pytest.approx(0.5, abs=0.02)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_samples_f1_equals_scikit_learn_where_there_is_something_to_find(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels, tags = random.random((n, 4)) < 0.4, random.random((n, 4)) < 0.4
    ours, some = metrics.samples_f1(labels, tags), (labels | tags).any(axis=1)
    assert (np.isnan(ours) == ~some).all()
    if some.any():
        theirs = f1_score(labels[some], tags[some], average="samples", zero_division=0)
        assert metrics.mean_of_known(ours) == pytest.approx(theirs)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_losses_equal_scikit_learn(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    labels, p = random.random((n, 2)) < 0.4, random.uniform(0.01, 0.99, (n, 2)).astype(np.float32)
    for column in range(2):
        mine, told = labels[:, column], p[:, column].astype(np.float64)
        assert metrics.brier(labels, p)[column] == pytest.approx(brier_score_loss(mine, told, pos_label=1))
        assert metrics.log_loss(labels, p)[column] == pytest.approx(log_loss(mine, told, labels=[False, True]))


def test_what_was_held_impossible_costs_much_but_not_everything() -> None:
    labels, p = np.array([[True], [False]]), np.array([[0.0], [0.0]], dtype=np.float32)
    assert metrics.log_loss(labels, p)[0] == pytest.approx(-np.log(metrics.TINY) / 2)


def test_counts_of_many_resamplings_have_the_figures_of_each() -> None:
    random = np.random.default_rng(0)
    hits = random.integers(0, 3, (5, 4)).astype(float)
    many = metrics.Counts(hits, hits + random.integers(0, 3, (5, 4)), hits + random.integers(0, 3, (5, 4)))
    for i in range(5):
        one = metrics.Counts(many.hits[i], many.tagged[i], many.labelled[i])
        assert np.array_equal(many.f1[i], one.f1, equal_nan=True)
        assert np.array_equal(many.means[i], [one.macro_f1, one.micro_f1], equal_nan=True)
