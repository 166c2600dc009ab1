"""`g7classify tag` of a table into another."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from streamed import read, rows_of, write

from g7classify.cli import main, streaming
from g7classify.streaming import Told, tables


@pytest.fixture
def call(model_path: Path) -> Callable[..., Result]:
    def run(*arguments: Any) -> Result:
        return CliRunner().invoke(main, ["tag", "--model", str(model_path), *map(str, arguments)])

    return run


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv", ".jsonl"])
def test_a_table_becomes_a_table(call: Callable[..., Result], tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"table{suffix}", rows_of(9))
    for output in ("out.parquet", "out.csv", "out.jsonl"):
        done = call(path, "--text-column", "text", "--keep", "id, date", "--output", tmp_path / output)
        assert done.exit_code == 0, done.output
        assert "9 rows, 10 sentences," in done.stderr
        assert f"wrote {tmp_path / output}" in done.stderr
        assert not done.stdout
        found = read(tmp_path / output)
        assert [row["row"] for row in found] == [1, 1, 3, 5, 5, 7, 7, 8, 9, 9]
        assert {"id", "date"} <= found[0].keys()


def test_a_folder_of_parquet(call: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("a", "b"):
        write(tmp_path / "folder" / f"{name}.parquet", rows_of(3))
    done = call(tmp_path / "folder", "--text-column", "text", "--whole-rows", "-j", 2, "-o", tmp_path / "out.parquet")
    assert done.exit_code == 0, done.output
    found = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["file"], row["row"]) for row in found] == [
        (f"{name}.parquet", row) for name in ("a", "b") for row in (1, 3)
    ]


def test_a_folder_of_other_tables_is_no_stream(call: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "a.csv", rows_of(1))
    done = call(tmp_path / "folder", "--text-column", "text", "-o", tmp_path / "out.jsonl")
    assert done.exit_code == 0, done.output
    assert [row["start"] for row in read(tmp_path / "out.jsonl")] == [0, 18]


def test_an_interrupted_run_is_told_how_to_go_on(
    call: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 3)
    path = write(tmp_path / "table.jsonl", rows_of(9))
    content = path.read_text()
    arguments = (path, "--text-column", "text", "-o", tmp_path / "out.jsonl")

    def interrupt(told: Told) -> None:
        if told.rows == 6:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(streaming._Lines, "tell", lambda _, told: interrupt(told))
        done = call(*arguments)
    assert done.exit_code == 130
    assert "what was tagged is kept in" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()
    assert path.read_text() == content
    assert call(*arguments).exit_code == 2
    done = call(*arguments, "--resume")
    assert done.exit_code == 0, done.output
    assert "9 rows, 10 sentences, 1 without text" in done.stderr
    assert len(read(tmp_path / "out.jsonl")) == 10


def test_bad_input_ends_with_one_line(call: Callable[..., Result], tmp_path: Path) -> None:
    path = write(tmp_path / "table.parquet", rows_of(3))
    output = tmp_path / "out.parquet"
    for arguments, status, message in (
        ((path, "--text-column", "body"), 1, "no column 'body'; there are 'id', 'text', 'date'"),
        ((path, "--text-column", "id"), 1, "column 'id' holds int64; expected text"),
        ((tmp_path / "no.csv", "--text-column", "text"), 1, "cannot read"),
        ((path, "--text-column", "text", "--keep", "text"), 2, "named twice"),
        ((path, "--text-column", "text", "--labels", "actor"), 2, "--labels: not where a table is tagged"),
        ((path, "--text-column", "text", "--format", "csv"), 2, "--format: not where a table is tagged"),
        ((path, "--text-column", "text", "--input-format", "txt"), 2, "--input-format: not where a table is tagged"),
        ((path,), 2, f"--output {output}: of one table"),
        ((path, path, "--text-column", "text"), 2, "of one table"),
    ):
        done = call(*arguments, "-o", output)
        assert (done.exit_code, done.stderr.count("\n")) == (status, 1), done.output
        assert message in done.stderr
    assert not output.exists()


@pytest.mark.parametrize("option", [("--keep", "id"), ("--whole-rows",), ("--jobs", "2"), ("--resume",)])
def test_options_of_tables_are_refused_elsewhere(
    call: Callable[..., Result], tmp_path: Path, option: tuple[str, ...]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("La police.")
    done = call(path, *option)
    assert done.exit_code == 2
    assert f"{option[0]}: of one table that is tagged into another" in done.stderr


def test_how_far_it_is_without_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = [100.0]
    monkeypatch.setattr(streaming.time, "monotonic", lambda: now[0])
    lines = streaming._Lines()
    for rows, read_ in ((500, 0.0), (1500, 0.1), (30_500, 0.25)):
        lines.tell(Told(rows, rows, 0, read_))
        now[0] += 6.0
    assert capsys.readouterr().err == "[25%] 30,500 rows, 2,500 rows/s\n"


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(streaming.sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with streaming._shown() as progress:
        progress(Told(1_234, 2_000, 0, 0.5))
    assert "1,234 rows, " in terminal.getvalue()
    assert "left" in terminal.getvalue()
