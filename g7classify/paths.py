"""Paths that a caller gives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from g7classify.errors import InputTypeError, UnreadableFileError


def checked(path: Any, *, name: str) -> Path:
    """A str or path as a Path; `name` is what messages call it. Raises InputTypeError if it is something else."""
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if isinstance(path, str):
        return Path(path)
    hint = "; os.fsdecode makes a path of bytes" if isinstance(path, bytes) else ""
    raise InputTypeError(f"{name}: expected the path of a file, a str or os.PathLike, got {type(path).__name__}{hint}")


def check_folder(output: Path) -> None:
    """Refuse a file to be written that lies in no folder. Raises UnreadableFileError."""
    if not output.parent.is_dir():
        raise UnreadableFileError(f"cannot write {output}: there is no folder {output.parent}; make it first")


def same(one: Path, other: Path) -> bool:
    """Whether two paths mean one file, be it one that does not exist yet."""
    if one.exists() and other.exists():
        return one.samefile(other)
    folders = one.parent, other.parent
    return one.name == other.name and all(map(Path.is_dir, folders)) and folders[0].samefile(folders[1])
