"""Tables in every format, with texts that have sentences, none, and null."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TEXTS: list[str | None] = [
    "La police arrive. Le ministre parle!",
    None,
    "terrorisme",
    "",
    '=sanctions, «quotes» "and"\nlines. Puis ransomware',
    "  ",
    "警察。mot",
    "rien",
]
Row = dict[str, Any]


def rows_of(count: int) -> list[Row]:
    return [
        {"id": i, "text": TEXTS[i % len(TEXTS)], "date": None if i % 3 else f"2026-01-{i % 28 + 1}"}
        for i in range(count)
    ]


def write(path: Path, rows: list[Row]) -> Path:
    """A table of rows; in CSV, null is an empty cell, as an empty text is."""
    if path.suffix == ".parquet":
        schema = pa.schema({"id": pa.int64(), "text": pa.string(), "date": pa.string()})
        pq.write_table(pa.Table.from_pylist(rows, schema), path, row_group_size=7)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writerow(["id", "text", "date"])
            writer.writerows(row.values() for row in rows)
    return path


def read(path: Path) -> list[Row]:
    """The rows of an output, lists as lists."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as file:
        found: list[Row] = list(csv.DictReader(file))
    for row in found:
        for name in ("row", "start", "end"):
            row[name] = int(row[name])
        for name in ("labels", "probabilities", "in_doubt"):
            row[name] = row[name].split(";") if row[name] else []
        row["probabilities"] = list(map(float, row["probabilities"]))
    return found
