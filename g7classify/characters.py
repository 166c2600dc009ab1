"""A small class for every code point, on which the rules of the sentence splitter are stated.

Case is read below U+0530 and in U+1E00-1FFF only (Latin, Greek, Cyrillic): there it is the same in every Unicode
version that a supported Python carries. The one table, and the sets of characters that rules name, serve both twins of
the splitter.
"""

from __future__ import annotations

from itertools import chain
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
WIDE_CLOSERS: Final = "".join(char for char in CLOSERS if char not in "“‘«*_")
"""The same after a stop of Chinese or Japanese typography."""
WIDE_OPENING: Final = "「『（"
"""Japanese brackets, which hold sentences together."""
WIDE_ENDING: Final = "」』）"
PARTICLES: Final = "とのがにはもでをへや"
"""Japanese particles: after a mark or a bracket and before a word they go on with the sentence."""
OPEN_ENDS: Final = "のをにはがとでや、"
"""Particles after which a Japanese line goes on; へ, か and も end headlines."""
NEVER_FIRST: Final = "をんっゃゅょぁぃぅぇぉーッャュョァィゥェォ々、。）」』"
"""What never begins a Japanese sentence."""
INNER_MARKS: Final = ".-'’°º§@/_&"
"""What a token may hold beside letters and digits."""
VOWELS: Final = "aeiouyàâäéèêëîïíìôöóòûüúùœæAEIOUYÀÂÄÉÈÊËÎÏÍÌÔÖÓÒÛÜÚÙŒÆ"
ROMAN: Final = "IVXLC"
"""Digits of Roman numerals."""
BULLETS: Final = "•▪◦‣▶►■●○◆◇□◎※▼▲①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
"""What begins the item of a list, even without a space after it."""
LEADS: Final = '«„“"('
"""What may stand before the marker that begins a sentence ("1.", "Article 5.")."""
WRAPS: Final = '(„«"'
"""What is no part of a word that it stands at."""

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
_RANGES: Final = (
    ("0", "9", DIGIT),
    ("０", "９", DIGIT),
    ("\u3041", "\u309f", HIRAGANA),
    ("\u30a0", "\u30ff", IDEOGRAPH),
    ("\u3400", "\u9fff", IDEOGRAPH),
    ("\uff66", "\uff9f", IDEOGRAPH),
)
_CASED: Final = (range(0x530), range(0x1E00, 0x2000))


def _table() -> bytes:
    kinds = bytearray([OTHER]) * 0x10000
    for first, last, kind in _RANGES:
        size = ord(last) + 1 - ord(first)
        kinds[ord(first) : ord(first) + size] = bytes([kind]) * size
    for code in chain(*_CASED):
        char = chr(code)
        if char.isalpha() or char.isupper():
            kinds[code] = UPPER if char.isupper() or char.istitle() else LOWER
    for char, kind in _PUNCTUATION.items():
        kinds[ord(char)] = kind
    return bytes(kinds)


KINDS: Final = _table()
"""The classes of the code points below 0x10000."""


def classify(char: str) -> int:
    """Return the class of one code point; above 0xFFFF planes 2 and 3 are ideographs."""
    code = ord(char)
    if code < 0x10000:
        return KINDS[code]
    return IDEOGRAPH if code >> 16 in (2, 3) else OTHER
