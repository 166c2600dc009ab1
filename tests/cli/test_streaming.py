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
    assert "going on after 6 rows\n" in done.stderr
    assert "9 rows, 10 sentences, 1 without text" in done.stderr
    assert len(read(tmp_path / "out.jsonl")) == 10


def test_a_bad_row_is_not_to_be_gone_on_with(
    call: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 1)
    path = tmp_path / "table.csv"
    path.write_text("id,text\n1,La police.\n2,a,b\n")
    arguments = (path, "--text-column", "text", "-o", tmp_path / "out.csv")
    done = call(*arguments)
    assert done.exit_code == 1
    assert "to go on without bad rows, add --bad-rows skip --resume; once the file is corrected, delete" in done.stderr
    path.write_text("id,text\n1,La police.\n2,b\n")
    done = call(*arguments, "--resume")  # of another file: the error alone says what to do
    assert (done.exit_code, done.stderr.count("\n"), "cannot go on" in done.stderr) == (2, 1, True)


def test_bad_rows_are_passed_over_and_told_at_the_end(
    call: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 2)
    path, output = tmp_path / "table.csv", tmp_path / "out.csv"
    path.write_text("id,text\n1,La police.\n7,a,b,c\n3,\n" + "4\n" * 6 + "5,Une loi.\n")
    arguments = (path, "--text-column", "text", "-o", output)
    assert call(*arguments).exit_code == 1
    assert not output.exists()
    done = call(*arguments, "--bad-rows", "skip", "--resume")
    assert (done.exit_code, [row["row"] for row in read(output)]) == (1, [1, 10])
    first, *told = done.stderr.splitlines()[-7:]
    assert "10 rows, 2 sentences, 1 without text" in first
    assert told[0] == "error: 7 rows that cannot be read were passed over; the others are tagged; the first:"
    assert told[1] == f"  {path}:3: 4 cells; expected 2, as the header has"
    assert told[-1].startswith(f"  {path}:8: 1 cells")
    assert len(told) == 6


def test_a_finished_output_is_tagged_anew_and_that_is_told(call: Callable[..., Result], tmp_path: Path) -> None:
    arguments = (write(tmp_path / "table.csv", rows_of(9)), "--text-column", "text", "-o", tmp_path / "out.csv")
    assert "no part of it" not in call(*arguments, "--resume").stderr
    done = call(*arguments, "--resume")
    assert done.exit_code == 0
    assert f"{tmp_path / 'out.csv'} is there and no part of it to go on with: tagging all rows" in done.stderr


def test_a_table_in_another_encoding(call: Callable[..., Result], tmp_path: Path) -> None:
    path, output = tmp_path / "table.csv", tmp_path / "out.csv"
    path.write_bytes("id,text\n1,Une décision.\n".encode("cp1252"))
    arguments = (path, "--text-column", "text", "-o", output)
    done = call(*arguments)
    assert done.exit_code == 1
    assert f"{path}:2: byte 7 (0xe9) is not UTF-8; it looks like cp1252: give --encoding cp1252" in done.stderr
    assert call(*arguments, "--encoding", "cp1252").exit_code == 0
    assert [row["text"] for row in read(output)] == ["Une décision."]
    done = call(*arguments, "--encoding", "no-such")
    assert (done.exit_code, done.stderr.count("\n"), "encoding 'no-such'" in done.stderr) == (2, 1, True)


def test_bad_input_ends_with_one_line(call: Callable[..., Result], tmp_path: Path) -> None:
    path = write(tmp_path / "table.parquet", rows_of(3))
    output = tmp_path / "out.parquet"
    for arguments, status, message in (
        (
            (path, "--text-column", "body"),
            1,
            "no column 'body'; there are 'id', 'text', 'date'; name that of the text with --text-column",
        ),
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


@pytest.mark.parametrize(
    "option", [("--keep", "id"), ("--whole-rows",), ("--jobs", "2"), ("--resume",), ("--bad-rows", "skip")]
)
def test_options_of_tables_are_refused_elsewhere(
    call: Callable[..., Result], tmp_path: Path, option: tuple[str, ...]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("La police.")
    done = call(path, *option)
    assert done.exit_code == 2
    assert f"{option[0]}: of one table that is tagged into another" in done.stderr


def test_how_far_it_is_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = [100.0], list[str]()
    monkeypatch.setattr(streaming.time, "monotonic", lambda: now[0])
    lines = streaming._Lines(said.append)
    for rows, read_ in ((500, 0.0), (1500, 0.1), (30_500, 0.25)):
        lines.tell(Told(rows, rows, 0, read_))
        now[0] += 6.0
    assert said == ["going on after 500 rows", "[25%] 30,500 rows, 2,500 rows/s"]


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(streaming.sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with streaming._shown() as progress:
        progress(Told(1_234, 2_000, 0, 0.5))
    assert "1,234 rows, " in terminal.getvalue()
    assert "going on after 1,234 rows\n" in terminal.getvalue()
    assert "left" in terminal.getvalue()
