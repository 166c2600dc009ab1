"""A small class for every code point, on which the rules of the sentence splitter are stated.

Case is read below U+0530 and in U+1E00-1FFF only (Latin, Greek, Cyrillic): there it is the same in every Unicode
version that a supported Python carries, so a compiled twin can hold the same table.
"""

from __future__ import annotations

from typing import Final

SPACE: Final = 0
"""White space that stays on the line."""
BREAK: Final = 1
"""White space that ends a line."""
UPPER: Final = 2
LOWER: Final = 3
DIGIT: Final = 4
IDEOGRAPH: Final = 5
"""Han characters and katakana: they bear meaning, so a particle before one goes on with the sentence."""
HIRAGANA: Final = 6
STOP: Final = 7
OPEN: Final = 8
CLOSE: Final = 9
QUOTE: Final = 10
"""Marks that open or close, as their neighbours say."""
PAUSE: Final = 11
DASH: Final = 12
OTHER: Final = 13

BREAKS: Final = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
SPACES: Final = "\t\x1f \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
STOPS: Final = ".!?…‽⁇⁈⁉。！？．｡"
WIDE_STOPS: Final = "。！？．｡"
CLOSERS: Final = "\"'”’»«“‘›‹)]}」』）】〉》*_⁰¹²³⁴⁵⁶⁷⁸⁹"
"""What may follow a stop directly and still belongs to its sentence; “ and « close in German and Danish style."""

_PUNCTUATION: Final = {
    **dict.fromkeys(SPACES, SPACE),
    **dict.fromkeys(BREAKS, BREAK),
    **dict.fromkeys(STOPS, STOP),
    **dict.fromkeys("([{¿¡„‚「『（【〈《", OPEN),
    **dict.fromkeys(")]}」』）】〉》", CLOSE),
    **dict.fromkeys("\"'“”‘’«»‹›*_", QUOTE),
    **dict.fromkeys(",;:、，；：・%‰", PAUSE),
    **dict.fromkeys("-‐‑‒–—―−", DASH),
}


def _compute(char: str) -> int:
    known = _PUNCTUATION.get(char)
    if known is not None:
        return known
    code = ord(char)
    if code < 0x530 or 0x1E00 <= code < 0x2000:
        if char.isupper() or char.istitle():
            return UPPER
        if char.isalpha():
            return LOWER
    if "0" <= char <= "9" or "０" <= char <= "９":
        return DIGIT
    if 0x3041 <= code <= 0x309F:
        return HIRAGANA
    if 0x30A0 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xFF66 <= code <= 0xFF9F or 0x20000 <= code <= 0x3FFFF:
        return IDEOGRAPH
    return OTHER


_LATIN: Final = tuple(_compute(chr(code)) for code in range(0x250))


def classify(char: str) -> int:
    """Return the class of one code point."""
    code = ord(char)
    return _LATIN[code] if code < 0x250 else _compute(char)
