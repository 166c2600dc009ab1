from __future__ import annotations

import sys

import pytest

from g7classify import characters
from g7classify.characters import classify


def test_white_space_is_what_python_calls_so() -> None:
    # The spans are trimmed with str.rstrip, so both must mean the same code points.
    spaces = {char for char in map(chr, range(sys.maxunicode + 1)) if char.isspace()}
    assert spaces == set(characters.SPACES + characters.BREAKS)
    assert len(spaces) == len(characters.SPACES + characters.BREAKS)


@pytest.mark.parametrize(
    ("chars", "kind"),
    [
        ("AÉŒßẞΩЖ".replace("ß", ""), characters.UPPER),
        ("aéœßωжªº", characters.LOWER),
        ("09０９", characters.DIGIT),
        ("\xa0\u202f\u3000\t", characters.SPACE),
        ("\n\r\u2028\u2029\x85", characters.BREAK),
        ("国々カｱ".replace("々", ""), characters.IDEOGRAPH),
        ("あん", characters.HIRAGANA),
        (".!?…‽。！？．｡", characters.STOP),
        ("([{¿¡„「（", characters.OPEN),
        (")]}」）", characters.CLOSE),
        ("\"'“”«»", characters.QUOTE),
        (",;:、", characters.PAUSE),
        ("-–—", characters.DASH),
        ("\0§€\ud800🏠אا", characters.OTHER),
    ],
)
def test_classes(chars: str, kind: int) -> None:
    assert {char: classify(char) for char in chars} == dict.fromkeys(chars, kind)


def test_every_code_point_has_a_class() -> None:
    kinds = {classify(chr(code)) for code in range(sys.maxunicode + 1)}
    assert kinds == set(range(characters.OTHER + 1))
