"""The words around a full stop, and which kind of abbreviation the one before it is, if it is one."""

from __future__ import annotations

from typing import Final

from g7classify.characters import DIGIT, LOWER, UPPER, classify
from g7classify.languages import Language

TOKEN: Final = 24
"""Longest token, in code points, that a rule looks at."""
_PARTS: Final = 4
"""Most parts of an abbreviation written with spaces (``i. d. R.``, ``S. p. A.``)."""

_ROMAN: Final = frozenset("IVXLC")
_VOWELS: Final = frozenset("aeiouyàâäéèêëîïíìôöóòûüúùœæ")
_MARKS: Final = frozenset(".-'’°º§@/_&")


def is_roman(token: str) -> bool:
    """Say whether a token is a short Roman numeral in capitals."""
    return 0 < len(token) <= 5 and _ROMAN.issuperset(token)


def token_before(text: str, start: int, at: int) -> str:
    """Return the token that ends before `at`, after its last apostrophe: letters, digits and inner marks."""
    floor = max(start, at - TOKEN)
    begin = text.rfind(" ", floor, at) + 1 or floor
    token = text[begin:at]
    if not token.isalpha():
        begin = at
        while begin > floor and (text[begin - 1] in _MARKS or classify(text[begin - 1]) in (LOWER, UPPER, DIGIT)):
            begin -= 1
        token = text[begin:at]
        if "'" in token or "’" in token:
            token = token.replace("’", "'").rsplit("'", 1)[1]
    return token


def word_at(text: str, at: int) -> str:
    """Return the word that begins at `at`: letters and digits only, cut at a constant length."""
    end = at
    limit = min(len(text), at + TOKEN)
    while end < limit and classify(text[end]) in (LOWER, UPPER, DIGIT):
        end += 1
    return text[at:end]


def word_before(text: str, start: int, at: int, token: str) -> str:
    """Return, in lower case, the word before the token that ends at `at`; an empty string if nothing is there."""
    stop = at - len(token)
    words = text[max(start, stop - TOKEN) : stop].split()
    return words[-1].strip('(„«"').lower() if words else ""


def abbreviation(text: str, at: int, token: str, language: Language) -> frozenset[str] | None:
    """Return the set of the table that the abbreviation ending before `at` belongs to; None for an ordinary word.

    Abbreviations of several parts are looked up whole first ("z. B." as "z.b"), then by their last part.
    """
    name = token.lower()
    if len(token) <= 3:
        compound = _compound(text, at, token)
        if compound and (kind := _listed(compound, language)):
            return kind
    kind = _listed(name, language)
    if kind is not None:
        return kind
    if len(token) == 1:
        return language.may_end if classify(token) in (LOWER, UPPER) else None
    parts = name.split(".")
    if len(parts) > 1:
        short = max(map(len, parts)) <= 3 and min(map(len, parts)) == 1 and not token[0].isdigit()
        return language.may_end if short else None
    if "-" in token and token[-2] == "-":
        return language.may_end  # "A.-M", "J-P"
    # No word lacks a vowel, but units do ("44 km.") and end sentences.
    if len(token) <= 4 and token.isalpha() and not token.isupper() and _VOWELS.isdisjoint(name):
        before = text[max(0, at - len(token) - 2) : at - len(token)]
        return None if before[:1].isdigit() else language.may_end
    return None


def _listed(name: str, language: Language) -> frozenset[str] | None:
    if name in language.joined:
        return language.joined
    if name in language.numbered:
        return language.numbered
    if name in language.may_end:
        return language.may_end
    if name in language.closing:
        return language.closing
    return None


def _compound(text: str, at: int, token: str) -> str:
    """Return an abbreviation of up to four short parts with one space between, without its spaces; or ""."""
    window = text[max(0, at - TOKEN) : at].replace("\xa0", " ").replace("\u202f", " ").split(" ")
    parts = [token]
    for part in reversed(window[:-1]):
        if len(parts) == _PARTS or not 2 <= len(part) <= 4 or part[-1] != "." or not part[:-1].isalpha():
            break
        parts.append(part[:-1])
    return ".".join(reversed(parts)).lower() if len(parts) > 1 else ""
