"""Parquet files, read row group by row group and no more of one than a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from g7classify import arrow
from g7classify.errors import DataError, UnreadableFileError
from g7classify.labels import short
from g7classify.streaming import tables
from g7classify.streaming.tables import Batch, check_columns

BUFFER_BYTES: Final = 1 << 20
"""Of a column, read at once. pyarrow would else read row groups ahead: 300 MB where one has a million sentences."""


class ParquetTable:
    """One Parquet file or several of the same columns; see tables.Table."""

    def __init__(self, files: tuple[Path, ...], text_column: str, keep: Sequence[str]) -> None:
        self.files = files
        self.types: dict[str, Any] = {}
        self._names = [text_column, *keep]
        self._counts: list[int] = []
        for path in files:
            with _opened(path) as file:
                schema = file.schema_arrow
                check_columns(str(path), schema.names, self._names)
                _check_text(path, text_column, schema.field(text_column).type)
                for name in keep:
                    found = schema.field(name).type
                    if found != self.types.setdefault(name, found):
                        raise DataError(
                            f"{path}: column {short(name)} is {found}, but {self.types[name]} in {files[0]}; "
                            "cast it, or keep it not"
                        )
                self._counts.append(file.metadata.num_rows)

    def batches(self, file: int, rows: int) -> Iterator[Batch]:
        """See tables.Table."""
        total = sum(self._counts)
        before = sum(self._counts[:file])
        for number in range(file, len(self.files)):
            done = rows if number == file else 0
            for batch in self._of_file(self.files[number], done):
                first = done + 1
                done += batch.num_rows
                _check_values(f"{self.files[number]}: rows {first} to {done}", batch)
                text, *kept = self._names
                columns = {name: batch.column(name) for name in kept}
                yield Batch(number, first, batch.column(text), columns, (before + done) / total)
            before += self._counts[number]

    def _of_file(self, path: Path, skip: int) -> Iterator[Any]:
        with _opened(path) as file:
            groups: list[int] = []
            for number in range(file.num_row_groups):
                count = file.metadata.row_group(number).num_rows
                if not groups and skip >= count:
                    skip -= count
                else:
                    groups.append(number)
            if not groups:  # which pyarrow before 20 does not read as none
                return
            size = _batch_rows(file.metadata, self._names[0])
            for batch in file.iter_batches(batch_size=size, row_groups=groups, columns=self._names):
                left = batch.slice(min(skip, batch.num_rows))
                skip -= batch.num_rows - left.num_rows
                if left.num_rows:
                    yield left


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    pa = arrow.module("Parquet")
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False) as file:
            yield file
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise UnreadableFileError(f"cannot read {path}: {error.strerror or error}") from error
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise DataError(f"{path}: no sound Parquet file ({reason}); write it anew") from error


def _check_text(path: Path, name: str, kind: Any) -> None:
    pa = arrow.module("Parquet")
    held = kind.value_type if pa.types.is_dictionary(kind) else kind
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    if not any(is_kind(held) for is_kind in kinds):
        raise DataError(f"{path}: column {short(name)} holds {kind}; expected text, a column of strings")


def _check_values(where: str, batch: Any) -> None:
    """Refuse what no sound writer writes: text that is not UTF-8 above all, which pyarrow reads without a look."""
    pa = arrow.module("Parquet")
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        raise DataError(f"{where}: {str(error)[:200]}; write it anew") from error


def _batch_rows(metadata: Any, text_column: str) -> int:
    """How many rows to hold at once, so that their texts, if they are of average length, are no more than a batch."""
    rows, size = int(metadata.num_rows), 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        columns = (group.column(i) for i in range(group.num_columns))
        size += int(next(one.total_uncompressed_size for one in columns if one.path_in_schema == text_column))
    return max(1, min(tables.BATCH_ROWS, tables.BATCH_BYTES * rows // max(1, size)))
