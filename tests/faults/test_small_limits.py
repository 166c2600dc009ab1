"""Little memory, few open files, no current folder, no folder for temporary files, no home."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import g7classify
from g7classify.cli import main

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits are those of Linux")

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_no_memory_is_one_line(tmp_path: Path) -> None:
    code = """
import resource, sys
from g7classify.cli import main
import g7classify.inputs, g7classify.report
resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
main(["tag", sys.argv[1], "-f", "csv", "-m", "g7-mini"])
"""
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(1 << 29)  # takes no place on the disk
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "large.txt")], capture_output=True, check=False, timeout=60
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith(b"error: not enough memory; give fewer or smaller files")
    assert ran.stderr.count(b"\n") == 1


def test_a_stream_needs_few_open_files(command: Command, rows: Path, tmp_path: Path) -> None:
    import resource

    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))}
    done = command("tag", rows, "--text-column", "text", "-o", tmp_path / "out.csv", **limit)
    assert done.returncode == 0, done.stderr
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))}
    done = command("tag", *[rows] * 3, "-f", "csv", "-o", tmp_path / "few.csv", **limit)
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: ")
    assert b"Too many open files" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "few.csv").exists()


def test_a_current_folder_that_is_gone(
    tmp_path: Path, rows: Path, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for arguments, said in (
        (
            ["tag", rows, "-f", "csv", "-o", "out.csv", "-m", model_path],
            "cannot write out.csv: No such file or directory",
        ),
        (["tag", rows, "--text-column", "text", "-o", "out.csv", "-m", model_path], "cannot write out.csv: "),
        (["tag", rows, "-m", "own.safetensors"], "cannot read the model file own.safetensors: there is no current"),
        (["tag", "a.txt", "-m", model_path], "cannot read a.txt: No such file or directory"),
    ):
        done = CliRunner().invoke(main, list(map(str, arguments)))
        assert done.exit_code == 1
        assert done.stderr.startswith(f"error: {said}")
    whole = ["tag", rows, "--text-column", "text", "-o", tmp_path / "out.csv", "-m", model_path]
    assert CliRunner().invoke(main, list(map(str, whole))).exit_code == 0  # by whole paths all goes on


def test_no_temporary_folder_and_no_home(command: Command, rows: Path, tmp_path: Path) -> None:
    none = {"env": {"TMPDIR": "/nonexistent", "HOME": "/nonexistent", "G7CLASSIFY_MODELS": "", "G7CLASSIFY_CACHE": ""}}
    done = command("tag", rows, "-f", "csv", "-o", tmp_path / "out.csv", **none)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "out.csv").stat().st_size > 1000


def test_models_that_lie_in_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("G7CLASSIFY_MODELS", str(tmp_path / "file"))
    with pytest.raises(
        g7classify.G7ClassifyError, match=r"cannot read the manifest .*file/manifest\.json: Not a directory"
    ):
        g7classify.load("unknown")
    assert g7classify.load("g7-mini").tag("La police.").sentences  # what is shipped lies elsewhere
