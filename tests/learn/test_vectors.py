from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from g7classify import registry, vectorfile
from g7classify.errors import RecipeError, UnknownModelError
from g7classify.features import FeatureSpec
from g7classify.learn import linear, vectors
from g7classify.learn.recipe import Recipe
from g7classify.learn.vectors import REACH, Scaled
from g7classify.model import ModelInfo
from g7classify.vectorfile import Vectors

SPEC = FeatureSpec(bits=10)


def known(rows: NDArray[np.float32]) -> Vectors:
    return Vectors(
        info=ModelInfo("some-vectors", "0.1.0"), spec=SPEC, idf=np.ones(SPEC.buckets), norm_step=1 / 100, rows=rows
    )


def test_what_is_folded_scores_as_both_together() -> None:
    random = np.random.default_rng(0)
    weighed = csr_array(random.random((30, 40)) * (random.random((30, 40)) < 0.2))
    rows = random.normal(size=(40, 3)).astype(np.float32)
    found = (weighed @ rows).astype(np.float32)
    scaled = Scaled.fit(found)
    seen = scaled.beside(weighed, found)
    assert seen.shape == (30, 43)
    assert seen[:, [40, 41, 42]].toarray().std(axis=0).mean() == pytest.approx(REACH, rel=0.2)
    weights, bias = random.normal(size=(43, 2)), random.normal(size=2)
    folded, moved = scaled.fold(rows, weights, bias)
    np.testing.assert_allclose(weighed @ folded + moved, seen @ weights + bias, atol=1e-5)


def test_words_that_no_row_holds_are_known_by_their_vectors() -> None:
    """Two groups of words; half of each is in the training rows."""
    good, bad = (tuple(f"{sound}{i}{sound}" for i in range(20)) for sound in ("lulu", "kraks"))
    every = [*good, *bad]
    counts = linear.count_features(every, SPEC)
    direction = np.repeat(np.float32([1, -1]), 20)
    # Each bucket's vector says in which group it occurs; shared buckets say nothing.
    meaning = np.sign(counts.T @ direction).astype(np.float32)[:, None]
    learned = np.arange(40) % 20 < 10
    labels = (direction > 0).astype(np.float32)[:, None]
    costs = np.full(int(learned.sum()), 100, np.float32)
    options = {"epochs": 50, "idf_power": 1.0, "seed": 0}
    plain = linear.fit(counts[learned], labels[learned], costs, **options)
    helped = linear.fit(counts[learned], labels[learned], costs, **options, vectors=known(meaning))
    margin = direction[~learned] * helped.scores(counts[~learned])[:, 0]
    assert (margin > 0).all()
    assert margin.min() > (direction[~learned] * plain.scores(counts[~learned])[:, 0]).min()
    unseen = np.bincount(counts[learned].indices, minlength=SPEC.buckets) == 0
    assert (plain.weights[:, unseen] == 0).all()
    assert (helped.weights[:, unseen & (meaning[:, 0] != 0)] != 0).all()


def test_vectors_of_zeros_change_nothing_but_the_weights_of_words() -> None:
    counts = linear.count_features(["a good day", "a bad day", "good", "bad"], SPEC)
    labels = np.float32([[1], [0], [1], [0]])
    nothing = known(np.zeros((SPEC.buckets, 4), np.float32))
    fitted = linear.fit(counts, labels, np.full(4, 9, np.float32), epochs=30, idf_power=1.0, seed=0, vectors=nothing)
    assert fitted.idf is nothing.idf
    assert np.array_equal(fitted.scores(counts) > 0, labels > 0)


def test_a_recipe_chooses() -> None:
    shipped = vectors.shipped()
    assert vectors.chosen(Recipe()) is shipped
    assert vectors.chosen(Recipe(spec=replace(shipped.spec, repeats=True))) is shipped
    assert vectors.chosen(Recipe(vectors="none")) is None
    assert vectors.chosen(Recipe(spec=SPEC)) is None
    assert vectors.chosen(Recipe(vectors=shipped.info.name)).rows is shipped.rows  # type: ignore[union-attr]
    with pytest.raises(RecipeError, match="n-grams"):
        vectors.chosen(Recipe(vectors=shipped.info.name, spec=SPEC))
    with pytest.raises(UnknownModelError, match="nope"):
        vectors.chosen(Recipe(vectors="nope"))


def test_a_recipe_that_says_what_was_so_before_is_called_as_before() -> None:
    assert Recipe(name="a", vectors="none").sha256 == Recipe(name="a").sha256
    assert Recipe(name="a", vectors="auto").sha256 != Recipe(name="a").sha256


def test_one_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = registry.vectors()
    read: list[str] = []

    def reading(_: Path, *, sha256: str) -> Vectors:
        read.append(sha256)
        return known(np.zeros((SPEC.buckets, 4), np.float32))

    vectors._read.cache_clear()
    monkeypatch.setattr(vectorfile, "read", reading)
    other = replace(entry, sha256="0" * 64)
    for one in (entry, entry, other, other, entry):
        vectors._read(one)
    vectors._read.cache_clear()  # of what was never read
    assert read == [entry.sha256, other.sha256, entry.sha256]


def test_threads_that_ask_at_once_read_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def slowly(*_: object, **__: object) -> Vectors:
        read.append("once")
        time.sleep(0.05)
        return known(np.zeros((SPEC.buckets, 2), np.float32))

    monkeypatch.setattr(vectors.vectorfile, "read", slowly)
    vectors._read.cache_clear()
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: vectors.shipped(), range(4)))
    finally:
        vectors._read.cache_clear()
    assert len(read) == 1
    assert all(one is found[0] for one in found)
