from __future__ import annotations

from itertools import islice

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from g7classify.learn.advice.coverage import Coverage

WORDS = ["police", "budget", "frontière", "accord", "tribunal", "réseau", "santé", "école"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), max_size=25)


def picks(coverage: Coverage, n: int, quality: list[float]) -> list[int]:
    return [row for row, _ in islice(coverage.pick(np.array(quality)), n)]


def test_what_is_new_comes_before_what_was_picked() -> None:
    texts = ["police frontière", "police frontière nord", "budget santé", "budget santé sud", "police frontière est"]
    first, second = picks(Coverage(texts, near_duplicate=1.0), 2, [1.0] * 5)
    assert {texts[first].split()[0], texts[second].split()[0]} == {"police", "budget"}


def test_what_is_known_counts_as_picked() -> None:
    texts = ["police frontière nord", "police frontière sud", "budget santé nord", "budget santé sud"]
    known = ["police frontière est", "police frontière ouest"]
    assert picks(Coverage(texts, known, near_duplicate=1.0), 1, [1.0] * 4)[0] in (2, 3)


def test_quality_decides_between_equals() -> None:
    texts = ["police nord", "police nord", "budget sud", "budget sud"]
    assert picks(Coverage(texts, near_duplicate=0.9), 2, [1.0, 2.0, 5.0, 4.0]) == [2, 1]


@given(TEXTS, TEXTS)
def test_nothing_is_picked_twice_or_repeats_what_is_known(texts: list[str], known: list[str]) -> None:
    chosen = [texts[row] for row in picks(Coverage(texts, known, near_duplicate=0.8), 99, [1.0] * len(texts))]
    assert len(set(chosen)) == len(chosen)
    assert not {*chosen} & {*known}
    assert "" not in chosen


@given(TEXTS, st.integers(0, 3))
def test_values_fall_and_are_those_of_trying_every_text(texts: list[str], seed: int) -> None:
    quality = np.random.default_rng(seed).random(len(texts)) + 0.1
    found = list(Coverage(texts, near_duplicate=1.0).pick(quality))
    values = [value for _, value in found]
    assert values == sorted(values, reverse=True)
    # Greedy without the heap: after each pick, every text is tried anew.
    for step in range(min(len(found), 4)):
        coverage = Coverage(texts, [texts[row] for row, _ in found[:step]], near_duplicate=1.0)
        _, best = next(coverage.pick(quality))
        assert np.isclose(best, values[step])


def test_no_text_at_all() -> None:
    assert picks(Coverage([], near_duplicate=0.7), 3, []) == []
