"""How a page that is sent on names files: by no more of their paths than tells them apart."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def short(files: Iterable[str]) -> dict[str, str]:
    """Of each file its path below the folder that holds them all; "-", standard input, and "" stay what they are."""
    paths = {file: _path(file) for file in files if file not in {"", "-"}}
    if any(path.is_absolute() for path in paths.values()):
        paths = {file: path.absolute() for file, path in paths.items()}
    try:
        folder = os.path.commonpath([path.parent for path in paths.values()])
    except ValueError:  # no file, or files of several drives
        return {file: str(path) for file, path in paths.items()} | {"": "", "-": "-"}
    return {file: str(path.relative_to(folder)) for file, path in paths.items()} | {"": "", "-": "-"}


def _path(file: str) -> Path:
    """Two slashes at the beginning are one: pathlib keeps them, as POSIX leaves to the system what they mean."""
    return Path(file[1:]) if Path(file).anchor == "//" else Path(file)
