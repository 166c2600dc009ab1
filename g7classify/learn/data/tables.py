"""Tables to records: CSV and TSV with a header, and Parquet.

A cell that begins with an apostrophe and what a spreadsheet would take for a formula is read without the apostrophe:
that is how our own CSV guards it (report.no_formula).
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from g7classify import extras
from g7classify.labels import quoted, short
from g7classify.learn.data.layout import TEXT_NAMES
from g7classify.learn.data.records import MAX_BYTES, Record
from g7classify.learn.data.rows import Unusable
from g7classify.report import with_formula
from g7classify.streaming import footers

DELIMITERS: Final = ",;\t|"
MAX_CELL: Final = 1_000_000  # characters, of any column: what a damaged or hostile Parquet file may blow up to
BATCH_ROWS: Final = 1024
MAX_BATCH: Final = 2**28  # bytes of one column of lists or objects


def csv_records(text: str, *, delimiter: str | None, text_column: str | None) -> list[Record]:
    """The rows of a CSV or TSV file; line ends and separators may stand in quotes, blank lines are passed over.

    Args:
        text: of the file.
        delimiter: between cells; told from the header where it is None.
        text_column: the name of the column that holds the text, if it is known.

    Raises:
        Unusable: no header, or two columns of one name.
    """
    stream = io.StringIO(text, newline="")
    # Strict: a stray quote would otherwise join the cells or the rows after it, and nobody would know.
    reader = csv.reader(stream, delimiter=delimiter or _delimiter(text, text_column), strict=True)
    header: list[str] = []
    records: list[Record] = []
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if not header:
                raise Unusable("file", f"the header cannot be read ({error}); quote its cells", line=start) from error
            records.append(Record(start, "", f"no row of CSV ({error}); mind quotes, and double those within quotes"))
            continue
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = _named(cells)
            continue
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            records.append(Record(start, cells, f"{len(cells)} cells; expected {len(header)}, as the header has"))
        else:
            records.append(Record(start, dict(zip(header, map(with_formula, cells), strict=True))))
    if not header:
        raise Unusable("file", "no header; expected one that names the columns")
    return records


def _delimiter(text: str, text_column: str | None) -> str:
    """The delimiter under which a column of the text is found, or else most columns are."""
    names = TEXT_NAMES if text_column is None else (text_column,)
    best, found = (False, 0), ","
    for delimiter in DELIMITERS:
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            cells = next((row for row in rows if any(cell.strip() for cell in row)), [])
        except csv.Error:
            continue
        told = any(cell.strip() == name or cell.strip().casefold() == name for cell in cells for name in names)
        if (told, len(cells)) > best:
            best, found = (told, len(cells)), delimiter
    return found


def _named(cells: Sequence[str]) -> list[str]:
    names = [cell.strip() or f"column {number}" for number, cell in enumerate(cells, 1)]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Unusable("file", f"column {short(twice[0])} stands twice in the header; rename one of the two")
    return names


def parquet_records(path: Path) -> Iterator[Record]:
    """The rows of a Parquet file, without columns of vectors and bytes.

    Raises:
        MissingExtraError: pyarrow is not installed.
        Unusable: no sound Parquet, two columns of one name, or more text than MAX_BYTES.
    """
    with extras.needed("parquet", by="reading Parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    read = 0
    try:
        fields = pq.read_schema(path)
        strings = [
            field.name for field in fields if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        with pq.ParquetFile(path, read_dictionary=strings) as file:
            _named(file.schema_arrow.names)
            wanted = [field.name for field in file.schema_arrow if not _is_vector(field.type)]
            number = 0
            rows = _batch_rows(path, file.metadata, nested=[name for name in wanted if name not in strings])
            for batch in file.iter_batches(batch_size=rows, columns=wanted):
                for row in range(batch.num_rows):
                    number += 1
                    found, wrong, size = _parquet_row(batch, row)
                    read += size
                    if read > MAX_BYTES:
                        raise Unusable("file", f"more than {MAX_BYTES} characters in all; split the file")
                    yield Record(number, found, wrong)
    except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
        reason = str(error).partition("\n")[0][:200] or type(error).__name__
        raise Unusable("file", f"no sound Parquet ({reason}); write it anew") from error


def _batch_rows(path: Path, metadata: Any, *, nested: Sequence[str]) -> int:
    """How many rows to hold at once, so that a small file cannot blow up.

    A long text that stands in every row of a small file is held once where a column is read as a dictionary. Lists and
    objects cannot be read so: no more rows are held than MAX_BATCH allows if each were as long as all that is stored.

    Raises:
        Unusable: a part of the file claims to hold more than MAX_BYTES.
        DataError: the file does not say how much it holds.
    """
    rows = BATCH_ROWS
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).total_byte_size
        if size > MAX_BYTES:
            raise Unusable("file", f"row group {group} claims {size} bytes, more than {MAX_BYTES}")
    for chunk in (chunk for group in footers.chunks(path, nested) for chunk in group):
        if len(chunk.path) > 1:
            rows = max(1, min(rows, MAX_BATCH // max(1, chunk.size)))
    return rows


def _is_vector(kind: Any) -> bool:
    import pyarrow as pa

    t = pa.types
    if t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind):
        return t.is_floating(kind.value_type) or _is_vector(kind.value_type)
    return bool(t.is_binary(kind) or t.is_large_binary(kind) or t.is_fixed_size_binary(kind))


def _parquet_row(batch: Any, row: int) -> tuple[dict[str, Any], str, int]:
    """The cells of a row, why they are of no use, and how many characters they hold."""
    found: dict[str, Any] = {}
    wrong, characters = "", 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            found[name] = column[row].as_py()
        except UnicodeDecodeError:
            found[name], wrong = None, f"{quoted(name)} is not UTF-8"
        size = _characters(found[name])
        characters += size
        if size > MAX_CELL:
            found[name], wrong = None, f"{quoted(name)} has {size} characters, more than {MAX_CELL}"
    return found, wrong, characters


def _characters(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_characters, value.values()))
    return sum(map(_characters, value)) if isinstance(value, list | tuple) else 1
