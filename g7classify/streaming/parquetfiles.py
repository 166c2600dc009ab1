"""Parquet files, read row group by row group and no more of one than a batch at a time.

How many bytes rows are decoded to is known afterwards only: a dictionary has a text of any length again in few bits. So
rows are read in steps, short enough for the longest text that the dictionary holds, and put together to batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import arrow
from g7classify.errors import DataError, G7ClassifyError, UnreadableFileError
from g7classify.labels import short
from g7classify.streaming import footers, tables
from g7classify.streaming.footers import Chunk
from g7classify.streaming.tables import Batch, check_columns

BUFFER_BYTES: Final = 1 << 20
"""Of a column, read at once. pyarrow would else read row groups ahead: 300 MB where one has a million sentences."""
STEP_ROWS: Final = 256
"""Decoded at once, at most: 300,000 short texts take 0.2 s, as with 32,768 rows at once; 5 MB of texts of 20 kB."""
STEP_BYTES: Final = 1 << 23
"""To which a step may be decoded by what a dictionary holds."""
DELTA_ROWS: Final = 16
"""Decoded at once where a text may be written as the start of the one before: nothing tells how long it is."""
HEADER_BYTES: Final = 1 << 10
"""In which the header of a dictionary's page ends: it has no statistics."""


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
            chunks = footers.chunks(path, self._names)
            if len(chunks) != file.num_row_groups:
                raise DataError(f"{path}: no sound Parquet file (its footer contradicts itself); write it anew")
            groups: list[int] = []
            for number in range(file.num_row_groups):
                count = file.metadata.row_group(number).num_rows
                if not groups and skip >= count:
                    skip -= count
                else:
                    groups.append(number)
            steps = (
                step
                for number in groups
                for step in file.iter_batches(
                    batch_size=_step_rows(path, file.metadata, number, chunks[number]),
                    row_groups=[number],
                    columns=self._names,
                )
            )
            for batch in _joined(steps):
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
    except G7ClassifyError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:  # ValueError: a name that is no UTF-8
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


def _step_rows(path: Path, metadata: Any, group: int, chunks: Sequence[Chunk]) -> int:
    """How many rows of some columns of a group to decode at once: at least 1."""
    rows, most = max(1, int(metadata.row_group(group).num_rows)), STEP_ROWS
    for chunk in chunks:
        most = min(most, STEP_BYTES * rows // max(1, chunk.size))
        if chunk.holds_bytes:
            most = min(most, STEP_BYTES // max(1, _longest(path, metadata, group, chunk)))
        if footers.DELTA_BYTE_ARRAY in chunk.encodings:
            most = min(most, DELTA_ROWS)
    return max(1, most)


def _longest(path: Path, metadata: Any, group: int, chunk: Chunk) -> int:
    """Bytes of the longest value in the dictionary of a group's column, 0 if it has none.

    Of all values together where these are few, or where the dictionary cannot be looked at.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        file.seek(chunk.start)
        size, count = footers.dictionary_page(file.read(HEADER_BYTES))
    if size * STEP_ROWS <= STEP_BYTES:
        return size
    name = ".".join(chunk.path)
    with pq.ParquetFile(
        path, metadata=metadata, read_dictionary=[name], buffer_size=BUFFER_BYTES, pre_buffer=False
    ) as opened:
        values = next(opened.iter_batches(batch_size=1, row_groups=[group], columns=[name])).column(0)
    while hasattr(values, "values"):  # of lists
        values = values.values
    known = getattr(values, "dictionary", ())
    return pc.max(pc.binary_length(known)).as_py() or 0 if len(known) == count else size


def _joined(steps: Iterator[Any]) -> Iterator[Any]:
    """Record batches of as many rows, and of as few bytes of all columns, as a batch may have; of one row at least."""
    pending: list[Any] = []
    rows = size = 0
    for step in steps:
        for part, part_size in _parts(step):
            while part.num_rows:
                if rows == tables.BATCH_ROWS or (pending and size + part_size > tables.BATCH_BYTES):
                    yield _one(pending)
                    pending, rows, size = [], 0, 0
                fit = part.slice(0, tables.BATCH_ROWS - rows)
                fit_size = part_size * fit.num_rows // part.num_rows
                pending.append(fit)
                rows, size = rows + fit.num_rows, size + fit_size
                part, part_size = part.slice(fit.num_rows), part_size - fit_size
    if pending:
        yield _one(pending)


def _parts(step: Any) -> Iterator[tuple[Any, int]]:
    """A step, or pieces of it that are small enough for a batch, with their bytes."""
    if not _has_dictionary(step) and (size := step.nbytes) <= tables.BATCH_BYTES:
        yield step, size
        return
    ends = _sizes(step).cumsum()
    start = before = 0
    while start < step.num_rows:
        fit = int(ends.searchsorted(before + tables.BATCH_BYTES, "right"))
        end = max(fit, start + 1)
        yield step.slice(start, end - start), int(ends[end - 1]) - before
        start, before = end, int(ends[end - 1])


def _has_dictionary(step: Any) -> bool:
    pa = arrow.module("Parquet")
    return any(pa.types.is_dictionary(column.type) for column in step.columns)


def _one(batches: list[Any]) -> Any:
    pa = arrow.module("Parquet")
    (batch,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return batch


def _sizes(step: Any) -> NDArray[np.int64]:
    """Bytes of each row: of strings their own, of other columns the mean."""
    pa = arrow.module("Parquet")
    import pyarrow.compute as pc

    sizes = np.zeros(step.num_rows, np.int64)
    for column in step.columns:
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            lengths = pc.binary_length(values)
            lengths = lengths if values is column else lengths.take(column.indices)
            sizes += pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False)
        else:
            sizes += column.nbytes // len(column)
    return sizes
