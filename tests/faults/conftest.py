"""Faults are injected for real: file systems are mounted, processes killed, streams closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from writers import Write, made

from g7classify import Tagger

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


@pytest.fixture(scope="session")
def writers(tagger: Tagger, rows: Path) -> dict[str, Write]:
    """Whatever writes a file, see writers.py."""
    return made(tagger, rows)
