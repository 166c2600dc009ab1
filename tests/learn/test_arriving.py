from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from g7classify.codebook import Codebook
from g7classify.learn import arriving, fit, linear
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
def test_finds_what_share_of_rows_holds_a_label(share: float) -> None:
    chance = np.random.default_rng(1)
    holds = chance.random(4000) < share
    scores = np.where(holds, 1.0, -1.0) + chance.normal(size=4000)
    odds = 2 * scores  # of two normal curves with means of 1 and -1
    assert arriving.share(odds) == pytest.approx(holds.mean(), abs=0.03)


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=50))
def test_a_share_lies_between_none_and_all(odds: list[float]) -> None:
    assert 0 < arriving.share(np.array(odds)) < 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_as_many_labels_hold_as_the_probabilities_add_up_to(found: list[float]) -> None:
    probabilities = np.array(found)
    labels = arriving.spread(probabilities)
    assert abs(labels.sum() - probabilities.sum()) <= 0.5 + 1e-9
    order = np.argsort(probabilities, kind="stable")
    half = len(order) // 2
    assert abs(labels[order[:half]].sum() - probabilities[order[:half]].sum()) <= 0.5 + 1e-9


@pytest.fixture
def flat() -> tuple[Dataset, NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """900 rows of a flat codebook: 100 new ones, and 800 of before, which hold the new label and do not say so."""
    chance = np.random.default_rng(3)
    book = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": "old"}, {"name": "new"}]})
    labels = np.zeros((900, 2), bool)
    labels[:, 1] = np.arange(900) % 2 == 0
    labels[:, 0] = ~labels[:, 1] & (chance.random(900) < 0.8)
    scores = np.where(labels[:, 1], 1.0, -1.0) + chance.normal(size=900)
    truth = labels[:, 1].copy()
    known = np.ones_like(labels)
    known[100:, 1] = labels[100:, 0]
    labels[100:, 1] = False
    names = tuple(f"row {i}" for i in range(900))
    columns = {name: np.array(names) for name in ("languages", "groups", "samples", "sources")}
    return Dataset(book, names, labels, names, **columns), known, scores[:, None], truth


def test_tells_which_rows_of_before_hold_a_label_that_nobody_looked_for(
    flat: tuple[Dataset, NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]],
) -> None:
    rows, known, scores, truth = flat
    found = arriving.hidden(scores, rows, known, new=100, old=1)[:, 0]
    assert np.isnan(found[known[:, 1]]).all()
    open_ = ~known[:, 1]
    assert not np.isnan(found[open_]).any()
    assert found[open_].mean() == pytest.approx(truth[open_].mean(), abs=0.07)
    assert found[open_ & truth].mean() > found[open_ & ~truth].mean() + 0.2


def test_guesses_nothing_from_scores_that_tell_nothing_or_few_rows(
    flat: tuple[Dataset, NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]],
) -> None:
    rows, known, scores, _ = flat
    assert np.isnan(arriving.hidden(-scores, rows, known, new=100, old=1)).all()
    assert np.isnan(arriving.hidden(scores, rows, known, new=4, old=1)).all()
    assert np.isnan(arriving.hidden(scores, rows, np.ones_like(known), new=100, old=1)).all()


def test_a_new_label_leans_on_the_old_ones_and_is_folded_into_weights(
    rows: Dataset, recipe: Recipe, trained: fit.Trained
) -> None:
    """Of a label that is the union of two old ones, few rows tell more to who knows these."""
    counts = linear.count_features(rows.texts, trained.model.spec)
    prior = linear.of(trained.model)
    holds = rows.labels[:, [rows.codebook.index(name) for name in ("crime.drugs", "body.court")]].any(axis=1)
    few = np.arange(len(rows)) < 30
    targets, costs = holds[few, None].astype(np.float32), np.full((30, 1), 10, np.float32)

    def right(lean: float) -> float:
        fitted = arriving.fit(prior, counts[few], targets, costs, epochs=20, seed=0, lean=lean)
        assert fitted.weights.shape == (1, 2**recipe.spec.bits)
        probabilities = expit(linear.rounded(fitted).scores(counts[~few])[:, 0])
        return float(np.where(holds[~few], probabilities, 1 - probabilities).mean())

    assert right(0.1) > right(0) + 0.02
