"""What the compiled splitter reads, made of characters.py and languages.py: it has no words or classes of its own.

The guess of the language, of either twin, reads `hints`.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Any, Final

import numpy as np

from g7classify import characters
from g7classify.languages import LANGUAGES, by_code

RULES: Final = 1
"""Raised with every change of what the splitter does; _splitter.c holds the same number."""

WEIGHT: Final = 60
"""What a hint is worth, shared among the languages that it hints at."""

ENGLISH, JAPANESE = (LANGUAGES.index(by_code(code)) for code in ("en", "ja"))

_LENGTH: Final = 0x10
_HINT: Final = 0x40
_CANDIDATE: Final = 0x80
# In the order of the bits in _splitter.c.
_MARKS: Final = (
    characters.CLOSERS,
    characters.WIDE_CLOSERS,
    characters.WIDE_STOPS,
    characters.WIDE_OPENING,
    characters.WIDE_ENDING,
    characters.PARTICLES,
    characters.OPEN_ENDS,
    characters.NEVER_FIRST,
    characters.INNER_MARKS,
    characters.VOWELS,
    characters.ROMAN,
    characters.BULLETS,
    characters.LEADS,
    characters.WRAPS,
)
_SETS: Final = (
    "common",
    "starters",
    "particles",
    "joined",
    "numbered",
    "may_end",
    "closing",
    "calendar",
    "citations",
    "ordinal_leads",
    "spaced_closers",
)
_CASED: Final = (range(0x530), range(0x1E00, 0x2150))
"""No other code point has a lower case that a word of the tables holds; U+212A, the sign of kelvin, has."""
_LONGEST: Final = 15
"""Letters of the longest word that _splitter.c holds."""


@cache
def hints() -> dict[str, list[int]]:
    """Return which languages (places in LANGUAGES) a word or a letter hints at."""
    found: dict[str, list[int]] = {}
    for place, language in enumerate(LANGUAGES):
        if place != JAPANESE:
            for piece in (language.common | language.starters).union(language.letters):
                found.setdefault(piece, []).append(place)
    return found


def load() -> tuple[Any, ...]:
    """Return what _splitter.c reads, as buffers; there are w words in l languages.

    kinds     uint8 (65,536,) class | bytes of UTF-8 less 1 << 4 | if it hints at a language << 6 | if it may end a
              sentence << 7
    marks     uint16 (65,536,) one bit for each set of characters that holds it
    letters   uint8 (8,528,) number of the lower case of a code point among all letters of the words; 0 = none
    words     uint8 (w, 15) numbers of the letters, to the right
    sets      uint16 (w, l) one bit for each set of words that holds it
    weights   uint8 (w, l) what the word says for a language
    traits    uint8 (l,) capital_nouns | whether ordinals have a stop << 1 | whether it is Japanese << 2
    english, japanese   places in LANGUAGES
    """
    kinds = np.frombuffer(characters.KINDS, np.uint8).copy()
    kinds[0x80:] += _LENGTH
    kinds[0x800:] += _LENGTH
    marks = np.zeros(0x10000, np.uint16)
    for bit, chars in enumerate(_MARKS):
        marks[[ord(char) for char in chars]] |= 1 << bit
    candidates = characters.STOPS + characters.BREAKS + characters.WIDE_OPENING + characters.WIDE_ENDING
    kinds[[ord(char) for char in candidates]] |= _CANDIDATE

    sets: dict[str, list[int]] = {letter: [0] * len(LANGUAGES) for language in LANGUAGES for letter in language.letters}
    hinting = frozenset(sets)
    for place, language in enumerate(LANGUAGES):
        for bit, name in enumerate(_SETS):
            for word in getattr(language, name):
                sets.setdefault(word, [0] * len(LANGUAGES))[place] |= 1 << bit
    numbers = {char: number for number, char in enumerate(sorted(set("".join(sets))), 1)}
    letters = np.zeros(_CASED[-1].stop, np.uint8)
    for code in chain(*_CASED):
        small = chr(code).lower()
        letters[code] = numbers.get(small, 0)
        if small in hinting:
            kinds[code] |= _HINT
    words = b"".join(bytes(map(numbers.__getitem__, word)).rjust(_LONGEST, b"\0") for word in sets)
    weights = np.zeros((len(sets), len(LANGUAGES)), np.uint8)
    for row, word in enumerate(sets):
        places = hints().get(word, [])
        weights[row, places] = WEIGHT // max(len(places), 1)
    traits = bytes(
        language.capital_nouns | bool(language.ordinal_leads) << 1 | (place == JAPANESE) << 2
        for place, language in enumerate(LANGUAGES)
    )
    return kinds, marks, letters, words, np.array(list(sets.values()), np.uint16), weights, traits, ENGLISH, JAPANESE
