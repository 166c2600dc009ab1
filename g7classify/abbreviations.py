"""The words around a full stop, and which kind of abbreviation the one before it is, if it is one."""

from __future__ import annotations

from typing import Final, Literal

from g7classify.characters import DIGIT, INNER_MARKS, LOWER, ROMAN, UPPER, VOWELS, WRAPS, classify
from g7classify.languages import Language

Kind = Literal["joined", "numbered", "may_end", "closing"]
"""The kinds of abbreviations, named as the tables of `Language` that list them."""

TOKEN: Final = 24
"""Longest token, in code points, that a rule looks at."""
_PARTS: Final = 4
"""Most parts of an abbreviation written with spaces (``i. d. R.``, ``S. p. A.``)."""

_ROMAN: Final = frozenset(ROMAN)
_VOWELS: Final = frozenset(VOWELS)
_MARKS: Final = frozenset(INNER_MARKS)


def is_roman(token: str) -> bool:
    """Say whether a token is a short Roman numeral in capitals."""
    return 0 < len(token) <= 5 and _ROMAN.issuperset(token)


def token_before(text: str, start: int, at: int) -> str:
    """Return the token that ends before `at`, after its last apostrophe: letters, digits and inner marks."""
    floor = max(start, at - TOKEN)
    begin = text.rfind(" ", floor, at) + 1 or floor
    token = text[begin:at]
    # Below U+0250 str.isalpha means the classes UPPER and LOWER, so most words need no walk.
    if not (token.isalpha() and max(token) < "\u0250"):
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
    return words[-1].strip(WRAPS).lower() if words else ""


def abbreviation(text: str, at: int, token: str, language: Language) -> Kind | None:
    """Return the kind of the abbreviation that ends before `at` with `token`; None for an ordinary word.

    Abbreviations of several parts are looked up whole first ("z. B." as "z.b"), then by their last part. What no table
    lists may still look like one: a single letter, letters with inner stops, a word without a vowel.
    """
    kind = (_compound(text, at, token, language) if len(token) <= 3 else None) or _listed(token.lower(), language)
    if kind is not None:
        return kind
    if len(token) == 1:
        return "may_end" if classify(token) in (LOWER, UPPER) else None
    parts = token.split(".")
    if len(parts) > 1:
        short = max(map(len, parts)) <= 3 and min(map(len, parts)) == 1 and classify(token[0]) != DIGIT
        return "may_end" if short else None
    if token[-2] == "-":
        return "may_end"  # "A.-M", "J-P"
    if len(token) <= 4 and token.isalpha() and _VOWELS.isdisjoint(token) and LOWER in map(classify, token):
        # No word lacks a vowel; units do ("44 km."), but they end sentences.
        before = at - len(token) - 2
        return None if before >= 0 and classify(text[before]) == DIGIT else "may_end"
    return None


def is_word(text: str, start: int, at: int, language: Language) -> bool:
    """Say whether an ordinary word of four letters or more, no abbreviation, ends before `at`."""
    token = token_before(text, start, at)
    return (
        len(token) >= 4
        and token.isalpha()
        and classify(token[-1]) == LOWER
        and abbreviation(text, at, token, language) is None
    )


def _listed(name: str, language: Language) -> Kind | None:
    if name in language.joined:
        return "joined"
    if name in language.numbered:
        return "numbered"
    if name in language.may_end:
        return "may_end"
    if name in language.closing:
        return "closing"
    return None


def _compound(text: str, at: int, token: str, language: Language) -> Kind | None:
    """Return the kind of the longest listed abbreviation of several short parts with one space between them."""
    window = text[max(0, at - TOKEN) : at].replace("\xa0", " ").replace("\u202f", " ").split(" ")
    name = token.lower()
    kind = None
    for part in window[-2 : -_PARTS - 1 : -1]:
        if not 2 <= len(part) <= 4 or part[-1] != ".":
            break
        name = part.lower() + name
        kind = _listed(name, language) or kind
    return kind
