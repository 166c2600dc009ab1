from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from g7classify.learn.data.duplicates import BANDS, ROWS, minhash, near_duplicates

TEXTS = [" ".join(f"mot{n}{i}" for i in range(20)) for n in "abcdefgh"]


def pairs(texts: list[str]) -> set[frozenset[int]]:
    left, right = near_duplicates(texts, similarity=0.7)
    return {frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}


def test_almost_the_same_is_found_and_strangers_are_not() -> None:
    almost = [text.replace("3 ", "9 ", 1) + "." for text in TEXTS]
    assert pairs(TEXTS + almost) == {frozenset((i, i + len(TEXTS))) for i in range(len(TEXTS))}
    assert pairs(TEXTS) == set()


def test_texts_without_a_word_are_like_nothing() -> None:
    assert pairs(["", "", "!?", "..."]) == set()
    assert minhash([]).shape == (0, BANDS * ROWS)


@given(st.lists(st.sampled_from(TEXTS), max_size=12))
def test_each_copy_is_paired_with_the_first(texts: list[str]) -> None:
    first = [texts.index(text) for text in texts]
    assert pairs(texts) == {frozenset((i, at)) for i, at in enumerate(first) if i != at}


def test_no_extra_is_needed() -> None:
    code = (
        "import sys; sys.modules['sklearn'] = sys.modules['scipy'] = None; import g7classify.learn.data.problems as p; "
        "print(p.validate([]).problems[0].message)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "no labelled row\n"
    )


def test_signatures_do_not_depend_on_the_neighbours() -> None:
    assert (minhash(TEXTS)[3] == minhash([TEXTS[3]])[0]).all()
    assert minhash(TEXTS).dtype == np.uint32
