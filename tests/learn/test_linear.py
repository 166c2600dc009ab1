from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from g7classify import features, kernel
from g7classify.features import FeatureSpec
from g7classify.learn import linear
from g7classify.learn.dataset import Dataset

SPEC = FeatureSpec(bits=12)


@pytest.fixture(scope="module")
def fitted(rows: Dataset) -> linear.Linear:
    counts = linear.count_features(rows.texts, SPEC)
    return linear.fit(
        counts, rows.labels.astype(np.float32), np.full(len(rows), 10, np.float32), epochs=30, idf_power=1.5, seed=0
    )


def test_counts_are_those_of_the_buckets(rows: Dataset) -> None:
    counts = linear.count_features(rows.texts[:20], SPEC)
    buckets, offsets = features.buckets(rows.texts[:20], SPEC)
    for i, row in enumerate(counts.toarray()):
        assert (row == np.bincount(buckets[offsets[i] : offsets[i + 1]], minlength=SPEC.buckets)).all()


def test_scores_are_the_decision_function_of_scikit_learn(rows: Dataset, fitted: linear.Linear) -> None:
    counts = linear.count_features(rows.texts, SPEC)
    weighed = linear.weigh(counts, fitted.idf, fitted.norm_step, fitted.pivot)
    estimator = LogisticRegression(C=10, solver="liblinear", dual=True, tol=1e-6, max_iter=2000, random_state=0)
    for column in np.flatnonzero(rows.labels.any(axis=0) & ~rows.labels.all(axis=0)):
        estimator.fit(weighed, rows.labels[:, column])
        assert np.allclose(fitted.scores(counts)[:, column], estimator.decision_function(weighed), atol=0.01)


def test_rows_of_mean_length_are_of_length_one_half(rows: Dataset, fitted: linear.Linear) -> None:
    counts = linear.count_features(rows.texts, SPEC)
    weighed = linear.weigh(counts, fitted.idf, fitted.norm_step, fitted.pivot)
    lengths = np.sqrt((weighed * weighed).sum(axis=1))
    assert 0.45 < lengths.mean() < 0.55, "half, as the pivot is the mean norm"
    norms = linear.norms(counts, fitted.idf, fitted.norm_step)
    assert (np.diff(lengths[np.argsort(norms)]) > -0.1).all(), "longer rows keep more"


@pytest.mark.parametrize("pivot", [0.0, 0.5, 2.0])
def test_the_pivot_is_a_share_of_the_mean_norm(rows: Dataset, pivot: float) -> None:
    counts = linear.count_features(rows.texts, SPEC)
    labels, costs = rows.labels.astype(np.float32), np.ones(len(rows), np.float32)
    fitted = linear.fit(counts, labels, costs, epochs=2, idf_power=1, seed=0, pivot=pivot)
    mean = linear.norms(counts, fitted.idf, fitted.norm_step).mean()
    assert fitted.pivot == pytest.approx(pivot * mean, abs=0.01)
    assert np.isfinite(fitted.scores(linear.count_features(["", *rows.texts], SPEC))).all()


def test_unseen_buckets_count_for_nothing(fitted: linear.Linear) -> None:
    table, _ = linear.quantise(fitted)
    unseen = fitted.idf == 0
    assert unseen.any()
    assert not table[unseen].any()
    assert (table[~unseen, -1] >= 1).all()


def test_quantised_scores_differ_by_no_more_than_half_steps(rows: Dataset, fitted: linear.Linear) -> None:
    table, scale = linear.quantise(fitted)
    counts = linear.count_features(rows.texts, SPEC)
    pooled = kernel.pool(
        rows.texts,
        table,
        pairs=SPEC.pairs,
        characters=SPEC.characters,
        unspaced=SPEC.unspaced,
        repeats=SPEC.repeats,
    )
    norm = np.sqrt(pooled[:, -1] * float(scale[-1]))
    scores = pooled[:, :-1] * scale[:-1].astype(float) / (fitted.pivot + norm[:, None]) + fitted.bias
    most = np.asarray(counts.sum(axis=1))[:, None] * 0.5 * scale[:-1] / (fitted.pivot + norm[:, None])
    assert (np.abs(scores - fitted.scores(counts)) <= most * 1.001 + 1e-9).all()


def test_label_that_never_or_always_holds() -> None:
    counts = linear.count_features(["a b c", "d e f", "g h"], SPEC)
    labels = np.array([[False, True]] * 3)
    fitted = linear.fit(counts, labels.astype(np.float32), np.ones(3, np.float32), epochs=3, idf_power=1, seed=0)
    assert not fitted.weights.any()
    assert fitted.bias[0] < -1 < 1 < fitted.bias[1]
    assert (linear.quantise(fitted)[1] > 0).all()
