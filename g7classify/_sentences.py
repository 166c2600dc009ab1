"""The readable splitter: the loop, the guess of the language, and where sentences lie in the bytes of UTF-8.

One loop jumps from candidate to candidate (a run of stops, a line break, a Japanese bracket) and asks explicit rules
over a bounded context: the token before a stop, the next visible code point and the word there. Rules read classes of
code points (`g7classify.characters`) and tables of words (`g7classify.languages`), so the work is linear in the text
whatever it holds. The method is the classical one of rules and abbreviation lists; no part of it is learned.

_splitter.c is its compiled twin: same names, same results.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from g7classify._tables import ENGLISH, JAPANESE, WEIGHT, hints
from g7classify.arguments import texts_of_utf8
from g7classify.characters import (
    BREAKS,
    HIRAGANA,
    IDEOGRAPH,
    LOWER,
    SPACES,
    STOPS,
    UPPER,
    WIDE_ENDING,
    WIDE_OPENING,
    classify,
)
from g7classify.languages import LANGUAGES, Language
from g7classify.lines import Paragraph, ends_sentence, is_blank
from g7classify.stops import find_end, skip
from g7classify.text import check_strings

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

_PREFIX: Final = 4096
"""Code points by which the language is guessed."""
_FIRST_WIDE: Final = "\u2e80"
"""No ideograph or kana comes before it, so that one comparison spares most texts the count of them."""
_BRACKET: Final = 400
"""A Japanese bracket that is not closed within so many code points holds nothing together."""

_WORD: Final = re.compile(r"[^\W\d_²³¹¼-¾\u0530-\u1dff\u2000-\U0010ffff]+")
"""A run of letters: of the classes UPPER and LOWER, that is."""
_LETTER: Final = re.compile(f"[{''.join(language.letters for language in LANGUAGES)}]")
_CANDIDATE: Final = re.compile(f"[{STOPS}]+|[{BREAKS}][{SPACES}{BREAKS}]*|[{WIDE_OPENING}{WIDE_ENDING}]")


def guess(text: str) -> int:
    """Return the place in LANGUAGES of the language that a text is most likely in."""
    prefix = text[:_PREFIX]
    if max(prefix, default="") >= _FIRST_WIDE:
        kinds: Counter[int] = Counter()
        for char, times in Counter(prefix).items():  # each character once: a prefix has some hundred different ones
            kinds[classify(char)] += times
        if (kinds[HIRAGANA] * 2 + kinds[IDEOGRAPH]) * 2 > kinds[LOWER] + kinds[UPPER]:
            return JAPANESE
    known = hints()
    scores = [0] * len(LANGUAGES)
    for piece, times in Counter(_WORD.findall(prefix) + _LETTER.findall(prefix.lower())).items():
        places = known.get(piece.lower(), ())
        for place in places:
            scores[place] += times * (WEIGHT // len(places))
    best = max(scores)
    return scores.index(best) if best else ENGLISH


def split_texts(
    texts: Sequence[str], place: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the fields of `sentences.Splits`.

    Args:
        texts: any number of them.
        place: in LANGUAGES, of the language whose rules split them; -1 has it guessed for each text.

    Raises:
        InputTypeError: `texts` is one str or bytes, or an item is not a str.
    """
    check_strings(texts)
    texts = tuple(texts)  # some objects tell a wrong length
    places = np.zeros(len(texts), np.uint8)
    first = np.zeros(len(texts) + 1, np.int64)
    spans: list[tuple[int, int]] = []
    in_bytes: list[tuple[int, int]] = []
    for i, text in enumerate(texts):
        places[i] = own = guess(text) if place < 0 else place
        found = split(text, LANGUAGES[own])
        spans += found
        in_bytes += found if text.isascii() else _in_bytes(text, found)
        first[i + 1] = len(spans)
    return (
        places,
        first,
        np.array(spans, np.int64).reshape(-1, 2),
        np.array(in_bytes, np.int64).reshape(-1, 2),
    )


def split_utf8(
    data: Buffer, offsets: Buffer, place: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return what split_texts does, of the texts of an Arrow column of strings.

    Args:
        data: the UTF-8 of all texts.
        offsets: int32 or int64 (n + 1,): text i is data[offsets[i] : offsets[i + 1]].
        place: as in split_texts.

    Raises:
        InputTypeError: not contiguous buffers, or offsets of another type.
        OptionError: no offsets.
        TextError: offsets that fall or leave the data; bytes that are not UTF-8.
    """
    return split_texts(texts_of_utf8(data, offsets, None, first=0), place)


def _in_bytes(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of code points as spans of the bytes of UTF-8, in which a lone surrogate takes three."""
    found = []
    done = at = 0
    for start, end in spans:
        at += len(text[done:start].encode("utf-8", "surrogatepass"))
        length = len(text[start:end].encode("utf-8", "surrogatepass"))
        found.append((at, at + length))
        done, at = end, at + length
    return found


def split(text: str, table: Language) -> list[tuple[int, int]]:
    """Return the sentences of a text as half-open spans of code points, by the rules of a language."""
    spans: list[tuple[int, int]] = []
    pending: list[tuple[int, int]] = []  # ends found inside a Japanese bracket, kept only if it is never closed
    paragraph = Paragraph()
    size = len(text)
    start = skip(text, 0)
    line = depth = opened = 0
    for match in _CANDIDATE.finditer(text):
        at, after = match.span()
        char = text[at]
        if at < start:
            if char in BREAKS:
                line = after
                if is_blank(text, at, after):
                    paragraph.reset()
            continue
        if depth and at - opened > _BRACKET:
            start = _flush(spans, pending, start)
            depth = 0
        if char in BREAKS:
            if after < size and ends_sentence(text, line, at, after, table, paragraph):
                start = _flush(spans, pending, start)
                if start < at:
                    spans.append((start, start + len(text[start:at].rstrip())))
                start, depth = after, 0
            line = after
        elif char in WIDE_OPENING:
            if not depth:
                opened = at
            depth += 1
        elif char in WIDE_ENDING:
            depth = max(depth - 1, 0)
            if not depth:
                pending.clear()
        else:
            found = find_end(text, start, at, after, table)
            if found is None:
                continue
            end, following = found
            if depth:
                inner = depth - sum(text[i] in WIDE_ENDING for i in range(after, end))
                if inner > 0:
                    pending.append(found)
                    continue
                if opened != start or text[following] in WIDE_OPENING:
                    continue
                pending.clear()
                depth = 0
            spans.append((start, end))
            start = following
    start = _flush(spans, pending, start)
    if start < size:
        spans.append((start, start + len(text[start:].rstrip())))
    return spans


def _flush(spans: list[tuple[int, int]], pending: list[tuple[int, int]], start: int) -> int:
    """Turn pending ends into sentences, since their bracket was never closed; return the new start."""
    for end, following in pending:
        spans.append((start, end))
        start = following
    pending.clear()
    return start
