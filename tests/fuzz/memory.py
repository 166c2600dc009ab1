"""Files that take no disk, for what reads paths: one folder in memory where the system has such, one a process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

SHARED = Path("/dev/shm")


@cache
def folder() -> Path:
    """The folder: that of FUZZ_FOLDER, or one that is removed when the process ends, as a fuzzer's does not."""
    if given := os.environ.get("FUZZ_FOLDER"):
        return Path(given)
    made = Path(tempfile.mkdtemp(prefix="g7classify-fuzz-", dir=SHARED if SHARED.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def file(name: str, content: bytes) -> Path:
    """A file of this content; an earlier one of this name is replaced."""
    path = folder() / name
    path.write_bytes(content)
    return path
