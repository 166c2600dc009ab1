"""Many Parquet files in a row made one, by a footer for all of them.

A Parquet file says in its footer where its row groups lie. So files of one schema that are appended to one another
become one file when a footer follows that knows all row groups; the old footers stay between them, and nobody reads
them. This way row groups are encoded by several threads, each into a file of its own in memory, and a run that was
killed has lost none that was written. pyarrow can join footers, but cannot move offsets.

The format: https://github.com/apache/parquet-format (FileMetaData in parquet.thrift), in Thrift's compact protocol.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from g7classify.errors import DataError

MAGIC: Final = b"PAR1"
TAIL_BYTES: Final = 8
"""After the footer: its length in four bytes, and MAGIC."""

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
UNREADABLE: Final = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What reading raises of bytes that are not what they should be."""
Struct = dict[int, tuple[int, Any]]
"""The type and the value of each field, by its number."""

# The numbers that parquet.thrift gives the fields.
ROWS, GROUPS = 3, 4
COLUMNS, GROUP_OFFSET, ORDINAL = 1, 5, 7
CHUNK_OFFSET, CHUNK_DATA, OFFSET_INDEX, COLUMN_INDEX = 2, 3, 4, 6
CHUNK_TYPE, CHUNK_ENCODINGS, CHUNK_PATH, CHUNK_SIZE = 1, 2, 3, 6
BYTE_ARRAY, DELTA_BYTE_ARRAY = 6, 7
DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, BLOOM_FILTER = 9, 10, 11, 14
PAGE_BYTES, PAGE_OF_DICTIONARY, PAGE_VALUES = 2, 7, 1


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
            metadata = _Reader(footer).struct()
            groups += [_moved(group, start) for group in metadata[GROUPS][1][1]]
            whole = whole or metadata
        whole[ROWS] = (I64, sum(_whole(group, ROWS) for group in groups))
        whole[GROUPS] = (LIST, (STRUCT, groups))
        _write_struct(written, whole)
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

    column: str
    """Its path: names joined by stops."""
    holds_bytes: bool
    encodings: frozenset[int]
    size: int
    """Of all of it, decompressed, in bytes."""
    start: int
    """Where its first page begins in the file: that of the dictionary if there is one."""


def chunks(path: Path) -> list[list[Chunk]]:
    """The columns of each row group of a Parquet file.

    Read by us, because pyarrow 26.0.1 ends the process (std::terminate) when asked for a column of a row group of which
    the footer contradicts itself.

    Raises:
        DataError: the footer does not say so.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - TAIL_BYTES, 0))
        length = int.from_bytes(file.read(4), "little")
        file.seek(max(size - TAIL_BYTES - length, 0))
        footer = file.read(length)
    try:
        metadata = _Reader(footer).struct()
        groups = [group[COLUMNS][1][1] for group in metadata[GROUPS][1][1]]
        return [[_chunk(chunk[CHUNK_DATA][1]) for chunk in group] for group in groups]
    except UNREADABLE as error:
        raise DataError(f"{path}: no sound Parquet file (its footer cannot be read); write it anew") from error


def _chunk(data: Struct) -> Chunk:
    dictionary = _whole(data, DICTIONARY_PAGE) if DICTIONARY_PAGE in data else 0  # some writers give the other alone
    return Chunk(
        column=".".join(name.decode() for name in data[CHUNK_PATH][1][1]),
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
        found = _Reader(header).struct()
        return _whole(found, PAGE_BYTES), _whole(found[PAGE_OF_DICTIONARY][1], PAGE_VALUES)
    except UNREADABLE:  # a damaged one is told when it is read
        return 0, 0


class _Reader:
    """Reads what a footer holds, field by field."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def struct(self) -> Struct:
        found: Struct = {}
        field = 0
        while head := self.byte():
            kind = head & 15
            field = field + (head >> 4) if head >> 4 else self.signed()
            found[field] = kind, self.value(kind)
        return found

    def value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE):
            return None  # the type says it
        if kind == STRUCT:
            return self.struct()
        if kind in (I16, I32, I64):
            return self.signed()
        if kind == BINARY:
            return self.bytes(self.unsigned())
        if kind in (LIST, SET):
            head = self.byte()
            item, count = head & 15, head >> 4
            count = self.unsigned() if count == 15 else count
            return item, [self.byte() if item in (TRUE, FALSE) else self.value(item) for _ in range(count)]
        if kind in (BYTE, DOUBLE):
            return self.bytes(1 if kind == BYTE else 8)
        raise ValueError(f"a Parquet footer holds no field of type {kind}")

    def byte(self) -> int:
        self.at += 1
        return self.content[self.at - 1]

    def bytes(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self.content):
            raise IndexError(f"{count} bytes, more than there are")
        return self.content[self.at - count : self.at]

    def unsigned(self) -> int:
        number = shift = 0
        while (part := self.byte()) & 0x80:
            number |= (part & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise ValueError("a number of more than 64 bits")
        return number | part << shift

    def signed(self) -> int:
        number = self.unsigned()
        return number >> 1 ^ -(number & 1)


def _write_struct(to: bytearray, struct: Struct) -> None:
    before = 0
    for field, (kind, value) in sorted(struct.items()):
        if 0 < field - before < 16:
            to.append(field - before << 4 | kind)
        else:
            to.append(kind)
            _write_signed(to, field)
        _write_value(to, kind, value)
        before = field
    to.append(0)


def _write_value(to: bytearray, kind: int, value: Any) -> None:
    if kind == STRUCT:
        _write_struct(to, value)
    elif kind in (I16, I32, I64):
        _write_signed(to, value)
    elif kind == BINARY:
        _write_unsigned(to, len(value))
        to += value
    elif kind in (LIST, SET):
        item, items = value
        to.append(min(len(items), 15) << 4 | item)
        if len(items) >= 15:
            _write_unsigned(to, len(items))
        if item in (TRUE, FALSE):
            to += bytes(items)
        else:
            for one in items:
                _write_value(to, item, one)
    elif kind in (BYTE, DOUBLE):
        to += value


def _write_signed(to: bytearray, number: int) -> None:
    _write_unsigned(to, number << 1 if number >= 0 else (-number << 1) - 1)


def _write_unsigned(to: bytearray, number: int) -> None:
    while number > 0x7F:
        to.append(number & 0x7F | 0x80)
        number >>= 7
    to.append(number)
