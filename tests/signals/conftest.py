from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from signalled import PROMPTLY, alone

STRIKE = Path(__file__).with_name("strike.py")


@dataclass(frozen=True)
class Ended:
    status: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


def as_from_a_terminal() -> None:
    """Heed what a process in the background, or under nohup, inherits as ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def run() -> Run:
    """Runs strike.py; whatever happens, no traceback is told and no process is left."""

    def run(what: str, *arguments: object, at: int = 1, when: str = "before", by: str = "SIGINT") -> Ended:
        command = [sys.executable, str(STRIKE), what, str(at), when, by, *map(str, arguments)]
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=environment,
            preexec_fn=as_from_a_terminal,
        )
        try:
            stdout, stderr = process.communicate(timeout=PROMPTLY)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        assert alone(process.pid)
        return Ended(process.returncode, stdout.decode(), stderr.decode())

    return run


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Moments by chance, the same for the same test."""
    return random.Random(request.node.name)
