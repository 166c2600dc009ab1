from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality_noise import (
    LIGATURES,
    LINE,
    NOISES,
    SOFT_HYPHEN,
    hyphenated,
    mistyped,
    unaccented,
    with_ligatures,
    with_soft_hyphens,
)

SENTENCE = "L'État a présenté une stratégie officielle, affirmant que la coopération internationale suffira."
JAPANESE = (
    "政府は国際的な組織犯罪に対する新しい対策を発表し、関係機関との協力を強化すると述べた。ガイドラインも改定する。"
)


@given(st.text(max_size=200))
def test_the_same_text_gets_the_same_noise_and_none_is_lost(text: str) -> None:
    for spoil in NOISES.values():
        assert spoil(text) == spoil(text)
        assert bool(spoil(text)) == bool(text) or spoil is unaccented


@given(st.text(st.characters(exclude_characters="-\n"), max_size=200))
def test_lines_joined_again_are_the_text(text: str) -> None:
    assert hyphenated(text).replace("-\n", "").replace("\n", "") == text
    assert all(len(line) <= LINE + 1 for line in hyphenated(text).split("\n"))


@given(st.text(max_size=200))
def test_what_a_typesetter_adds_comes_off_again(text: str) -> None:
    assert with_soft_hyphens(text).replace(SOFT_HYPHEN, "") == text.replace(SOFT_HYPHEN, "")
    for joined in LIGATURES.values():
        text = text.replace(joined, "")
    plain = with_ligatures(text)
    for letters, joined in LIGATURES.items():
        plain = plain.replace(joined, letters)
    assert plain == text


def test_accents_of_latin_letters_go_and_marks_of_kana_stay() -> None:
    assert unaccented("État über Ça") == "Etat uber Ca"
    assert unaccented("ガイド") == "ガイド" == unicodedata.normalize("NFC", "ガイド")


def test_mistakes_are_a_swap_a_drop_and_a_double_in_every_third_word() -> None:
    words = " ".join(f"mot{letter * 3}" for letter in "abcdefghi").split()
    spoilt = mistyped(" ".join(words)).split()
    assert [new != old for new, old in zip(spoilt, words, strict=True)] == [True, False, False] * 3
    assert [len(new) - len(old) for new, old in zip(spoilt[::3], words[::3], strict=True)] == [0, -1, 1]
    assert sorted(spoilt[0]) == sorted(words[0])


@pytest.mark.parametrize("name", ["typos", "soft hyphens", "hyphens at line ends"])
def test_japanese_gets_its_share(name: str) -> None:
    assert NOISES[name](JAPANESE) != JAPANESE
    assert "-" not in NOISES[name](JAPANESE)


def test_a_word_that_is_cut_has_a_hyphen_and_others_have_none() -> None:
    assert hyphenated(SENTENCE).split("\n")[0].endswith("straté-") or "-\n" in hyphenated(SENTENCE)
    assert hyphenated(f"{'a' * (LINE - 1)} bcd") == f"{'a' * (LINE - 1)} \nbcd"
