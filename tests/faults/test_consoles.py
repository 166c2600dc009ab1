"""Terminals, pipes and locales of any kind: the right bytes, or one line and an exit status, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="standard streams are closed in another way there")

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]
TEXT = "Le ministère « 警察 » arrive à 10 €. La police parle."


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "é.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "no locale": {"LANG": "C", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "cp1252": {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=list(ENVIRONMENTS))
def test_output_is_utf8_in_any_locale(command: Command, document: Path, environment: dict[str, str]) -> None:
    done = command("tag", document, "-f", "jsonl", env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    rows = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert [row["text"] for row in rows] == ["Le ministère « 警察 » arrive à 10 €.", "La police parle."]
    assert rows[0]["file"] == str(document)
    table = command("tag", document, env=environment)
    assert (table.returncode, table.stderr) == (0, b"")
    assert "ministère « 警察 »" in table.stdout.decode("utf-8")
    missing = command("tag", document.with_name("fehlt-ü-警.txt"), env=environment)
    assert (missing.returncode, missing.stdout) == (1, b"")
    assert missing.stderr.startswith(b"error: cannot read ")
    assert missing.stderr.count(b"\n") == 1


def closing(*numbers: int) -> dict[str, Any]:
    """Options of a process some of whose standard streams are closed."""
    return {"preexec_fn": lambda: [os.close(number) for number in numbers], "stdin": subprocess.DEVNULL}


def test_standard_output_that_is_closed(command: Command, document: Path, tmp_path: Path) -> None:
    for arguments in (["tag", document], ["tag", document, "-f", "csv"], ["report", document, "-o", "-"]):
        done = command(*arguments, **closing(1))
        assert done.returncode == 1
        assert done.stderr == b"error: cannot write standard output: it is closed; give --output, or a pipe\n"
    done = command("tag", document, "-f", "csv", "-o", tmp_path / "out.csv", **closing(0, 1, 2))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count("\n") == 3  # nothing else got the file's number


def test_standard_input_that_is_closed(command: Command) -> None:
    done = command("tag", "-", preexec_fn=lambda: os.close(0))
    assert (done.returncode, done.stderr) == (1, b"error: cannot read standard input: it is closed\n")


def test_a_reader_that_has_had_enough(tmp_path: Path, model_path: Path) -> None:
    (tmp_path / "long.txt").write_text("La police arrive.\n" * 20_000)
    tag = [sys.executable, "-m", "g7classify", "tag", tmp_path / "long.txt", "-f", "jsonl", "-m", model_path]
    with subprocess.Popen(tag, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_no_terminal_gets_no_codes_that_steer_one(command: Command, document: Path, rows: Path, tmp_path: Path) -> None:
    for arguments in (
        ["tag", document],
        ["tag", rows, "--text-column", "text", "-o", tmp_path / "out.csv"],
        ["--help"],
    ):
        done = command(*arguments, model=arguments[0] == "tag")
        assert done.returncode == 0
        assert b"\x1b" not in done.stdout + done.stderr
