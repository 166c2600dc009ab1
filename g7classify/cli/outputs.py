"""Files that commands write: refused at once where they could not be written or would lose an input."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from g7classify.errors import OptionError, UnreadableFileError


def check(output: Path | None, read: Iterable[Path], *, option: str = "--output") -> None:
    """Refuse a file that lies in no folder, or that is one of those to read; None is none.

    Raises:
        UnreadableFileError: its folder does not exist.
        OptionError: it is also an input.
    """
    if output is None:
        return
    if not output.absolute().parent.is_dir():
        raise UnreadableFileError(f"cannot write {output}: there is no folder {output.parent}; make it first")
    if output.exists() and any(path.exists() and output.samefile(path) for path in read):
        raise OptionError(f"{option} {output}: it is also an input, and would be lost; write to another file")
