"""The benchmark of long tables, on short ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from benchmarks import figures, records, streaming
from g7classify.streaming.sources import open_table


def test_tables_of_all_formats_hold_the_same_rows(tmp_path: Path) -> None:
    texts = []
    for suffix in ("parquet", "csv", "jsonl"):
        path = tmp_path / f"rows.{suffix}"
        streaming.write(path, 1_500)
        read = open_table(path, text_column="text", keep=["id"]).batches(0, 0)
        texts.append([text for batch in read for text in pa.array(batch.texts).to_pylist()])
    assert texts[0] == texts[1] == texts[2]
    assert len(texts[0]) == 1_500


def test_the_bare_path_has_a_rate_for_every_number_of_threads(model_path: Path) -> None:
    found = streaming.bare(str(model_path), 1_000)
    assert set(found) == {
        f"{name}, {threads}" for name in ("scores_utf8", "arrow.tag_sentences") for threads in ("1 thread", "2 threads")
    }
    assert all(rate > 0 for rate in found.values())


def test_the_command_line_is_measured(model_path: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "rows.parquet", tmp_path / "out.parquet"
    streaming.write(source, 1_000)
    run = streaming.command_line(str(model_path), source, output, jobs=2, rows=1_000)
    assert run["rows_per_second"] == pytest.approx(1_000 / run["seconds"], rel=0.01)
    assert set(pq.read_table(output, columns=["row"])["row"].to_pylist()) == set(range(1, 1_001))
    if streaming.peak_bytes(os.getpid()) is not None:
        assert 0 < run["peak_mb_half"] <= run["peak_mb_whole"]


def test_memory_of_a_process_that_is_gone_is_not_told() -> None:
    assert streaming.peak_bytes(2**22 + 1) is None


def test_all_is_measured_shown_and_recorded(model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    done = CliRunner().invoke(streaming.main, ["--model", str(model_path), "--rows", "1000", "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "streaming.json").read_text())["figures"]
    assert found["rows"] == 1_000
    assert set(found["runs"]) == {"1", "2"}
    assert set(found["formats"]) == {"parquet to csv", "parquet to jsonl", "csv to parquet", "jsonl to parquet"}
    table = figures.TABLES["streaming"]()
    assert table.count("\n") == 2 + 4 + 2 + 4
    assert f"{found['runs']['1']['rows_per_second']:,.0f}" in table
    assert [path.name for path in tmp_path.iterdir()] == ["streaming.json"]
