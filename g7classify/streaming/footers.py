"""Many Parquet files in a row made one, by a footer for all of them.

A Parquet file says in its footer where its row groups lie. So files of one schema that are appended to one another
become one file when a footer follows that knows all row groups; the old footers stay between them, and nobody reads
them. This way row groups are encoded by several threads, each into a file of its own in memory, and a run that was
killed has lost none that was written. pyarrow can join footers, but cannot move offsets.

The format: https://github.com/apache/parquet-format (FileMetaData in parquet.thrift).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from g7classify.errors import DataError
from g7classify.streaming.thrift import I16, I32, I64, LIST, STRUCT, UNREADABLE, Reader, Struct, write_struct

MAGIC: Final = b"PAR1"
TAIL_BYTES: Final = 8
"""After the footer: its length in four bytes, and MAGIC."""

# The numbers that parquet.thrift gives the fields.
ROWS, GROUPS = 3, 4
COLUMNS, GROUP_OFFSET, ORDINAL = 1, 5, 7
CHUNK_OFFSET, CHUNK_DATA, OFFSET_INDEX, COLUMN_INDEX = 2, 3, 4, 6
CHUNK_TYPE, CHUNK_ENCODINGS, CHUNK_PATH, CHUNK_SIZE = 1, 2, 3, 6
BYTE_ARRAY, DELTA_BYTE_ARRAY = 6, 7
DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, BLOOM_FILTER = 9, 10, 11, 14
PAGE_BYTES, PAGE_OF_DICTIONARY, PAGE_VALUES = 2, 7, 1
OF_CHUNK: Final = {CHUNK_TYPE, CHUNK_ENCODINGS, CHUNK_PATH, CHUNK_SIZE, DATA_PAGE, DICTIONARY_PAGE}


def joined(files: Iterable[tuple[int, bytes]]) -> bytes:
    """The footer, with its length and MAGIC, of files that were appended to one another; at least one.

    Args:
        files: where each begins, and its footer without length and MAGIC.

    Raises:
        DataError: one of them is no footer.
    """
    whole: Struct = {}
    groups: list[Struct] = []
    written = bytearray()
    try:
        for start, footer in files:
            metadata = Reader(footer).struct()
            groups += [_moved(group, start) for group in metadata[GROUPS][1][1]]
            whole = whole or metadata
        whole[ROWS] = (I64, sum(_whole(group, ROWS) for group in groups))
        whole[GROUPS] = (LIST, (STRUCT, groups))
        write_struct(written, whole)
    except UNREADABLE as error:
        raise DataError("a footer within the output cannot be read: its part file was changed; begin again") from error
    return bytes(written) + len(written).to_bytes(4, "little") + MAGIC


def _moved(group: Struct, start: int) -> Struct:
    """A row group of a file that begins at `start`; it has no place among the file's, which goes up to 32,767 only."""
    _move(group, start, GROUP_OFFSET)
    group.pop(ORDINAL, None)
    for chunk in group[COLUMNS][1][1]:
        _move(chunk, start, CHUNK_OFFSET, OFFSET_INDEX, COLUMN_INDEX)
        _move(chunk[CHUNK_DATA][1], start, DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, BLOOM_FILTER)
    return group


def _move(struct: Struct, start: int, *fields: int) -> None:
    for field in fields:
        if field in struct and struct[field][1]:  # 0 is no place
            kind, offset = struct[field]
            struct[field] = kind, offset + start


class Chunk(NamedTuple):
    """What a footer says of a column of a row group."""

    path: tuple[str, ...]
    """Its name; of lists and structs, those within it too."""
    holds_bytes: bool
    encodings: frozenset[int]
    size: int
    """Of all of it, decompressed, in bytes."""
    start: int
    """Where its first page begins in the file: that of the dictionary if there is one."""


def chunks(path: Path, names: Collection[str]) -> list[list[Chunk]]:
    """What each row group of a Parquet file has of some columns.

    Read by us, because pyarrow 26.0.1 ends the process (std::terminate) when asked for a column of a row group of which
    the footer contradicts itself. Most of one is passed over, as it is of other columns or tells their extremes: with
    50,000 columns of row groups, 5.4 MB, that takes 1.0 s and 5 MB, where to keep all took 3.8 s and 258 MB.

    Raises:
        DataError: the footer does not say so.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - TAIL_BYTES, 0))
        length = int.from_bytes(file.read(4), "little")
        file.seek(max(size - TAIL_BYTES - length, 0))
        reader = Reader(file.read(length))
    found: list[list[Chunk]] = []
    try:
        for field, kind in reader.fields():
            if field == GROUPS:
                found = [list(_of_group(reader, names)) for _ in reader.items()]
            else:
                reader.skip(kind)
    except UNREADABLE as error:
        raise DataError(f"{path}: no sound Parquet file (its footer cannot be read); write it anew") from error
    return found


def _of_group(reader: Reader, names: Collection[str]) -> Iterator[Chunk]:
    for field, kind in reader.fields():
        if field == COLUMNS:
            for _ in reader.items():
                if (chunk := _of_chunk(reader)).path[0] in names:
                    yield chunk
        else:
            reader.skip(kind)


def _of_chunk(reader: Reader) -> Chunk:
    data: Struct = {}
    for field, kind in reader.fields():
        if field == CHUNK_DATA:
            data = reader.struct(OF_CHUNK)
        else:
            reader.skip(kind)
    dictionary = _whole(data, DICTIONARY_PAGE) if DICTIONARY_PAGE in data else 0  # some writers give the other alone
    return Chunk(
        path=tuple(name.decode() for name in data[CHUNK_PATH][1][1]),
        holds_bytes=_whole(data, CHUNK_TYPE) == BYTE_ARRAY,
        encodings=frozenset(data[CHUNK_ENCODINGS][1][1]),
        size=_whole(data, CHUNK_SIZE),
        start=max(dictionary or _whole(data, DATA_PAGE), 0),
    )


def _whole(struct: Struct, field: int) -> int:
    kind, value = struct[field]
    if kind not in (I16, I32, I64):
        raise ValueError(f"field {field}: expected a number, got one of type {kind}")
    return int(value)


def dictionary_page(header: bytes) -> tuple[int, int]:
    """Bytes, decompressed, and number of values of the dictionary that a page holds; none of a page that holds data.

    Args:
        header: what the file holds from the page's first byte on, as much as a header can take.
    """
    try:
        found = Reader(header).struct()
        return _whole(found, PAGE_BYTES), _whole(found[PAGE_OF_DICTIONARY][1], PAGE_VALUES)
    except UNREADABLE:  # a damaged one is told when it is read
        return 0, 0
