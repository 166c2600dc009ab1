"""Names and kinds of files that programs seldom meet: read and written as they are, or refused by name."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import g7classify
from g7classify import Tagger, atomic, modelfile
from g7classify.errors import OptionError, UnreadableFileError
from g7classify.model import Model
from g7classify.streaming import tag_table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names and kinds of POSIX")

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]
ODD = [b"caf\xe9.txt", b"two\nlines.txt", "東京.txt".encode(), b"-dash.txt", b" .txt", b"\x1b[31m.txt"]


@pytest.mark.parametrize("name", ODD)
def test_names_of_any_bytes(name: bytes, tagger: Tagger, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_text("La police arrive.", encoding="utf-8")
    document = tagger.tag(g7classify.read(path))
    assert document.source is not None
    assert document.source.file == os.fsencode(path).decode("utf-8", "replace")
    assert json.loads(document.to_json())["source"]["file"] == document.source.file
    output = path.with_suffix(".csv")
    (tmp_path / "rows.jsonl").write_text('{"text": "La police arrive."}\n')
    tag_table(tagger, tmp_path / "rows.jsonl", output)
    with output.open(encoding="utf-8", newline="") as file:
        assert [row["labels"] for row in csv.DictReader(file)] == ["actor;actor.agency"]


def test_an_error_of_any_name_is_one_printable_line(command: Command, tmp_path: Path) -> None:
    missing = [tmp_path / os.fsdecode(b"no\nerror: \x1b[31m" + name) for name in ODD]
    done = command("tag", missing[0], "-f", "jsonl")
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: cannot read ")
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr
    done = command("tag", *missing, "-f", "jsonl")
    assert done.stderr.count(b"\n") == 1 + len(ODD)  # one line, and an indented one a file
    assert done.stderr.count(b"\n  cannot read ") == len(ODD)
    assert b"\x1b" not in done.stderr


def test_targets_that_are_no_files(tagger: Tagger, model: Model, rows: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"^cannot write .*: Is a directory$"):
        modelfile.write(model, tmp_path)
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(OptionError, match=r"out\.csv: it is a folder"):
        tag_table(tagger, rows, tmp_path / "out.csv")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(UnreadableFileError, match=r"cannot write .*(Symlink loop|symbolic links)"):
        atomic.write_bytes(tmp_path / "one", b"")
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(UnreadableFileError, match=r"pipe\.jsonl: a pipe or a device, and a table is read twice"):
        tag_table(tagger, tmp_path / "pipe.jsonl", tmp_path / "new.csv")
    assert not (tmp_path / "new.csv").exists()


def test_a_pipe_is_written_to_and_read_as_it_is(command: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "in")
    os.mkfifo(tmp_path / "out")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "out").read_bytes()))
    writer = threading.Thread(target=lambda: (tmp_path / "in").write_text("La police arrive."))
    reader.start()
    writer.start()
    done = command("tag", tmp_path / "in", "-f", "jsonl", "-o", tmp_path / "out")
    reader.join(10)
    writer.join(10)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(got[0])["text"] == "La police arrive."
    assert (tmp_path / "out").is_fifo()


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_links_and_permissions_of_what_is_replaced_are_kept(
    suffix: str, tagger: Tagger, rows: Path, tmp_path: Path
) -> None:
    target, link = tmp_path / f"target{suffix}", tmp_path / f"link{suffix}"
    target.write_text("what was there")
    target.chmod(0o640)
    link.symlink_to(target)
    tag_table(tagger, rows, link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.stat().st_size > 1000


def test_two_that_write_the_same_file_leave_that_of_one(tmp_path: Path) -> None:
    contents = [bytes([i]) * 100_000 for i in range(8)]
    threads = [threading.Thread(target=atomic.write_bytes, args=(tmp_path / "out", one)) for one in contents * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "out").read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_streams_into_the_same_file_are_one_too_many(tagger: Tagger, rows: Path, tmp_path: Path) -> None:
    def second(_told: object) -> None:
        with pytest.raises(OptionError, match=r"out\.csv\.part: an earlier run was interrupted, or is at it"):
            tag_table(tagger, rows, tmp_path / "out.csv")

    tag_table(tagger, rows, tmp_path / "out.csv", progress=second)
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count("\n") == 1201
