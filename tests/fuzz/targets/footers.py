"""Footers of Parquet files of any bytes: what they say of columns, and one for several, or a refusal."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
from choices import share
from memory import file
from refusing import told

from g7classify.errors import DataError
from g7classify.streaming import footers

SMOKE, LONGEST = 4000, 600
WORDS = (b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x80", b"\x19\xfc", b"\x1c", b"\x15\x02", b"\x18\x04text")


def seeds() -> list[bytes]:
    found = []
    for table in (pa.table({"text": ["a", "b"], "n": [1, 2]}), pa.table({"labels": [["a"]]})):
        sink = io.BytesIO()
        pq.write_table(table, sink, store_schema=False, row_group_size=1)
        content = sink.getvalue()
        found.append(content[-footers.TAIL_BYTES - int.from_bytes(content[-8:-4], "little") : -footers.TAIL_BYTES])
    return [data for data in found if len(data) <= LONGEST]


def one_input(data: bytes) -> None:
    size, count = footers.dictionary_page(data)
    assert isinstance(size, int)
    assert isinstance(count, int)
    if share(data) % 4 == 0:
        of_chunks(data)
    try:
        joined = footers.joined([(0, data), (100, data)])
    except DataError as error:
        told(error)
        return
    assert int.from_bytes(joined[-8:-4], "little") == len(joined) - footers.TAIL_BYTES
    again = footers.joined([(0, joined[: -footers.TAIL_BYTES])])
    assert again == joined, "a footer that was written is not read the same"


def of_chunks(data: bytes) -> None:
    """What a footer says of two columns; `joined` reads bytes with the same functions."""
    try:
        chunks = footers.chunks(
            file("a.parquet", data + len(data).to_bytes(4, "little") + footers.MAGIC), ["text", "labels"]
        )
    except DataError as error:
        told(error)
    else:
        assert all(chunk.start >= 0 for group in chunks for chunk in group)
