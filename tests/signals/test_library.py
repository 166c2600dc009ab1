"""Ctrl-C in the library, and in a terminal, where it comes to all processes of a command at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("signals", allow_module_level=True)

from signalled import PROMPTLY, alone

Run = Callable[..., Any]


@pytest.mark.parametrize("n_jobs", [1, 4])
def test_tag_many_raises_where_it_was_asked_and_can_be_called_again(run: Run, model_path: Path, n_jobs: int) -> None:
    code = f"""
import threading, time
from pathlib import Path
from g7classify import Tagger
tagger = Tagger.load(Path({str(model_path)!r}))
texts = ["La police arrive."] * 5000
found = 0
try:
    for document in tagger.tag_many(texts, n_jobs={n_jobs}):
        found += 1
except KeyboardInterrupt:
    print("raised", found < 5000)
while threading.active_count() > 1:  # one that was being started is not waited for
    time.sleep(.01)
print(len(list(tagger.tag_many(texts, n_jobs={n_jobs}))))
"""
    ended = run("g7classify.tagger:Tagger._documents", "-c", code, at=3)
    assert (ended.status, ended.stdout.split(), ended.stderr) == (0, ["raised", "True", "5000"], "")


@pytest.fixture
def parsing(model_path: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command in the middle of tagging pages, which it cannot end before its output is read."""
    for i in range(400):
        (tmp_path / f"{i}.html").write_text(f"<p>La police arrive {i} fois.</p>" * 20, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "g7classify", "tag", tmp_path, "-m", model_path, "-f", "jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"{"
        yield process


def test_ctrl_c_in_a_terminal_ends_what_parses_documents_too(parsing: subprocess.Popen[bytes]) -> None:
    os.killpg(parsing.pid, signal.SIGINT)
    _, told = parsing.communicate(timeout=PROMPTLY)
    assert (parsing.returncode, told) == (130, b"error: interrupted\n")
    assert alone(parsing.pid)


def test_a_command_that_is_killed_leaves_no_process(parsing: subprocess.Popen[bytes]) -> None:
    parsing.kill()
    parsing.communicate(timeout=PROMPTLY)
    assert parsing.returncode == -signal.SIGKILL
    assert alone(parsing.pid)
