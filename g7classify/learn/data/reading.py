"""Files to rows: each record becomes a row, or a problem, or part of an earlier row; none is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from g7classify.codebook import Codebook
from g7classify.errors import DataError, EncodingError, InputTypeError
from g7classify.labels import short
from g7classify.learn.data.exports import meaning_of
from g7classify.learn.data.formats import StrPath, files, load
from g7classify.learn.data.layout import Layout
from g7classify.learn.data.meaning import Meaning
from g7classify.learn.data.records import Record, Source
from g7classify.learn.data.rows import Problem, Row, Unusable, sound

# Of a row in a file; where the file as a whole cannot be read, there are no other rows to write.
HINT: Final = "; `g7classify validate --clean FILE` names every such row, and writes the others"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record: a row, or a problem with it, or neither where it joined an earlier row.

    Attributes:
        path: of the file.
        record: what stood there.
        row: the row, if it can be used.
        problem: why it cannot be used, or what somebody should look at though it can.
    """

    path: str
    record: Record
    row: Row | None
    problem: Problem | None


def outcomes(source: Source, *, layout: Layout, codebook: Codebook | None) -> Iterator[Outcome]:
    """What becomes of each record, in order.

    Raises:
        Unusable: it is not certain what the records mean.
        InputTypeError: the codebook is none.
    """
    if codebook is not None and not isinstance(codebook, Codebook):
        raise InputTypeError(
            f"codebook: expected a Codebook, or None for the labels that occur, got {short(codebook)}; "
            "Codebook.read reads a file"
        )
    meaning = meaning_of(source, layout=layout, codebook=codebook)
    for record in source.records:
        row, problem = None, None
        try:
            row, note = _row(record, meaning, where=f"{source.path}:{record.line}", codebook=codebook)
        except Unusable as unusable:
            problem = problem_of(unusable, path=source.path, line=record.line, id=_id(record))
        else:
            if row is not None and note:
                problem = Problem(source.path, record.line, row.id, "disagreement", note, "warning")
        yield Outcome(source.path, record, row, problem)


def rows(paths: StrPath | Iterable[StrPath], *, layout: Layout, codebook: Codebook | None) -> Iterator[Row]:
    """The rows of files that are sound; what nobody has labelled is passed over.

    Raises:
        DataError: the first problem, with file and line.
        EncodingError: a file is not UTF-8.
        UnreadableFileError: a file is missing or may not be read.
        MissingExtraError: a file is Parquet, and pyarrow is not installed.
    """
    for path in files(paths):
        try:
            source = load(path, layout)
            found = outcomes(source, layout=layout, codebook=codebook)
            yield from sound_rows(found, hint=HINT)
        except Unusable as unusable:
            problem = problem_of(unusable, path=str(path), line=unusable.line)
            kind = EncodingError if problem.kind == "encoding" else DataError
            raise kind(str(problem)) from unusable


def sound_rows(found: Iterable[Outcome], *, hint: str = "") -> Iterator[Row]:
    """The rows among outcomes. Raises DataError at the first error, with the hint behind it."""
    for outcome in found:
        if outcome.problem is not None and outcome.problem.severity == "error":
            raise DataError(f"{outcome.problem}{hint}")
        if outcome.row is not None:
            yield outcome.row


def problem_of(unusable: Unusable, *, path: str, line: int, id: str = "") -> Problem:
    """The problem that a file or a row has."""
    return Problem(path, line, id, unusable.kind, str(unusable), unusable.severity)


def _row(record: Record, meaning: Meaning, *, where: str, codebook: Codebook | None) -> tuple[Row | None, str]:
    if record.wrong:
        raise Unusable("row", record.wrong)
    said = meaning(record.value)
    if said is None:
        return None, ""
    return sound(said.text, said.labels, said.fields, where=where, codebook=codebook), said.note


def _id(record: Record) -> str:
    found = record.value.get("id") if isinstance(record.value, Mapping) else None
    return str(found) if isinstance(found, str | int) else ""
