"""What bytes look like that are no UTF-8."""

from __future__ import annotations

import pytest

from g7classify.encodings import checked, guessed, hint
from g7classify.errors import OptionError

FRENCH = "L'État a décidé d'agir : « dès demain », dit-il. " * 5
JAPANESE = "警察はこの件について発表した。" * 5


@pytest.mark.parametrize(
    ("text", "encoding", "guess"),
    [
        (FRENCH, "cp1252", "cp1252"), (FRENCH, "latin-1", "cp1252"), (FRENCH, "utf-16", "utf-16"),
        (FRENCH, "utf-16-le", "utf-16-le"), (FRENCH, "utf-16-be", "utf-16-be"), (JAPANESE, "cp932", "cp932"),
        (JAPANESE, "utf-16", "utf-16"),
    ],
)  # fmt: skip
def test_encodings_are_guessed(text: str, encoding: str, guess: str) -> None:
    assert guessed(text.encode(encoding)) == guess


@pytest.mark.parametrize("content", [b"\x81\x8d\x8f", b"a\0b" + b"x" * 100])
def test_what_is_of_no_encoding_is_not_guessed(content: bytes) -> None:
    assert guessed(content) is None


def test_utf8_has_one_name() -> None:
    assert {checked(name) for name in ("utf-8", "UTF8", "utf_8_sig", "U8")} == {"utf-8"}
    assert checked("windows-1252") == "cp1252"


@pytest.mark.parametrize("name", ["no-such", "base64", "rot13", "", "a\0", "punycode", "idna", "unicode_escape"])
def test_what_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=r"^encoding .*; try utf-8, utf-16 or cp1252$"):
        checked(name)


def test_the_hint_names_the_option() -> None:
    assert hint(FRENCH.encode("cp1252")) == "it looks like cp1252: give --encoding cp1252, or convert the file to UTF-8"
    assert hint(b"\x81\x8d\x8f") == "convert the file to UTF-8"
