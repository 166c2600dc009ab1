"""Parquet files in a row are read as one by pyarrow."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.errors import DataError
from g7classify.learn.dataset import Dataset
from g7classify.streaming import encoding, footers, thrift
from g7classify.streaming.sources import open_table

rows = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
        "labels": st.lists(st.sampled_from(["a", "b", "c"]), max_size=3),
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "share": st.floats(0, 1, width=32),
        "flag": st.none() | st.booleans(),
    }
)
SCHEMA = pa.schema(
    {
        "text": pa.string(),
        "labels": pa.list_(pa.string()),
        "number": pa.int64(),
        "share": pa.float32(),
        "flag": pa.bool_(),
    },
    metadata={"g7classify.schema": "1"},
)


def joined(tables: list[pa.Table], **options: Any) -> bytes:
    whole, found = b"", []
    for table in tables:
        sink = io.BytesIO()
        pq.write_table(table, sink, **options)
        content = sink.getvalue()
        length = int.from_bytes(content[-8:-4], "little")
        found.append((len(whole), content[-8 - length : -8]))
        whole += content
    return whole + footers.joined(found)


@given(
    st.lists(st.lists(rows, max_size=6), min_size=1, max_size=20),
    st.sampled_from(["snappy", "zstd", "none"]),
    st.booleans(),
    st.integers(1, 4),
)
def test_files_in_a_row_are_one(parts: list[list[dict[str, Any]]], codec: str, index: bool, group: int) -> None:
    tables = [pa.Table.from_pylist(part, SCHEMA) for part in parts]
    content = joined(tables, compression=codec, write_page_index=index, row_group_size=group)
    with pq.ParquetFile(io.BytesIO(content)) as file:
        assert file.read() == pa.concat_tables(tables)
        assert file.metadata.num_rows == sum(map(len, parts))
        assert file.metadata.metadata[b"g7classify.schema"] == b"1"
        for i in range(file.num_row_groups):
            assert file.metadata.row_group(i).column(0).total_compressed_size > 0


def test_statistics_and_filters_still_work() -> None:
    tables = [pa.table({"number": range(at, at + 50)}) for at in (0, 50, 100)]
    content = joined(tables, row_group_size=10, write_page_index=True)
    found = pq.read_table(io.BytesIO(content), filters=[("number", ">=", 75), ("number", "<", 105)])
    assert found["number"].to_pylist() == list(range(75, 105))


def test_any_number_of_columns_and_row_groups() -> None:
    """Lists of 15 and more have another head."""
    wide = pa.table({f"column {i}": [float(i), None] for i in range(40)})
    content = joined([wide] * 300, row_group_size=1)
    assert pq.read_table(io.BytesIO(content)) == pa.concat_tables([wide] * 300)


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(DataError, match="a footer within the output cannot be read: its part file was changed"):
        footers.joined([(0, b"\x1b\x00")])


@pytest.mark.parametrize("item", [thrift.BYTE, thrift.TRUE, thrift.DOUBLE, thrift.I64, thrift.BINARY, thrift.LIST])
def test_a_list_that_is_longer_than_the_footer_takes_no_time(item: int) -> None:
    """Of 2 ** 62 items; whoever counts on bytes to end the list must look that there are some."""
    count = b"\xff" * 8 + b"\x3f"
    footer = bytes([footers.GROUPS << 4 | thrift.LIST, 0xF0 | item]) + count + b"\2"
    with pytest.raises(DataError, match="a footer within the output cannot be read"):
        footers.joined([(0, footer)])
    assert footers.dictionary_page(footer) == (0, 0)


def test_a_part_that_was_changed_is_told() -> None:
    with pytest.raises(DataError, match="its part file was changed; begin again"):
        footers.joined(encoding._footers(io.BytesIO(b"\xff" * 20), [20]))


def test_a_number_of_more_than_64_bits_is_none() -> None:
    with pytest.raises(DataError):
        footers.joined([(0, bytes([1 << 4 | thrift.I64]) + b"\xff" * 10_000 + b"\0\0")])


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**63, -(2**63) - 1])
def test_a_number_that_is_written_can_be_read(number: int) -> None:
    """An offset becomes larger when its file is appended to others."""
    written = bytearray()
    if -(2**63) <= number < 2**63:
        thrift.write_struct(written, {1: (thrift.I64, number)})
        assert thrift.Reader(bytes(written)).struct() == {1: (thrift.I64, number)}
    else:
        with pytest.raises(ValueError, match="more than 64 bits"):
            thrift.write_struct(written, {1: (thrift.I64, number)})
        with pytest.raises(ValueError, match="more than 64 bits"):
            thrift.Reader(bytes([1 << 4 | thrift.I64]) + b"\x80" * 9 + b"\2\0").struct()


def test_what_a_footer_says_of_columns(tmp_path: Path) -> None:
    """As pyarrow tells it of sound files, and of a file at which pyarrow would end the process."""
    path = tmp_path / "a.parquet"
    rows = {"text": ["a", "b"] * 500, "labels": [["x"], []] * 500, "n": range(1000)}
    pq.write_table(pa.table(rows), path, row_group_size=400, use_dictionary=["text"])
    metadata = pq.read_metadata(path)
    for group, chunks in enumerate(footers.chunks(path, ["text", "labels", "n"])):
        assert len(chunks) == metadata.num_columns
        for number, chunk in enumerate(chunks):
            known = metadata.row_group(group).column(number)
            assert (".".join(chunk.path), chunk.size) == (known.path_in_schema, known.total_uncompressed_size)
            assert chunk.start == (known.dictionary_page_offset or known.data_page_offset)
            assert chunk.holds_bytes == (known.physical_type == "BYTE_ARRAY")
    assert group == 2
    assert [[chunk.path for chunk in group] for group in footers.chunks(path, ["n"])] == [[("n",)]] * 3


def test_a_parquet_file_that_would_end_the_process_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes((Path(__file__).parents[1] / "fuzz/findings/parquet.column-that-ends-the-process").read_bytes())
    with pytest.raises(DataError, match="no sound Parquet"):
        Dataset.read(path, codebook=None)
    with pytest.raises(DataError):
        list(open_table(path, text_column="text").batches(0, 0))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\xff" * 40, b"PAR1\x19\x10\0\0\0\0PAR1"])
def test_what_has_no_footer(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(DataError, match="its footer cannot be read"):
        footers.chunks(tmp_path / "a.parquet", ["text"])


def test_what_nobody_asked_for_is_not_kept(tmp_path: Path) -> None:
    """The footer of a wide table of many row groups is megabytes, which would take fifty times that as objects."""
    path = tmp_path / "a.parquet"
    rows = {"text": ["a"] * 100, **{f"column {number}": range(100) for number in range(50)}}
    pq.write_table(pa.table(rows), path, row_group_size=1)
    tracemalloc.start()
    found = footers.chunks(path, ["text"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 100
    assert peak < 2 * path.stat().st_size
