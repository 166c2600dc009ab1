"""Parquet files in a row are read as one by pyarrow."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.streaming import footers

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
    with pytest.raises(ValueError, match="no field of type 11"):
        footers.joined([(0, b"\x1b\x00")])
