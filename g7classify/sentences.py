"""Split a text into sentences: half-open spans of code points into the untouched text.

One loop jumps from candidate to candidate (a run of stops, a line break, a Japanese bracket) and asks explicit rules
over a bounded context: the token before a stop, the next visible code point and the word there. Rules read classes of
code points (`g7classify.characters`) and tables of words (`g7classify.languages`), so the work is linear in the text
whatever it holds. The method is the classical one of rules and abbreviation lists; no part of it is learned.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from g7classify.characters import BREAKS, HIRAGANA, IDEOGRAPH, LOWER, SPACES, STOPS, UPPER, classify
from g7classify.errors import InputTypeError
from g7classify.languages import LANGUAGES, by_code
from g7classify.lines import Paragraph, ends_sentence, is_blank
from g7classify.stops import find_end, skip

_PREFIX: Final = 4096
"""Code points by which the language is guessed."""
_FIRST_WIDE: Final = "\u2e80"
"""No ideograph or kana comes before it, so that one comparison spares most texts the count of them."""
_BRACKET: Final = 400
"""A Japanese bracket that is not closed within so many code points holds nothing together."""

_WEIGHT: Final = 60
"""What a hint is worth, shared among the languages that it hints at."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_LETTER: Final = re.compile(f"[{''.join(language.letters for language in LANGUAGES)}]")
_CANDIDATE: Final = re.compile(f"[{STOPS}]+|[{BREAKS}][{SPACES}{BREAKS}]*|[「」『』（）]")


def guess_language(text: str) -> str:
    """Return the ISO 639-1 code of the language that a text is most likely in.

    Looks at the first 4,096 code points: kana means Japanese, function words and letters decide between the others.
    Ties go to the first in the order of `LANGUAGES`; a text without any hint counts as English.

    Raises:
        InputTypeError: text is not a str.
    """
    _check(text)
    prefix = text[:_PREFIX]
    if max(prefix, default="") >= _FIRST_WIDE:
        kinds: Counter[int] = Counter()
        for char, times in Counter(prefix).items():  # each character once: a prefix has some hundred different ones
            kinds[classify(char)] += times
        if (kinds[HIRAGANA] * 2 + kinds[IDEOGRAPH]) * 2 > kinds[LOWER] + kinds[UPPER]:
            return "ja"
    hints = _hints()
    lower = prefix.lower()
    scores = Counter({language.code: 0 for language in LANGUAGES})
    for piece, times in Counter(_WORD.findall(lower) + _LETTER.findall(lower)).items():
        codes = hints.get(piece, ())
        for code in codes:
            scores[code] += times * (_WEIGHT // len(codes))
    best, score = scores.most_common(1)[0]
    return best if score else "en"


@cache
def _hints() -> dict[str, list[str]]:
    """Return which languages a word or a letter hints at."""
    hints: dict[str, list[str]] = {}
    for language in LANGUAGES:
        if language.code != "ja":
            for piece in (language.common | language.starters).union(language.letters):
                hints.setdefault(piece, []).append(language.code)
    return hints


def split(text: str, *, language: str | None = None) -> list[tuple[int, int]]:
    """Return the sentences of a text as half-open spans of code points into it.

    Spans are in order, do not overlap, begin and end with a visible code point and cover all of them. An empty line
    always ends a sentence, so paragraphs can be split apart or together.

    Args:
        text: any str; lone surrogates and control characters pass through.
        language: ISO 639-1 code of the table to use; None has it guessed by `guess_language`.

    Raises:
        InputTypeError: text is not a str.
        OptionError: there is no table for the language.
    """
    _check(text)
    table = by_code(guess_language(text) if language is None else language)
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
        elif char in "「『（":
            if not depth:
                opened = at
            depth += 1
        elif char in "」』）":
            depth = max(depth - 1, 0)
            if not depth:
                pending.clear()
        else:
            found = find_end(text, start, at, after, table)
            if found is None:
                continue
            end, following = found
            if depth:
                inner = depth - sum(text[i] in "」』）" for i in range(after, end))
                if inner > 0:
                    pending.append(found)
                    continue
                if opened != start or text[following] in "「『（":
                    continue
                pending.clear()
                depth = 0
            spans.append((start, end))
            start = following
    start = _flush(spans, pending, start)
    if start < size:
        spans.append((start, start + len(text[start:].rstrip())))
    return spans


class Splits(NamedTuple):
    """The m sentences of n texts.

    Attributes:
        languages: (n,), index into LANGUAGES of the language whose rules split the text.
        first: (n + 1,): the sentences of text i are rows first[i] to first[i + 1] - 1 of the spans.
        spans: (m, 2) half-open, in code points of the text.
    """

    languages: NDArray[np.uint8]
    first: NDArray[np.int64]
    spans: NDArray[np.int64]


def split_many(texts: Sequence[str], *, language: str | None = None) -> Splits:
    """Split n texts as `split` does."""
    codes = [language.code for language in LANGUAGES]
    languages = [guess_language(text) if language is None else language for text in texts]
    found = [split(text, language=code) for text, code in zip(texts, languages, strict=True)]
    first = np.cumsum([0, *map(len, found)], dtype=np.int64)
    spans = np.array([span for spans in found for span in spans], dtype=np.int64).reshape(-1, 2)
    return Splits(np.array([codes.index(code) for code in languages], dtype=np.uint8), first, spans)


def _check(text: str) -> None:
    if not isinstance(text, str):
        raise InputTypeError(f"text must be a str, not {type(text).__name__}; decode bytes first, e.g. data.decode()")


def _flush(spans: list[tuple[int, int]], pending: list[tuple[int, int]], start: int) -> int:
    """Turn pending ends into sentences, since their bracket was never closed; return the new start."""
    for end, following in pending:
        spans.append((start, end))
        start = following
    pending.clear()
    return start
