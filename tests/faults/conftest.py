"""Faults are injected for real: file systems are mounted, processes killed, streams closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]
ROWS = 600


def texts(count: int) -> list[str]:
    return [f"La police arrive au numéro {i}. Le ministre parle de sanctions." for i in range(count)]


@pytest.fixture
def command(model_path: Path) -> Command:
    """Runs `g7classify` in a process of its own, by the hand-made model where a model is needed."""

    def run(*arguments: object, model: bool = True, **options: Any) -> subprocess.CompletedProcess[bytes]:
        given = [*map(os.fspath, arguments)]  # type: ignore[call-overload]  # bytes too
        if model and given[0] in ("tag", "report", "explain"):
            given += ["-m", str(model_path)]
        own = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        own["env"] = os.environ | options.get("env", {})
        return subprocess.run([sys.executable, "-m", "g7classify", *given], check=False, timeout=120, **own)

    return run


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts(ROWS)), encoding="utf-8")
    return path


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a tmpfs with such options, or goes on with it under other ones; skips where nobody may."""
    place = tmp_path / "mounted"
    place.mkdir()
    mounted = False

    def change(options: str) -> Path:
        nonlocal mounted
        how = f"remount,{options}" if mounted else options
        try:
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", how, "tmpfs", place], capture_output=True, check=False)
        except OSError:
            pytest.skip("no file system can be mounted here")
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
        mounted = True
        return place

    yield change
    if mounted:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def nobody() -> Callable[[Callable[[], object]], None]:
    """Runs a function in a process that has no rights of root; skips where there is none."""
    if not hasattr(os, "fork") or os.geteuid() != 0:
        pytest.skip("only root can run something as another user")

    def run(function: Callable[[], object]) -> None:
        child = os.fork()
        if not child:
            status = 1
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                function()
                status = 0
            except BaseException as error:
                print(repr(error), file=sys.stderr)
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    return run
