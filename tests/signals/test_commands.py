"""Commands that are signalled at a moment: they end soon, say so in a line, and leave a file as it was or whole."""

from __future__ import annotations

import json
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from strike import BATCH_ROWS

from g7classify import Tagger
from g7classify.streaming import tables, tag_table

if sys.platform == "win32":
    pytest.skip("signals", allow_module_level=True)

INTERRUPTED = (130, "error: interrupted\n")
TERMINATED = (143, "error: terminated\n")
ENDS = {"SIGINT": INTERRUPTED, "SIGTERM": TERMINATED, "SIGHUP": (129, "error: hung up\n")}
TEXTS = ("La police arrive. Le ministre parle!", "Des sanctions. Et le terrorisme.", "警察。", "Rien.")

Run = Callable[..., Any]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    rows = ({"text": f"{TEXTS[i % len(TEXTS)]} {i}", "id": i} for i in range(12_000))
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """More than a batch of them, of which some need a process that parses."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for i in range(300):
        (folder / f"{i}.txt").write_text("La police arrive. " * (i % 7 + 1), encoding="utf-8")
    (folder / "0.html").write_text("<p>Le ministre parle de sanctions.</p>", encoding="utf-8")
    return folder


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("what", "at", "by"),
    [
        ("g7classify.tagger:Tagger._documents", 2, "SIGINT"),
        ("g7classify.documents.reader:Reader._ask", 1, "SIGTERM"),
        ("g7classify.atomic:replace", 1, "SIGHUP"),
    ],
)
def test_tag_leaves_the_file_that_was_there(
    run: Run, model_path: Path, documents: Path, tmp_path: Path, what: str, at: int, by: str
) -> None:
    output = tmp_path / "out.jsonl"
    output.write_bytes(b"old")
    ended = run(what, "tag", documents, "-m", model_path, "-o", output, at=at, by=by)
    assert (ended.status, ended.stderr) == ENDS[by]
    assert output.read_bytes() == b"old"
    assert left(tmp_path) == {"documents", "out.jsonl"}


def test_tag_leaves_the_new_file_whole_once_it_is_in_its_place(
    run: Run, model_path: Path, documents: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.jsonl"
    output.write_bytes(b"old")
    ended = run("g7classify.atomic:replace", "tag", documents, "-m", model_path, "-o", output, when="after")
    assert (ended.status, ended.stderr) == INTERRUPTED
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert len({row["file"] for row in rows}) == 301
    assert left(tmp_path) == {"documents", "out.jsonl"}


def test_what_is_printed_ends_with_a_whole_line(run: Run, model_path: Path, documents: Path) -> None:
    given = ("tag", documents, "-m", model_path, "-f", "jsonl")
    ended = run("g7classify.tagger:Tagger._documents", *given, at=2, by="SIGTERM")
    assert (ended.status, ended.stderr) == TERMINATED
    assert all(json.loads(line)["text"] for line in ended.stdout.splitlines())


@pytest.mark.parametrize(
    ("what", "jobs", "suffix", "by"),
    [
        ("g7classify.streaming.checkpoint:Part.append", 1, "jsonl", "SIGINT"),
        ("g7classify.streaming.encoding:TextEncoder.encode", 3, "csv", "SIGTERM"),
        ("g7classify.streaming.encoding:ParquetEncoder.encode", 2, "parquet", "SIGINT"),
        ("g7classify.streaming.checkpoint:Part.finish", 2, "parquet", "SIGTERM"),
    ],
)
def test_a_stream_keeps_what_is_done_and_goes_on(
    run: Run,
    model_path: Path,
    table: Path,
    tmp_path: Path,
    chance: random.Random,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    jobs: int,
    suffix: str,
    by: str,
) -> None:
    output = tmp_path / f"out.{suffix}"
    output.write_bytes(b"old")
    given = ("tag", table, "--text-column", "text", "--keep", "id", "-m", model_path, "--whole-rows", "-j", jobs)
    at = 1 if what.endswith("finish") else chance.randint(2, 5)
    ended = run(what, *given, "-o", output, at=at, by=by)
    status, told = ENDS[by]
    part = f"out.{suffix}.part"
    assert ended.status == status
    assert ended.stderr.splitlines()[-1] == told.strip()
    assert output.read_bytes() == b"old"
    assert left(tmp_path) - {part, f"{part}.json"} == {"in.jsonl", output.name}
    if part in left(tmp_path):  # else nothing was done yet
        assert f"what was tagged is kept in {output}.part; to go on, run it again with --resume" in ended.stderr
    monkeypatch.setattr(tables, "BATCH_ROWS", BATCH_ROWS)
    tagger, options = Tagger.load(model_path), {"keep": ["id"], "whole": True}
    whole = tmp_path / f"whole.{suffix}"
    assert tag_table(tagger, table, output, resume=True, **options) == tag_table(tagger, table, whole, **options)
    assert output.read_bytes() == whole.read_bytes()
    assert left(tmp_path) == {"in.jsonl", output.name, whole.name}


@pytest.mark.parametrize(
    ("what", "by"),
    [
        ("g7classify.pages.documents:render", "SIGTERM"),
        ("g7classify.attribution:explain", "SIGINT"),
        ("g7classify.atomic:replace", "SIGINT"),
    ],
)
def test_report_leaves_the_page_that_was_there(
    run: Run, model_path: Path, documents: Path, tmp_path: Path, what: str, by: str
) -> None:
    pytest.importorskip("jinja2", reason="the extra `html` is not installed")
    output = tmp_path / "out.html"
    output.write_bytes(b"old")
    ended = run(what, "report", documents / "0.html", documents / "1.txt", "-m", model_path, "-o", output, by=by)
    assert (ended.status, ended.stderr) == ENDS[by]
    assert output.read_bytes() == b"old"
    assert left(tmp_path) == {"documents", "out.html"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_the_process_was_told_to_ignore_stay_ignored(number: int) -> None:
    from g7classify.cli import signals

    before = signal.signal(number, signal.SIG_IGN)
    try:
        with signals.ending():
            assert signal.getsignal(number) is signal.SIG_IGN
        signal.signal(number, signal.SIG_DFL)
        with pytest.raises(signals.Terminated), signals.ending():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
