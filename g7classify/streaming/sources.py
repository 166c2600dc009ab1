"""Tables found and opened: Parquet (a file or a folder), CSV, TSV and JSONL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from g7classify import encodings
from g7classify.errors import DataError, OptionError, UnreadableFileError
from g7classify.labels import short
from g7classify.streaming.parquetfiles import ParquetTable
from g7classify.streaming.tables import Table
from g7classify.streaming.textfiles import CsvTable, JsonlTable

SUFFIXES: Final = (".parquet", ".csv", ".tsv", ".jsonl")


def open_table(
    source: Path, *, text_column: str, keep: Sequence[str] = (), encoding: str = "utf-8", skip_bad: bool = False
) -> Table:
    """A table of whose columns one holds text, and others are to be kept.

    Args:
        source: a file whose suffix is one of SUFFIXES, or a folder of Parquet files, at any depth; those whose name, or
            folder's name, begins with "." or "_" are passed over, as Spark and others do.
        text_column: the name of a column of strings, which may be null.
        keep: names of other columns.
        encoding: of CSV and JSONL, as Python names it.
        skip_bad: whether rows of CSV and JSONL that cannot be read are passed over: see Batch.bad. Parquet has none: it
            is sound as a whole or not.

    Raises:
        OptionError: another suffix, an unknown encoding, or a column to keep that is given twice or holds the text.
        UnreadableFileError: no such file, or it may not be read.
        DataError: a file that is no table, or that lacks one of the columns; names those that there are.
        EncodingError: text that is not of the encoding.
        MissingExtraError: a Parquet file, and pyarrow is not installed.
    """
    names = (text_column, *keep)
    encoding = encodings.checked(encoding)
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise OptionError(f"column {short(twice)} is named twice; name the text column once and do not keep it")
    if source.is_dir():
        hidden = (".", "_")
        files = tuple(
            path
            for path in sorted(source.rglob("*.parquet"))
            if path.is_file() and not any(part.startswith(hidden) for part in path.relative_to(source).parts)
        )
        if not files:
            raise DataError(f"{source}: no file in this folder ends in .parquet")
    elif not source.exists():
        raise UnreadableFileError(f"cannot read {source}: no such file")
    elif not source.is_file():
        raise UnreadableFileError(
            f"cannot read {source}: a pipe or a device, and a table is read twice; save it to a file first"
        )
    else:
        files = (source,)
    suffix = files[0].suffix.lower()
    if suffix == ".parquet":
        return ParquetTable(files, text_column, keep)
    if suffix == ".jsonl":
        return JsonlTable(source, text_column, keep, encoding=encoding, skip_bad=skip_bad)
    if suffix in (".csv", ".tsv"):
        return CsvTable(source, text_column, keep, encoding=encoding, skip_bad=skip_bad)
    raise OptionError(f"{source}: expected a table, a file that ends in {', '.join(SUFFIXES)}, or a folder of Parquet")
