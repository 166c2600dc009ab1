"""Paths that a caller gives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from g7classify.errors import InputTypeError


def checked(path: Any, *, name: str) -> Path:
    """A str or path as a Path; `name` is what messages call it. Raises InputTypeError if it is something else."""
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if isinstance(path, str):
        return Path(path)
    hint = "; os.fsdecode makes a path of bytes" if isinstance(path, bytes) else ""
    raise InputTypeError(f"{name}: expected the path of a file, a str or os.PathLike, got {type(path).__name__}{hint}")
