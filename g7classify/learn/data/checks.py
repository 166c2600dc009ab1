"""What is suspicious about rows that can be read: each by itself, and beside the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from g7classify.codebook import Codebook
from g7classify.languages import LANGUAGES
from g7classify.learn.data.duplicates import near_duplicates, same_texts
from g7classify.learn.data.inferred import Slip
from g7classify.learn.data.rows import Kind, Problem, Row, Severity
from g7classify.sentences import guess_language

NEAR_DUPLICATE: Final = 0.7
"""Similarity from which texts are near-duplicates: that from which a recipe keeps them in one fold."""

# The guessed language was not the stated one for 3 % of 1,786 seeds and real rows of 20 to 39 letters, and for 0.03 %
# of 33,410 from 80 on. In bytes, because an ideograph says as much as three letters.
MIN_BYTES_TO_GUESS: Final = 80

_CODES: Final = frozenset(language.code for language in LANGUAGES)
# What UTF-8 becomes when somebody reads it as Windows-1252 and writes it again: accents, quotation marks, kana; and the
# character that stands for one that could not be read.
_CONTINUED: Final = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", "ignore")) + "\u0080-\u009f"
_MISREAD: Final = re.compile(f"Ã[{_CONTINUED}]|Â[«»°\u00a0]|â€[{_CONTINUED}]|ã[\u0081‚ƒ]|\ufffd")


class Found(NamedTuple):
    """A row and where it stands."""

    path: str
    line: int
    row: Row

    @property
    def where(self) -> str:
        """`file:line`."""
        return f"{self.path}:{self.line}"

    def problem(self, kind: Kind, message: str, severity: Severity = "warning") -> Problem:
        """A problem of the row."""
        return Problem(self.path, self.line, self.row.id, kind, message, severity)


def among(rows: Sequence[Found], *, codebook: Codebook | None, slips: Sequence[Slip] = ()) -> list[list[Problem]]:
    """The problems of each row, in the order of the rows.

    Args:
        rows: all of them.
        codebook: closes the labels; with None they are compared as they stand.
        slips: of labels that were taken from these rows; each is told at the first row that holds its label.
    """
    problems: list[list[Problem]] = [list(_alone(found)) for found in rows]
    held = [frozenset(codebook.close(found.row.labels) if codebook else found.row.labels) for found in rows]
    for check in (_same_texts, _similar_texts):
        for place, problem in check(rows, held):
            problems[place].append(problem)
    for place, message in _slips(slips, held):
        problems[place].append(rows[place].problem("spelling", message))
    return problems


def _alone(found: Found) -> Iterator[Problem]:
    text, lang = found.row.text, found.row.lang
    if misread := _MISREAD.search(text):
        around = text[max(misread.start() - 10, 0) : misread.end() + 10]
        yield found.problem("encoding", f"{around!r} was decoded wrongly once; take the text from where it came from")
    if lang in _CODES and len(text.encode()) >= MIN_BYTES_TO_GUESS and (guess := guess_language(text)) != lang:
        yield found.problem("language", f"`lang` is {lang!r}, but the text seems to be {guess!r}; correct one of them")


def _same_texts(rows: Sequence[Found], held: Sequence[frozenset[str]]) -> Iterator[tuple[int, Problem]]:
    for places in same_texts([found.row.text for found in rows]):
        first: dict[frozenset[str], int] = {}
        for place in places:
            first.setdefault(held[place], place)
        one, other = [*first.values(), places[0]][:2]
        for place in places if len(first) > 1 else ():
            elsewhere = rows[other if held[place] == held[one] else one].where
            message = f"the same text has other labels at {elsewhere}; settle which hold"
            yield place, rows[place].problem("conflict", message, "error")
        for place in places[1:] if len(first) == 1 else ():
            message = f"the same text has the same labels at {rows[one].where}; one of them is enough"
            yield place, rows[place].problem("duplicate", message)


def _similar_texts(rows: Sequence[Found], held: Sequence[frozenset[str]]) -> Iterator[tuple[int, Problem]]:
    texts = [found.row.text for found in rows]
    left, right = near_duplicates(texts, similarity=NEAR_DUPLICATE)
    told: set[int] = set()
    for place, other in zip(left.tolist(), right.tolist(), strict=True):
        if place in told or " ".join(texts[place].split()) == " ".join(texts[other].split()):
            continue
        told.add(place)
        labels = "with the same labels" if held[place] == held[other] else "with other labels"
        yield (
            place,
            rows[place].problem("near-duplicate", f"almost the same text stands at {rows[other].where}, {labels}"),
        )


def _slips(slips: Sequence[Slip], held: Sequence[frozenset[str]]) -> Iterator[tuple[int, str]]:
    """Of each label that may be a slip, the row that holds it first."""
    first: dict[str, int] = {}
    for place, labels in enumerate(held):
        for label in labels:
            first.setdefault(label, place)
    for slip in slips:
        if slip.label:
            yield first[slip.label], slip.message
