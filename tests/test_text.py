from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import text
from g7classify.errors import InputTypeError, TextError


def fold(char: str) -> str:
    """The canonical form of a character below U+10000, read from the table."""
    code = ord(char)
    return "".join(chr(c) for c in text.FOLDED[text.OFFSETS[code] : text.OFFSETS[code + 1]])


@pytest.mark.parametrize(
    ("char", "folded"),
    [
        ("É", "e"), ("ß", "ss"), ("ẞ", "ss"), ("Œ", "oe"), ("æ", "ae"), ("Ø", "o"), ("Ｇ", "g"), ("７", "7"),
        ("ﬁ", "fi"), ("ｶ", "カ"), ("が", "が"), ("㈱", "(株)"), ("№", "no"), ("İ", "i"), ("ς", "σ"),
        ("\u00ad", ""),
        ("\u200b", ""), ("\u0301", ""), ("\u202e", ""), ("\ufeff", ""), ("\u3000", " "), ("\u00a0", " "),
    ],
)  # fmt: skip
def test_folds(char: str, folded: str) -> None:
    assert fold(char) == folded


@pytest.mark.parametrize(
    ("chars", "kind"),
    [
        ("az09éбω", text.WORD),
        ("漢かカー々〇ไ", text.UNSPACED),
        (" \t\n\x00.,;’'«»-–…。、「」・€%\ue000", text.SEPARATOR),
    ],
)
def test_classes(chars: str, kind: int) -> None:
    assert {char: int(text.CLASSES[ord(char)]) for char in chars} == dict.fromkeys(chars, kind)


def test_folding_twice_changes_nothing() -> None:
    for code in np.unique(text.FOLDED):
        assert fold(chr(code)) == chr(code), f"U+{code:04X}"


@given(st.text())
def test_fold_is_the_table_s_form_of_every_character_and_tells_which_it_is_of(value: str) -> None:
    folded, classes, source = text.fold(np.frombuffer(value.encode("utf-32-le", "surrogatepass"), dtype=np.uint32))
    expected = [(i, c) for i, char in enumerate(value) for c in (fold(char) if char <= "\uffff" else char)]
    assert list(zip(source.tolist(), map(chr, folded.tolist()), strict=True)) == expected
    low = folded <= 0xFFFF
    assert (classes[low] == text.CLASSES[folded[low]]).all()
    assert ((classes[~low] == text.UNSPACED) == np.isin(folded[~low] >> 16, (2, 3))).all()


def test_table_covers_every_code_point_with_at_most_four() -> None:
    assert text.OFFSETS.shape == (0x10001,)
    assert text.CLASSES.shape == (0x10000,)
    assert np.diff(text.OFFSETS.astype(np.int64)).min() == 0
    assert np.diff(text.OFFSETS.astype(np.int64)).max() <= 4
    assert text.OFFSETS[-1] == len(text.FOLDED)


@given(st.text())
def test_check_accepts_every_text_without_surrogates(value: str) -> None:
    text.check_text(value)


@pytest.mark.parametrize("value", [b"abc", bytearray(b"abc"), None, 3, ["a"]])
def test_check_refuses_what_is_no_str(value: object) -> None:
    with pytest.raises(InputTypeError, match=f"expected str, got {type(value).__name__}"):
        text.check_text(value)


def test_check_names_the_surrogate_and_its_place() -> None:
    with pytest.raises(TextError, match=r"texts\[1\]: lone surrogate U\+D83D at offset 2"):
        text.check_texts(["fine", "ab\ud83d"])


@pytest.mark.parametrize("value", ["abc", b"abc"])
def test_check_refuses_one_text_for_many(value: object) -> None:
    with pytest.raises(InputTypeError, match="pass \\[text\\] for one text"):
        text.check_texts(value)  # type: ignore[arg-type]
