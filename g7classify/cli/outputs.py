"""Files that commands write: refused at once where they could not be written or would lose an input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from g7classify.errors import OptionError, UnreadableFileError


def format_of(output: Path | None, known: Mapping[str, str], *, other: str) -> str:
    """What the suffix of an output stands for; `other` where there is no output, no suffix, or .txt.

    Raises:
        OptionError: another suffix: a program that goes by it would find something else in the file.
    """
    suffix = "" if output is None else output.suffix.lower()
    if suffix in ("", ".txt"):
        return other
    if suffix not in known:
        raise OptionError(f"--output {output}: expected a name that ends in {', '.join(known)}; or give --format")
    return known[suffix]


def check(output: Path | None, read: Iterable[Path], *, option: str = "--output") -> None:
    """Refuse a file that lies in no folder, or that is one of those to read; None is none.

    Raises:
        UnreadableFileError: its folder does not exist.
        OptionError: it is also an input.
    """
    if output is None:
        return
    if not output.parent.is_dir():
        raise UnreadableFileError(f"cannot write {output}: there is no folder {output.parent}; make it first")
    if output.exists() and any(path.exists() and output.samefile(path) for path in read):
        raise OptionError(f"{option} {output}: it is also an input, and would be lost; write to another file")
