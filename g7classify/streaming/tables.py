"""What the readers of tables have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from g7classify.errors import DataError
from g7classify.labels import short

BATCH_ROWS: Final = 1 << 15
"""Rows that are tagged and written in one go: a row group of the output."""
BATCH_BYTES: Final = 1 << 23
"""Texts of so many bytes make a batch, however few they are: it bounds the memory."""


class Batch(NamedTuple):
    """Rows that follow one another in a file of a table; n texts and, by name, the n values of columns to keep.

    They are lists of Python's values or, from Parquet, pyarrow arrays.
    """

    file: int
    """Place in `Table.files`."""
    first: int
    """Of the first row: its number in the file, from 1 on."""
    texts: Any
    kept: dict[str, Any]
    read: float
    """Share of the whole table that has been read with this batch: 0..1."""
    bad: tuple[str, ...] = ()
    """What is wrong with rows that could not be read and are to be passed over: their texts are null."""


class Table(Protocol):
    """A table that was found to hold the columns asked for."""

    @property
    def files(self) -> tuple[Path, ...]:
        """In the order in which they are read."""

    @property
    def types(self) -> dict[str, Any]:
        """pyarrow types of the columns to keep, where they have any."""

    def batches(self, file: int, rows: int) -> Iterator[Batch]:
        """The rows from one of the files on, without the first so many of it.

        Raises:
            DataError: a row that cannot be read and is not to be passed over, after all batches before it; names file
                and line.
            EncodingError: likewise, text that is not UTF-8.
            TextError: likewise, a text that holds a lone surrogate.
        """


def check_columns(where: str, columns: Sequence[str], wanted: Sequence[str]) -> None:
    """Refuse columns among which those wanted, that of the text first, are not, or stand twice.

    Raises:
        DataError: names the columns that there are.
    """
    for name in wanted:
        if columns.count(name) > 1:
            raise DataError(f"{where}: column {short(name)} stands twice; rename one of the two")
        if name not in columns:
            known = ", ".join(map(short, columns[:50])) or "none"
            hint = "; name that of the text with --text-column" if name == wanted[0] else ""
            raise DataError(f"{where}: no column {short(name)}; there are {known}{hint}")
