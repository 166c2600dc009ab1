from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import decision
from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import OptionError

seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_tags_are_closed_and_hold_all_above_threshold(seed: int) -> None:
    random = np.random.default_rng(seed)
    p, t = random.random((4, len(CODEBOOK))).astype(np.float32), random.random(len(CODEBOOK)).astype(np.float32)
    tags = decision.decide(p, t, CODEBOOK)
    assert (tags >= (p >= t)).all()
    assert (CODEBOOK.close_matrix(p >= t) == tags).all()


def test_threshold_itself_is_tagged() -> None:
    p = np.array([[0.25, 0.25]], np.float32)
    assert decision.decide(
        p,
        np.array([0.25, 0.26], np.float32),
        Codebook.from_dict({"name": "two", "version": "1", "labels": [{"name": "a"}, {"name": "b"}]}),
    ).tolist() == [[True, False]]


@given(seeds, st.floats(0, 5))
def test_doubt_is_symmetric_in_logits(seed: int, band: float) -> None:
    random = np.random.default_rng(seed)
    t = random.uniform(0.01, 0.99, 5)
    logit = np.log(t / (1 - t))
    for sign in (1, -1):
        inside, outside = (1 / (1 + np.exp(-(logit + sign * w))) for w in (band * 0.98, band * 1.02 + 0.01))
        assert decision.in_doubt(inside[None].astype(np.float32), t.astype(np.float32), band + 1e-4).all()
        assert not decision.in_doubt(outside[None].astype(np.float32), t.astype(np.float32), band - 1e-4).any()


def test_a_band_beyond_all_numbers_leaves_nothing_out_of_doubt() -> None:
    p = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert decision.in_doubt(p, np.array([0.0, 0.3, 1.0], np.float32), 1e38).all()


def test_operating_points_are_in_the_order_of_their_thresholds() -> None:
    assert [decision.row(point) for point in ("recall", "balanced", "precision")] == [0, 1, 2]


@pytest.mark.parametrize("name", ["", "Recall", None, 1, ["recall"], {}])
def test_an_unknown_operating_point_is_refused(name: object) -> None:
    with pytest.raises(
        OptionError, match="operating point: expected one of recall, balanced, precision, got"
    ) as caught:
        decision.row(name)
    assert str(name) in str(caught.value)


@pytest.mark.parametrize("band", [0.1, 0.3, 0.7, 0.9, 1.1, 1.3, 2.1, 2.3, 3.1, 3.3])
def test_the_edges_of_the_band_are_in_doubt_as_probabilities_can_say_them(band: float) -> None:
    half = np.array([0.5], np.float32)
    edges = np.array([[1 / (1 + np.exp(side))] for side in (-band, band)], np.float32)
    assert decision.in_doubt(edges, half, band).all()
    beyond = np.array([[np.nextafter(edges[0, 0], np.float32(1))], [np.nextafter(edges[1, 0], np.float32(0))]])
    assert not decision.in_doubt(beyond, half, band).any()


def test_logits_are_finite_for_certainty_too() -> None:
    logits = decision.logit(np.array([0.0, 0.25, 0.5, 0.75, 1.0], np.float32))
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()
    assert np.allclose(logits[1:4], [-np.log(3), 0, np.log(3)])
    assert logits[0] == pytest.approx(np.log(1e-7))
    assert logits[4] == pytest.approx(-np.log(1e-7), rel=0.02)  # 32 bits hold no more of 1 - 1e-7


def test_certainty_is_never_in_doubt() -> None:
    p = np.array([[0.0, 1.0]], np.float32)
    assert not decision.in_doubt(p, np.array([0.3, 0.3], np.float32), 2.0).any()


def exclusive() -> Codebook:
    """Two categories with two sub-types each, and one without any."""
    names = ["a", "b", "c", "a.x", "a.y", "b.x", "b.y"]
    labels = [{"name": name, "parent": name.partition(".")[0] if "." in name else None} for name in names]
    return Codebook.from_dict({"name": "one", "version": "1", "labels": labels, "exclusive": True})


@given(seeds)
def test_where_labels_exclude_each_other_the_likeliest_alone_is_tagged(seed: int) -> None:
    random, book = np.random.default_rng(seed), exclusive()
    p = book.raised(random.random((20, len(book))).astype(np.float32))
    t = random.random(len(book)).astype(np.float32) * 0.7
    tags = decision.decide(p, t, book)
    assert (tags.sum(axis=1) <= 2).all()
    assert (book.raised(tags) == tags).all()
    for row, tagged in zip(p, tags, strict=True):
        for column in np.flatnonzero(tagged):
            alike = book.parents == book.parents[column]
            assert row[column] == row[alike].max()
    sure = decision.decide(p, np.zeros(len(book), np.float32), book)
    assert (sure[:, :3].sum(axis=1) == 1).all()


def test_below_its_threshold_the_likeliest_is_not_tagged_and_no_other_in_its_place() -> None:
    book = exclusive()
    p = np.array([[0.6, 0.5, 0.1, 0.6, 0.2, 0.5, 0.0]], np.float32)
    low = np.full(7, 0.4, np.float32)
    assert np.flatnonzero(decision.decide(p, low, book)).tolist() == [0, 3]
    high = low.copy()
    high[3] = 0.7
    assert np.flatnonzero(decision.decide(p, high, book)).tolist() == [0]
    high[0] = 0.7
    assert not decision.decide(p, high, book).any()


def test_a_sub_type_of_no_probability_is_the_likeliest_where_all_are_of_none() -> None:
    book = exclusive()
    p = np.array([[0.6, 0.5, 0.1, 0.0, 0.0, 0.5, 0.0]], np.float32)
    assert np.flatnonzero(decision.likeliest(p, book)).tolist() == [0, 3]


@given(seeds, st.integers(0, 6), st.integers(1, 9), st.sampled_from([1, 3, 10**6]))
def test_tags_are_in_order_of_their_probability_then_of_the_codebook(seed: int, n: int, k: int, steps: int) -> None:
    random = np.random.default_rng(seed)
    p = (random.integers(0, steps + 1, (n, k)) / steps + random.uniform(0, 1e-9, (n, k))).clip(0, 1).astype(np.float32)
    tags = random.random((n, k)) < 0.6
    found = decision.ranked(p, tags)
    rounded = p.astype(np.float64).round(6)
    for i in range(n):
        own = slice(found.first[i], found.first[i + 1])
        expected = sorted(np.flatnonzero(tags[i]).tolist(), key=lambda c: (-rounded[i, c], c))
        assert found.columns[own].tolist() == expected
        assert found.probabilities[own].tolist() == rounded[i, expected].tolist()


@given(seeds, st.integers(0, 6), st.integers(1, 9))
def test_columns_that_are_set_are_listed_row_by_row(seed: int, n: int, k: int) -> None:
    flags = np.random.default_rng(seed).random((n, k)) < 0.4
    first, columns = decision.listed(flags)
    for i in range(n):
        assert columns[first[i] : first[i + 1]].tolist() == np.flatnonzero(flags[i]).tolist()
