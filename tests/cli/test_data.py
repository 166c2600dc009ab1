from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from g7classify.cli import main

Run = Callable[..., Result]
EXPORTS = Path(__file__).parents[1] / "data" / "exports"


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(main, ["validate", *map(str, arguments)])


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "Un attentat.", "labels": ["threat"]}\n{"text": "Rien du tout.", "labels": []}\n')
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "a", "labels": ["threat.terorism"]}\n{"text": "", "labels": []}\nx\n')
    return path


def test_sound_rows(run: Run, rows: Path) -> None:
    result = run(rows)
    assert (result.exit_code, result.stdout) == (0, "no problem\n")
    assert result.stderr == "2 rows read: 2 clean, 0 rejected; 0 errors, 0 warnings\n"


def test_problems_are_lines_and_an_exit_status(run: Run, rows: Path, bad: Path) -> None:
    result = run(rows, bad)
    assert result.exit_code == 1
    assert [line.split(" ")[0] for line in result.stdout.splitlines()] == [f"{bad}:{n}:" for n in (1, 2, 3)]
    assert result.stderr.splitlines() == [
        "5 rows read: 2 clean, 3 rejected; 3 errors, 0 warnings",
        "error: 3 problems",
    ]


def test_warnings_alone_are_no_failure(run: Run, rows: Path) -> None:
    rows.write_text(rows.read_text() * 2)
    result = run(rows)
    assert result.exit_code == 0
    assert [line.split(": ")[1] for line in result.stdout.splitlines()] == ["warning", "warning"]
    assert result.stderr == "4 rows read: 2 clean, 2 rejected; 0 errors, 2 warnings\n"


def test_clean_and_rejected_rows_are_written(run: Run, rows: Path, bad: Path, tmp_path: Path) -> None:
    clean, rejected = tmp_path / "clean.jsonl", tmp_path / "rejected.jsonl"
    assert run(rows, bad, "--clean", clean, "--rejected", rejected).exit_code == 1
    assert [json.loads(line)["text"] for line in clean.read_text().splitlines()] == ["Un attentat.", "Rien du tout."]
    assert [json.loads(line)["line"] for line in rejected.read_text().splitlines()] == [1, 2, 3]
    assert run(clean).exit_code == 0


def test_json(run: Run, bad: Path) -> None:
    result = run(bad, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert {key: found[key] for key in ("read", "clean", "rejected", "joined")} == {
        "read": 3, "clean": 0, "rejected": 3, "joined": 0,
    }  # fmt: skip
    assert [problem["kind"] for problem in found["problems"]] == ["label", "text", "row"]


def test_labels_of_one_s_own(run: Run) -> None:
    result = run(EXPORTS / "prodigy-binary.jsonl", "--codebook", "auto")
    assert result.exit_code == 0, result.output
    assert "7 rows read: 4 clean, 1 rejected, 2 joined to an earlier row; 0 errors, 2 warnings" in result.stderr


def test_how_the_data_lie_can_be_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_bytes("a;b;c\nDéjà vu.;law, order;x\nEncore.;tax;\n".encode("cp1252"))
    options = ("--codebook", "auto", "--format", "csv", "--encoding", "cp1252", "--text-field", "a")
    assert run(path, *options).exit_code == 1
    assert run(path, *options, "--label-field", "b", "--separator", ", ").exit_code == 0
    path.write_text("a,b,c\nUn.,1,x\nEncore.,,\n")
    result = run(path, "--codebook", "auto", "--text-field", "a", "--label-field", "b", "--label-field", "c")
    told = "labels: warning: labels of fewer than 5 rows can hardly be learned: 'b' (1), 'c' (1)\n"
    assert (result.exit_code, result.stdout) == (0, told)
    assert run(path, "--format", "xlsx").exit_code == 2


def test_a_file_that_cannot_be_read_writes_nothing(run: Run, rows: Path, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no Parquet")
    result = run(rows, tmp_path / "a.parquet", "--clean", tmp_path / "clean.jsonl")
    assert result.exit_code == 1
    assert "a.parquet: no Parquet" in result.stdout
    assert "error: nothing is written" in result.stderr
    assert not (tmp_path / "clean.jsonl").exists()


@pytest.mark.parametrize("option", ["--clean", "--rejected"])
def test_no_input_is_written_over(run: Run, rows: Path, option: str) -> None:
    before = rows.read_bytes()
    for given in (rows, rows.parent):
        result = run(given, option, rows)
        assert (result.exit_code, f"{option} {rows}: it is also an input" in result.stderr) == (2, True)
    assert rows.read_bytes() == before
    assert "there is no folder" in run(rows, option, rows.parent / "none" / "x.jsonl").stderr


def test_two_outputs_are_not_written_into_one_file(run: Run, rows: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.jsonl"
    result = run(rows, "--clean", both, "--rejected", both)
    assert (result.exit_code, f"--clean {both}: --rejected names it too" in result.stderr) == (2, True)
    assert not both.exists()
    assert run(rows, "--clean", "/dev/null", "--rejected", "/dev/null").exit_code == run(rows).exit_code


def test_the_codebook_is_not_written_over(run: Run, rows: Path, tmp_path: Path) -> None:
    book = tmp_path / "own.toml"
    book.write_text('name = "own"\nversion = "1"\n\n[[labels]]\nname = "a"\n', encoding="utf-8")
    before = book.read_bytes()
    result = run(rows, "--codebook", book, "--clean", book)
    assert (result.exit_code, "--codebook names it too" in result.stderr) == (2, True)
    assert book.read_bytes() == before
