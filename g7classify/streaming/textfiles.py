"""CSV, TSV and JSONL, read line by line with the standard library.

pyarrow's readers of both do not tell in which line a row is broken, take no line longer than a block, and would have to
have a twin for where pyarrow is missing. What reading so costs is printed by benchmarks/streaming.py.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from g7classify.batching import batches
from g7classify.errors import DataError, EncodingError, G7ClassifyError, TextError, UnreadableFileError
from g7classify.labels import short
from g7classify.streaming import tables
from g7classify.streaming.decoding import Lines
from g7classify.streaming.tables import Batch, check_columns
from g7classify.text import check_text

DELIMITERS: Final = ",;\t|"
MAX_CELL: Final = 1 << 26  # characters: a quote that is never closed takes no more than this
MOST_TOLD: Final = 50  # columns that a message names
Record = tuple[str | None, list[Any], str]
"""The text of a row, the values to keep, and what is wrong with the row if it is to be passed over."""


class _TextTable:
    """What CSV and JSONL have in common; see tables.Table."""

    types: dict[str, Any] = {}  # noqa: RUF012  # values of a text file have no type

    def __init__(self, path: Path, text_column: str, keep: Sequence[str], *, encoding: str, skip_bad: bool) -> None:
        self.files: tuple[Path] = (path,)
        self._text_column = text_column
        self._keep = tuple(keep)
        self._encoding = encoding
        self._skip_bad = skip_bad
        with _open(path) as file:
            self._check(file)

    def batches(self, file: int, rows: int) -> Iterator[Batch]:
        """See tables.Table."""
        (path,) = self.files
        with _open(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            first = 1 + rows
            records = islice(self._records(stream), rows, None)
            for group in batches(records, size=tables.BATCH_ROWS, weight=_weight):
                texts, values, wrongs = zip(*group, strict=True)
                kept = dict(zip(self._keep, map(list, zip(*values, strict=True)), strict=True))
                bad = tuple(wrong for wrong in wrongs if wrong)
                yield Batch(file, first, list(texts), kept, min(stream.tell() / max(size, 1), 1.0), bad)
                first += len(group)

    def _check(self, file: BinaryIO) -> None:
        """Refuse a file whose first row lacks a column."""
        next(self._records(file), None)

    def _records(self, file: BinaryIO) -> Iterator[Record]:
        raise NotImplementedError

    def _passed_over(self, error: G7ClassifyError) -> Record:
        """A row that cannot be read, if such rows are passed over; raises its error if not."""
        if not self._skip_bad:
            raise error
        return None, [None] * len(self._keep), str(error)


def json_object(line: str, *, where: str, field: str) -> dict[str, Any]:
    """The object in a line of JSONL. Raises DataError if there is none; `field` is what it is to have."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON ({error}); expected one object a line") from error
    if not isinstance(row, dict):
        raise DataError(f"{where}: {short(row)} is no JSON object; expected one with the field {short(field)}")
    return row


def json_text(row: dict[str, Any], *, where: str, field: str) -> str | None:
    """The text in a field that a row has. Raises DataError if it is no string and not null, TextError for its text."""
    text = row[field]
    if text is None:
        return None
    if not isinstance(text, str):
        raise DataError(f"{where}: the field {short(field)} is {short(text)}; expected a string or null")
    return check_text(text, name=where)


class JsonlTable(_TextTable):
    """One JSON object a line; a blank line is a row without text. See tables.Table."""

    def _records(self, file: BinaryIO) -> Iterator[Record]:
        lines = Lines(file, self.files[0], self._encoding)
        for line in lines:
            try:
                record = self._record(line, lines)
            except (DataError, EncodingError, TextError) as error:
                record = self._passed_over(error)
            yield record
            lines.begin_row()

    def _check(self, file: BinaryIO) -> None:
        """Refuse also a column to keep that no row has: nulls all along would tell nobody of a slip.

        Most often the first row has all. If not, rows are looked through until each was seen, 370,000 a second.
        """
        super()._check(file)
        missing, known = dict.fromkeys(self._keep), dict[str, None]()
        file.seek(0)
        lines = Lines(file, self.files[0], self._encoding)
        while missing and (line := next(lines, None)) is not None:
            lines.begin_row()
            lines.wrong.clear()
            with suppress(ValueError, RecursionError):  # told when its turn comes
                row = json.loads(line)
                if isinstance(row, dict):
                    missing = {name: None for name in missing if name not in row}
                    known |= dict.fromkeys(row if len(known) < MOST_TOLD else ())
        if missing and known:
            there_are = ", ".join(map(short, islice(known, MOST_TOLD)))
            what = f"no row has a column {short(next(iter(missing)))}; there are {there_are}"
            raise DataError(f"{self.files[0]}: {what}; keep one of them, or keep it not")

    def _record(self, line: str, lines: Lines) -> Record:
        name, where = self._text_column, lines.where
        if lines.wrong:
            lines.check()
        if not line.strip():
            return None, [None] * len(self._keep), ""
        row = json_object(line, where=where, field=name)
        if name not in row:
            check_columns(where, list(row), [name])
        text = json_text(row, where=where, field=name)
        kept = [row.get(key) for key in self._keep]
        if "\\u" in line:  # only so can a value hold a lone surrogate
            check_text(json.dumps(kept, ensure_ascii=False), name=where)
        return text, kept, ""


class CsvTable(_TextTable):
    """A header and rows of as many cells, blank lines passed over; an empty cell is null. See tables.Table."""

    def _records(self, file: BinaryIO) -> Iterator[Record]:
        (path,) = self.files
        self._limit = max(csv.field_size_limit(), MAX_CELL)
        lines = Lines(file, path, self._encoding)
        start = next((line for line in lines if line.strip()), "")
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(start, self._text_column)
        lines.give_back([start])
        lines.begin_row()
        # Strict: a stray quote would otherwise join the cells or the rows after it, and nobody would know.
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        header = [cell.strip() for cell in self._cells(rows, lines) or ()]
        if not header:
            raise DataError(f"{path}: no header; expected one that names the columns")
        check_columns(str(path), header, [self._text_column, *self._keep])
        text = header.index(self._text_column)
        wanted = [header.index(name) for name in self._keep]
        while True:
            lines.begin_row()
            try:
                cells = self._cells(rows, lines)
                if cells is None:
                    return
                if len(cells) not in (0, len(header)):
                    message = f"{lines.where}: {len(cells)} cells; expected {len(header)}, as the header has"
                    raise DataError(message)
            except (DataError, EncodingError) as error:
                yield self._passed_over(error)
                continue
            if cells:
                yield cells[text] or None, [cells[i] or None for i in wanted], ""

    def _cells(self, rows: Iterator[list[str]], lines: Lines) -> list[str] | None:
        """The next row; none at the end. After one that is no CSV the line after its first is the next."""
        # The limit is one for all of the process, so it is put back after every row.
        before = csv.field_size_limit(self._limit)
        try:
            cells = next(rows, None)
        except csv.Error as error:
            where = lines.where
            # A quote that is never closed would take all rows after it along.
            lines.give_back(lines.of_row[1:])
            message = f"{where}: no row of CSV ({error}); mind quotes, and double those within quotes"
            raise DataError(message) from error
        finally:
            csv.field_size_limit(before)
        if lines.wrong:
            lines.check()
        return cells


def _weight(record: Record) -> int:
    return 1 + len(record[0] or "") * tables.BATCH_ROWS // tables.BATCH_BYTES


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableFileError(f"cannot read {path}: {error.strerror}") from error


def _delimiter(header: str, text_column: str) -> str:
    """The delimiter under which the header names the text, or else a comma."""
    for delimiter in DELIMITERS:
        with suppress(csv.Error):  # told when the header is read
            if text_column in (cell.strip() for cells in csv.reader([header], delimiter=delimiter) for cell in cells):
                return delimiter
    return ","
