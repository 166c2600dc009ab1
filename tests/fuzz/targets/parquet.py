"""Parquet files of any bytes, as labelled rows and as tables to tag: read, or refused."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from choices import share
from labelled import rows_hold
from memory import file
from refusing import told

from g7classify.errors import G7ClassifyError
from g7classify.learn.dataset import Dataset
from g7classify.streaming.sources import open_table

SMOKE, LONGEST = 2000, 2500
WORDS = (b"PAR1", b"\x15\x00", b"\x15\x02", b"\x19\x1c", b"\x18\x04text", b"\xff\xff\xff\xff\x07", b"ARROW:schema")


def seeds() -> list[bytes]:
    rows = {"text": ["Un. Deux.", "警察", None], "labels": [["law"], ["law", "a"], []], "id": [1, 2, 3]}
    cells = {"text": ["a"], "labels": ["law;b"], "n": [1.5]}
    tables = [pa.table(rows), pa.table(cells), pa.table({"text": ["a", "b"]})]
    options: list[dict[str, Any]] = [
        {"compression": "none"},
        {"compression": "snappy", "use_dictionary": False},
        {"compression": "zstd", "store_schema": False},
        {"compression": "none", "data_page_version": "2.0", "row_group_size": 1, "store_schema": False},
    ]
    found = []
    for table in tables:
        for one in options:
            sink = io.BytesIO()
            pq.write_table(table, sink, write_statistics=False, **one)
            found.append(sink.getvalue())
    return [data for data in found if len(data) <= LONGEST]


def one_input(data: bytes) -> None:
    """Either way, by chance, as each opens the file anew."""
    path, number = file("rows.parquet", data), share(data)
    if number % 3 == 0:
        labelled(path)
    else:
        tagged(path, ("n",) if number % 3 == 1 else ())


def labelled(path: Path) -> None:
    """Rows to learn from."""
    try:
        rows_hold(Dataset.read(path, codebook=None))
    except G7ClassifyError as error:
        told(error)


def tagged(path: Path, keep: Sequence[str]) -> None:
    """Texts to tag."""
    try:
        for batch in open_table(path, text_column="text", keep=keep).batches(0, 0):
            assert len(batch.texts) == len(batch.texts.to_pylist())
    except G7ClassifyError as error:
        told(error)
