"""Parquet files: any layout gives the same rows, and errors name the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7classify.errors import DataError, UnreadableFileError
from g7classify.streaming import tables
from g7classify.streaming.parquetfiles import ParquetTable
from g7classify.streaming.sources import open_table


@given(
    counts=st.lists(st.integers(0, 12), min_size=1, max_size=4),
    group=st.integers(1, 6),
    batch=st.integers(1, 6),
    start=st.integers(0, 60),
)
@settings(max_examples=60)
def test_any_layout_and_any_start_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], group: int, batch: int, start: int
) -> None:
    folder = tmp_path_factory.mktemp("table")
    rows = []
    for number, count in enumerate(counts):
        texts = [None if i % 5 == 4 else f"{number}.{i}" for i in range(count)]
        rows += [(number, i + 1, text) for i, text in enumerate(texts)]
        pq.write_table(
            pa.table({"text": pa.array(texts, pa.string())}), folder / f"{number}.parquet", row_group_size=group
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BATCH_ROWS", batch)
        table = open_table(folder, text_column="text")
        at = rows[start] if start < len(rows) else (len(counts) - 1, counts[-1] + 1, None)
        batches = list(table.batches(at[0], at[1] - 1))
    found = [(one.file, one.first + i, text) for one in batches for i, text in enumerate(one.texts.to_pylist())]
    assert found == rows[start:]
    assert all(len(one.texts) <= batch for one in batches)
    assert not batches or batches[-1].read == 1


def test_long_texts_make_smaller_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BATCH_BYTES", 10_000)
    texts = [f"{i} {'a' * 1000}" for i in range(100)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet", use_dictionary=False)
    sizes = [len(batch.texts) for batch in open_table(tmp_path / "a.parquet", text_column="text").batches(0, 0)]
    assert sum(sizes) == 100
    assert 5 <= max(sizes) <= 10


def test_the_columns_that_there_are_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [1], "body": ["a"], "when": [[1]]}), path)
    for name in ("text", "body.x"):
        with pytest.raises(DataError, match=rf"a\.parquet: no column '{name}'; there are 'id', 'body', 'when'"):
            open_table(path, text_column=name)
    with pytest.raises(DataError, match="no column 'of'"):
        open_table(path, text_column="body", keep=["of"])
    for name, kind in (("id", "int64"), ("when", "list<")):
        with pytest.raises(DataError, match=rf"column '{name}' holds {kind}.*; expected text"):
            open_table(path, text_column=name)


def test_a_column_of_another_type_is_no_text(tmp_path: Path) -> None:
    for values in ([b"a"], [1.5], [True]):
        pq.write_table(pa.table({"text": values}), tmp_path / "a.parquet")
        with pytest.raises(DataError, match="expected text, a column of strings"):
            open_table(tmp_path / "a.parquet", text_column="text")


def test_the_files_of_a_folder_have_the_same_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"], "id": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"text": ["a"], "id": ["1"]}), tmp_path / "b.parquet")
    open_table(tmp_path, text_column="text")
    with pytest.raises(DataError, match=r"b\.parquet: column 'id' is string, but int64 in .*a\.parquet"):
        open_table(tmp_path, text_column="text", keep=["id"])
    pq.write_table(pa.table({"body": ["a"]}), tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet: no column 'text'"):
        open_table(tmp_path, text_column="text")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet at all", b"PAR1" + b"\0" * 100 + b"\xff\0\0\0PAR1"])
def test_what_is_no_parquet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.parquet: no sound Parquet file"):
        open_table(path, text_column="text")


def test_damage_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"text {i}" for i in range(10_000)]}), path, use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[10:5000] = bytes(4990)
    path.write_bytes(content)
    table = open_table(path, text_column="text")
    with pytest.raises(DataError, match=r"a\.parquet: no sound Parquet file"):
        list(table.batches(0, 0))


def test_text_that_is_no_utf8(tmp_path: Path) -> None:
    wrong = pa.array([b"a", b"caf\xe9"]).view(pa.string())
    for name, other in (("text", "id"), ("id", "text")):
        pq.write_table(pa.table({name: wrong, other: ["a", "b"]}), tmp_path / "a.parquet")
        with pytest.raises(DataError, match=r"a\.parquet: rows 1 to 2: .*UTF8.*write it anew"):
            list(open_table(tmp_path / "a.parquet", text_column="text", keep=["id"]).batches(0, 0))


def test_a_view_of_strings_is_text(tmp_path: Path) -> None:
    try:
        pq.write_table(pa.table({"text": pa.array(["a", None], pa.string_view())}), tmp_path / "a.parquet")
    except pa.ArrowNotImplementedError:
        pytest.skip("this pyarrow writes no such files")
    (batch,) = open_table(tmp_path / "a.parquet", text_column="text").batches(0, 0)
    assert batch.texts.to_pylist() == ["a", None]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"cannot read .*a\.parquet"):
        ParquetTable((tmp_path / "a.parquet",), "text", ())


def test_a_dictionary_is_text(tmp_path: Path) -> None:
    values: Any = pa.array(["a", None, "a"]).dictionary_encode()
    pq.write_table(pa.table({"text": values}), tmp_path / "a.parquet")
    (batch,) = open_table(tmp_path / "a.parquet", text_column="text").batches(0, 0)
    assert batch.texts.to_pylist() == ["a", None, "a"]


def repeated(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), [text])


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("stored", [False, True])
def test_a_text_that_a_dictionary_holds_once_fills_no_batch_beyond_its_bytes(
    tmp_path: Path, stored: bool, kept: bool
) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": repeated("La police arrive. " * 1000, 2000), "id": range(2000)})
    if kept:
        table = table.rename_columns(["other", "text"]).set_column(1, "text", pa.array(map(str, range(2000))))
    pq.write_table(table, path, store_schema=stored)  # with its schema the column is a dictionary again when it is read
    assert path.stat().st_size < 40_000
    batches = list(open_table(path, text_column="text", keep=["other"] if kept else ["id"]).batches(0, 0))
    assert sum(len(batch.texts) for batch in batches) == 2000
    assert max(len(batch.texts) for batch in batches) * 18_000 <= tables.BATCH_BYTES
    assert [batch.first for batch in batches] == [1, *np.cumsum([len(batch.texts) for batch in batches])[:-1] + 1]


@pytest.mark.parametrize(
    ("texts", "options"),
    [
        (repeated("x" * 20_000, 32_768), {}),
        (["x"] * 100_000 + ["x" * 20_000] * 3000, {"use_dictionary": False}),
        (["x" * 20_000] * 3000, {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}),
    ],
)
def test_memory_is_bounded_whatever_rows_are_decoded_to(tmp_path: Path, texts: Any, options: dict[str, Any]) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts}), path, store_schema=False, compression="zstd", **options)
    assert path.stat().st_size < 20_000
    code = """
import resource, sys
import subprocess
import sys
from pathlib import Path
import pyarrow as pa, pyarrow.compute, pyarrow.parquet
from g7classify.streaming.sources import open_table
pa.set_memory_pool(pa.system_memory_pool())
rows = sum(len(batch.texts) for batch in open_table(Path(sys.argv[1]), text_column="text").batches(0, 0))
print(rows, pa.default_memory_pool().max_memory())
"""
    ran = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    rows, most = map(int, ran.stdout.split())
    assert rows == len(texts)
    assert most < 40_000_000  # 60, 80 and 655 MB if what a row group's mean makes a batch is decoded at once


def test_a_damaged_header_of_a_dictionary_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["a", "b"] * 50}), path)
    content = bytearray(path.read_bytes())
    content[4:12] = b"\xff" * 8
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.parquet: no sound Parquet file"):
        list(open_table(path, text_column="text").batches(0, 0))
