"""CSV, TSV and JSONL, read line by line with the standard library.

pyarrow's readers of both do not tell in which line a row is broken, take no line longer than a block, and would have to
have a twin for where pyarrow is missing. Reading so costs 0.3 (CSV) and 1.6 (JSONL) microseconds a sentence.
"""

from __future__ import annotations

import codecs
import csv
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from g7classify.batching import batches
from g7classify.errors import DataError, EncodingError, UnreadableFileError
from g7classify.labels import short
from g7classify.streaming import tables
from g7classify.streaming.tables import Batch, check_columns
from g7classify.text import check_text

DELIMITERS: Final = ",;\t|"
MAX_CELL: Final = 1 << 26  # characters: a quote that is never closed takes no more than this
Record = tuple[str | None, list[Any]]
"""The text of a row, and the values to keep."""


class _Lines:
    """What CSV and JSONL have in common; see tables.Table."""

    types: dict[str, Any] = {}  # noqa: RUF012  # values of a text file have no type

    def __init__(self, path: Path, text_column: str, keep: Sequence[str]) -> None:
        self.files = (path,)
        self._text_column = text_column
        self._keep = tuple(keep)
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
                texts, values = zip(*group, strict=True)
                kept = dict(zip(self._keep, map(list, zip(*values, strict=True)), strict=True))
                yield Batch(file, first, list(texts), kept, min(stream.tell() / max(size, 1), 1.0))
                first += len(group)

    def _check(self, file: BinaryIO) -> None:
        """Refuse a file whose first row lacks a column."""
        next(self._records(file), None)

    def _records(self, file: BinaryIO) -> Iterator[Record]:
        raise NotImplementedError


class JsonlTable(_Lines):
    """One JSON object a line; a blank line is a row without text. See tables.Table."""

    def _records(self, file: BinaryIO) -> Iterator[Record]:
        name, keep = self._text_column, self._keep
        for number, line in enumerate(_decoded(file, self.files[0]), 1):
            where = f"{self.files[0]}:{number}"
            if not line.strip():
                yield None, [None] * len(keep)
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{where}: not JSON ({error}); expected one object a line") from error
            if not isinstance(row, dict):
                raise DataError(f"{where}: {short(row)} is no JSON object; expected one with the field {short(name)}")
            if name not in row:
                check_columns(where, list(row), [name])
            text = row[name]
            if text is not None:
                if not isinstance(text, str):
                    raise DataError(f"{where}: the field {short(name)} is {short(text)}; expected a string or null")
                check_text(text, name=where)
            kept = [row.get(key) for key in keep]
            if "\\u" in line:  # only so can a value hold a lone surrogate
                check_text(json.dumps(kept, ensure_ascii=False), name=where)
            yield text, kept


class CsvTable(_Lines):
    """A header and rows of as many cells, blank lines passed over; an empty cell is null. See tables.Table."""

    def _records(self, file: BinaryIO) -> Iterator[Record]:
        (path,) = self.files
        # For all of the process; there is no other way, and nobody relies on cells being refused.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL))
        decoded = _decoded(file, path)
        start = next((line for line in decoded if line.strip()), "")
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(start, self._text_column)
        # Strict: a stray quote would otherwise join the cells or the rows after it, and nobody would know.
        rows = csv.reader(_chained(start, decoded), delimiter=delimiter, strict=True)
        header: list[str] = []
        wanted: list[int] = []
        text = 0
        while True:
            try:
                cells = next(rows, None)
            except csv.Error as error:
                message = (
                    f"{path}:{rows.line_num}: no row of CSV ({error}); mind quotes, and double those within quotes"
                )
                raise DataError(message) from error
            if cells is None:
                break
            if not cells:
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                check_columns(str(path), header, [self._text_column, *self._keep])
                text = header.index(self._text_column)
                wanted = [header.index(name) for name in self._keep]
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"{path}:{rows.line_num}: {len(cells)} cells; expected {len(header)}, as the header has"
                )
            yield cells[text] or None, [cells[i] or None for i in wanted]
        if not header:
            raise DataError(f"{path}: no header; expected one that names the columns")


def _weight(record: Record) -> int:
    return 1 + len(record[0] or "") * tables.BATCH_ROWS // tables.BATCH_BYTES


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableFileError(f"cannot read {path}: {error.strerror}") from error


def _decoded(file: BinaryIO, path: Path) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        if number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise EncodingError(f"{path}: it is UTF-16: convert it, e.g. with iconv -f utf-16 -t utf-8")
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start]
            raise EncodingError(
                f"{path}:{number}: byte {error.start} (0x{byte:02x}) is not UTF-8; convert the file to UTF-8"
            ) from error


def _chained(first: str, others: Iterator[str]) -> Iterator[str]:
    yield first
    yield from others


def _delimiter(header: str, text_column: str) -> str:
    """The delimiter under which the header names the text, or else a comma."""
    for delimiter in DELIMITERS:
        with suppress(csv.Error):  # told when the header is read
            if text_column in (cell.strip() for cells in csv.reader([header], delimiter=delimiter) for cell in cells):
                return delimiter
    return ","
