"""Printed lines to running text: paragraphs, and words that were broken at the end of a line.

A line that ends for want of room goes on in the next one. A paragraph ends where a line had room for the next word, or
where type, indent or space change. It goes on in the next column and on the next page if its last line is full and
has no stop, or if a small letter follows. Paragraphs are parted by a blank line, which ends a sentence too.

A hyphen at the end of a line goes, unless it belongs to the word: the document itself writes the compound with a hyphen
elsewhere; or the next line begins with a capital or a digit, with a conjunction ("Innen- und Außenpolitik"), or with a
French pronoun or particle ("dit-elle", "là-même").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from g7classify.characters import BULLETS, CLOSERS, NEVER_FIRST, OPEN_ENDS, SPACES, STOPS
from g7classify.documents.lines import Line, Page, without_heads

PARAGRAPH: Final = "\n\n"
SAME_SIZE: Final = 0.12
"""Share by which sizes of one type may differ: the boxes of regular and of bold letters do."""
WIDER_SPACE: Final = 1.25
"""Times the usual distance of lines, from which on there is space between paragraphs."""
INDENT: Final = 0.8
"""Of the line's size."""
NEIGHBOURS: Final = 3
"""Lines before and after, which tell how wide a column is."""

_HYPHENS: Final = "-‐\u00ad"
_PAUSES: Final = ":;：；"
"""What ends a line of a list, too."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_LAST_WORD: Final = re.compile(r"[^\W\d_]+$")
_COMPOUND: Final = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)+")
_MARKER: Final = re.compile(r"[-–—*+·] |[0-9]{1,3}(?:\.[0-9]{1,3})*[.)] |\(?[0-9a-z]{1,3}\) ")
_CONJUNCTIONS: Final = frozenset(["und", "oder", "bzw", "sowie", "et", "ou", "and", "or", "e", "o", "ed", "y", "u"])
_CLITICS: Final = frozenset(["elle", "elles", "il", "ils", "nous", "vous", "même", "mêmes", "là", "ci", "je", "tu"])


def flowed(pages: Sequence[Page]) -> tuple[str, tuple[int, ...]]:
    """The running text of pages, and the offset in it of each page's first code point.

    A page without text begins where the next one does.
    """
    pages = without_heads(pages)
    words, compounds = _written(line.text for page in pages for line in page.lines)
    usual = _usual_distance(pages)
    pieces: list[str] = []
    offsets: list[int | None] = []
    length = 0
    before: Sequence[Line] = ()  # the last ones, of the page that is being read or, at its first line, the one before
    for page in pages:
        offsets.append(None)
        for number, line in enumerate(page.lines):
            if before:
                ends = _ends(page.lines, number, usual) if number else not _goes_on_elsewhere(before, line)
                last = before[-1].text
                pieces.append(last + PARAGRAPH if ends else _joint(last, line.text, words, compounds))
                length += len(pieces[-1])
            if not number:
                offsets[-1] = length
            before = page.lines[max(number + 1 - 2 * NEIGHBOURS, 0) : number + 1]
    text = "".join([*pieces, *(line.text for line in before[-1:])])
    return text, _filled(offsets, len(text))


def _filled(offsets: Iterable[int | None], after: int) -> tuple[int, ...]:
    filled = []
    for offset in reversed([*offsets]):
        after = after if offset is None else offset
        filled.append(after)
    return tuple(reversed(filled))


def _written(lines: Iterable[str]) -> tuple[set[str], set[str]]:
    """The words of a document, and pairs of words that it joins by a hyphen within a line."""
    words: set[str] = set()
    compounds: set[str] = set()
    for line in lines:
        words.update(_WORD.findall(line.casefold()))
        for compound in _COMPOUND.findall(line.casefold()):
            compounds.update(f"{a}-{b}" for a, b in pairwise(re.split("[-‐]", compound)))
    return words, compounds


def _usual_distance(pages: Iterable[Page]) -> float:
    """From line to line, in sizes of the line."""
    found = [(a.baseline - b.baseline) / b.size for page in pages for a, b in pairwise(page.lines) if _same_type(a, b)]
    return median([distance for distance in found if 0.5 < distance < 3] or [1.0])


def _same_type(a: Line, b: Line) -> bool:
    return abs(a.size - b.size) <= SAME_SIZE * max(a.size, b.size)


def _ends(lines: Sequence[Line], at: int, usual: float) -> bool:
    """Whether a paragraph ends before a line of a page that is not its first."""
    a, b = lines[at - 1], lines[at]
    if not _same_type(a, b):
        return True
    down = a.baseline - b.baseline
    if down < -b.size / 2:
        return not _goes_on_elsewhere(lines[max(at - 2 * NEIGHBOURS, 0) : at], b)
    if down < b.size / 2:  # pieces of one line
        return False
    if down > WIDER_SPACE * usual * b.size:
        return not _goes_on(a.text, b.text)
    if b.text[0] in BULLETS:
        return True
    if _stopped(a.text) and b.left - a.left > INDENT * b.size and not _is_item(a.text):
        return True
    near = lines[max(at - 1 - NEIGHBOURS, 0) : at + NEIGHBOURS]
    had_room = _had_room(a, b, near)
    if _MARKER.match(b.text) and (had_room or _stopped(a.text)):
        return True
    return had_room and (_stopped(a.text) or not b.text[0].islower())


def _had_room(a: Line, b: Line, near: Iterable[Line]) -> bool:
    """Whether the first word of the next line, b, would have fitted in line a of a column of such lines."""
    edge = max(line.right for line in near if abs(line.left - a.left) < 4 * a.size)
    word = 1 if _unspaced(b.text[0]) else len(b.text.split(maxsplit=1)[0])
    return edge - a.right > (b.right - b.left) / len(b.text) * (word + 1) + a.size / 2


def _is_item(text: str) -> bool:
    return text[0] in BULLETS or _MARKER.match(text) is not None


def _stopped(text: str, stops: str = STOPS + _PAUSES) -> bool:
    return text.rstrip(CLOSERS + SPACES)[-1:] in tuple(stops)


def _goes_on(a: str, b: str) -> bool:
    """Whether a line goes on with the sentence of the line before, by their letters alone."""
    if _unspaced(a[-1]):
        return a[-1] in OPEN_ENDS or b[0] in NEVER_FIRST
    return not _stopped(a) and b[0].islower()


def _goes_on_elsewhere(before: Sequence[Line], b: Line) -> bool:
    """Whether the sentence of the last line of a column goes on in the first line of the next one."""
    a = before[-1]
    if not _same_type(a, b) or _stopped(a.text, STOPS):
        return False
    return _goes_on(a.text, b.text) or not (_is_item(b.text) or _had_room(a, b, before[-2 * NEIGHBOURS :]))


def _unspaced(char: str) -> bool:
    """Whether words of the script stand without spaces between them: wide characters, but for Hangul."""
    return unicodedata.east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7a3"


def _joint(a: str, b: str, words: set[str], compounds: set[str]) -> str:
    """A line and what parts it from the next line of its paragraph."""
    if a[-1] not in _HYPHENS or not a[-2:-1].isalnum() or not b[0].isalnum():
        return a if _unspaced(a[-1]) and _unspaced(b[0]) else f"{a} "
    first, second = _LAST_WORD.search(a[:-1]), _WORD.match(b)
    if not first or not second:  # of numbers, as in 2020-2024
        return a
    if a[-1] == "\u00ad" or f"{first[0]}{second[0]}".casefold() in words:
        return a[:-1]
    if f"{first[0]}-{second[0]}".casefold() in compounds:
        return a
    if second[0] in _CONJUNCTIONS:
        return f"{a} "
    return a[:-1] if second[0][0].islower() and second[0] not in _CLITICS else a
