"""What the compiled splitter reads, made of characters.py and languages.py: it has no words or classes of its own.

The guess of the language, of either twin, reads `hints`.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
_LOWERED: Final = (range(0x530), range(0x1E00, 0x2150))
"""No other code point has a lower case that a word of the tables holds; U+212A, the sign of kelvin, has."""


class Tables(NamedTuple):
    """Buffers; w words in l languages."""

    kinds: NDArray[np.uint8]
    """(65,536,) class | bytes of UTF-8 less 1 << 4 | if it hints at a language << 6 | if it may end a sentence << 7."""
    marks: NDArray[np.uint16]
    """(65,536,) one bit for each set of characters that holds it."""
    lower: NDArray[np.uint16]
    """(8,528,) lower case of the code points up to there."""
    words: str
    """The words of all languages and the hinting letters, each with a line feed after it."""
    sets: NDArray[np.uint16]
    """(w, l) one bit for each set of words that holds it."""
    weights: NDArray[np.uint8]
    """(w, l) what the word says for a language."""
    traits: NDArray[np.uint8]
    """(l,) capital_nouns | whether ordinals have a stop << 1 | whether it is Japanese << 2."""
    english: int
    """Its place in LANGUAGES: a text without any hint counts as English."""
    japanese: int


@cache
def hints() -> dict[str, list[int]]:
    """Return which languages (places in LANGUAGES) a word or a letter hints at."""
    found: dict[str, list[int]] = {}
    for place, language in enumerate(LANGUAGES):
        if place != JAPANESE:
            for piece in (language.common | language.starters).union(language.letters):
                found.setdefault(piece, []).append(place)
    return found


def load() -> Tables:
    """Return the tables."""
    kinds = np.frombuffer(characters.KINDS, np.uint8).copy()
    kinds[0x80:] += _LENGTH
    kinds[0x800:] += _LENGTH
    marks = np.zeros(0x10000, np.uint16)
    for bit, chars in enumerate(_MARKS):
        marks[[ord(char) for char in chars]] |= 1 << bit
    candidates = characters.STOPS + characters.BREAKS + characters.WIDE_OPENING + characters.WIDE_ENDING
    kinds[[ord(char) for char in candidates]] |= _CANDIDATE
    lower = np.arange(_LOWERED[-1].stop, dtype=np.uint16)
    letters = {char for language in LANGUAGES for char in language.letters}
    for code in chain(*_LOWERED):
        small = chr(code).lower()
        if len(small) == 1:  # dotted capital I has two, which no word of the tables holds
            lower[code] = ord(small)
            if small in letters:
                kinds[code] |= _HINT
    sets: dict[str, list[int]] = {}
    for place, language in enumerate(LANGUAGES):
        for bit, name in enumerate(_SETS):
            for word in getattr(language, name):
                sets.setdefault(word, [0] * len(LANGUAGES))[place] |= 1 << bit
    for letter in letters:
        sets.setdefault(letter, [0] * len(LANGUAGES))
    weights = np.zeros((len(sets), len(LANGUAGES)), np.uint8)
    for row, word in enumerate(sets):
        places = hints().get(word, [])
        for place in places:
            weights[row, place] = WEIGHT // len(places)
    traits = np.array(
        [
            language.capital_nouns | bool(language.ordinal_leads) << 1 | (place == JAPANESE) << 2
            for place, language in enumerate(LANGUAGES)
        ],
        np.uint8,
    )
    words = "".join(f"{word}\n" for word in sets)
    masks = np.array(list(sets.values()), np.uint16)
    return Tables(kinds, marks, lower, words, masks, weights, traits, ENGLISH, JAPANESE)
