"""Text as it arrives: shouted, stripped, mistyped, scanned. The same text always gets the same noise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import count

# Runs of letters; a longer run counts as several, so that Japanese, which has no spaces, gets its share.
WORD = re.compile(r"[^\W\d_]{4,8}")
LONG_WORD = re.compile(r"[^\W\d_]{8,}")
EVERY = 3  # word gets a mistake
LINE = 40  # characters
LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
SOFT_HYPHEN = "\u00ad"


def unaccented(text: str) -> str:
    """Without the accents of Latin letters; the marks of kana stay."""
    bare = (c for c in unicodedata.normalize("NFD", text) if not 0x0300 <= ord(c) <= 0x036F)
    return unicodedata.normalize("NFC", "".join(bare))


def mistyped(text: str) -> str:
    """In every third word two letters swapped, one dropped or one doubled, by turns, within the word."""
    number = count()

    def spoil(match: re.Match[str]) -> str:
        word, turn = match[0], next(number)
        if turn % EVERY:
            return word
        kind, at = turn // EVERY % 3, len(word) // 2
        if kind == 0:
            return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
        return word[:at] + word[at + 1 :] if kind == 1 else word[:at] + word[at] + word[at:]

    return WORD.sub(spoil, text)


def with_ligatures(text: str) -> str:
    """Letters that a typesetter joins as one character."""
    for letters, joined in LIGATURES.items():
        text = text.replace(letters, joined)
    return text


def with_soft_hyphens(text: str) -> str:
    """Every word of eight letters or more with an invisible hyphen inside."""
    return LONG_WORD.sub(lambda match: f"{match[0][:4]}{SOFT_HYPHEN}{match[0][4:]}", text)


def hyphenated(text: str) -> str:
    """Set in lines of 40 characters; a word that is cut has a hyphen at the line's end, Japanese has none."""
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    set_text = lines[0] if lines else ""
    for line in lines[1:]:
        cut = set_text[-1].isalpha() and line[0].isalpha()
        spaced = ord(set_text[-1]) < 0x3000 and ord(line[0]) < 0x3000
        set_text += ("-\n" if cut and spaced else "\n") + line
    return set_text


def scanned(text: str) -> str:
    """Hyphens at line ends, ligatures and soft hyphens together."""
    return hyphenated(with_ligatures(with_soft_hyphens(text)))


NOISES: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "no accents": unaccented,
    "typos": mistyped,
    "ligatures": with_ligatures,
    "soft hyphens": with_soft_hyphens,
    "hyphens at line ends": hyphenated,
    "scanned: the last three": scanned,
}
