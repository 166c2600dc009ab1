from __future__ import annotations

import pytest

from g7classify.abbreviations import abbreviation, is_roman, is_word, token_before, word_at, word_before
from g7classify.languages import by_code


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("Selon M", "M"),
        ("l'art", "art"),
        ("dell’on", "on"),
        ("(cf", "cf"),
        ("les U.S", "U.S"),
        ("A.-M", "A.-M"),
        ("«\xa0Nr", "Nr"),
        ("un\nmot", "mot"),
        (" ", ""),
        ("", ""),
    ],
)
def test_the_token_before_a_stop(text: str, token: str) -> None:
    assert token_before(text, 0, len(text)) == token


def test_the_token_is_bounded() -> None:
    assert len(token_before("a" * 1000, 0, 1000)) == len(word_at("a" * 1000, 0)) == 24


def test_words_around() -> None:
    text = "Am 3. Oktober"
    assert word_before(text, 0, 4, "3") == "am"
    assert word_before(text, 0, 2, "Am") == ""
    assert word_at(text, 6) == "Oktober"


@pytest.mark.parametrize(
    ("token", "expected"), [("XIV", True), ("I", True), ("", False), ("xiv", False), ("MIX", False)]
)
def test_roman_numerals(token: str, expected: bool) -> None:
    assert is_roman(token) is expected


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("fr", "Le président M", "joined"),
        ("fr", "par art", "numbered"),
        ("fr", "des armes, etc", "closing"),
        ("fr", "la loi", None),
        ("fr", "la p. ex", "joined"),
        ("en", "the U.S", "may_end"),
        ("en", "the N.A.T.O", "may_end"),
        ("en", "example.org", None),
        ("en", "the A", "may_end"),
        ("en", "the Gvt", "may_end"),
        ("en", "of 44 km", None),
        ("en", "the BBC", None),
        ("de", "so z. B", "joined"),
        ("de", "§ 5 i. V. m", "joined"),
        ("de", "a. a. O", "may_end"),
        ("de", "Hr. z. B", "joined"),
        ("it", "la S. p. A", "may_end"),
        ("es", "en EE. UU", "may_end"),
        ("es", "en EE.\xa0UU", "may_end"),
    ],
)
def test_kinds(code: str, text: str, kind: str | None) -> None:
    language = by_code(code)
    token = token_before(text, 0, len(text))
    assert abbreviation(text, len(text), token, language) == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [("the plan", True), ("the law", False), ("the approx", False), ("EUROPOL", False), ("x.org", False)],
)
def test_ordinary_words(text: str, expected: bool) -> None:
    assert is_word(text, 0, len(text), by_code("en")) is expected
