"""Files that commands write: refused at once where they could not be written or would lose an input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from g7classify import paths
from g7classify.errors import OptionError

MODELS: Final = ("model", "first", "second", "escalate")
"""Parameters that take the name of a model or its file."""


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
    """Refuse a file that lies in no folder, or that the command was given for something else too; None is none.

    Args:
        read: files that it reads beside those that it names, as those of a folder.
        option: what names `output`.

    Raises:
        UnreadableFileError: its folder does not exist.
        OptionError: it is also an input, or another output.
    """
    if output is None:
        return
    paths.check_folder(output)
    if output.exists() and not output.is_file():  # what is written to a device is not lost
        return
    if any(paths.same(output, path) for path in read):
        raise OptionError(f"{option} {output}: it is also an input, and would be lost; write to another file")
    for other, path in _others(option):
        if paths.same(output, path):
            raise OptionError(f"{option} {output}: {other} names it too, and one would be lost; write to another file")


def _others(option: str) -> Iterator[tuple[str, Path]]:
    """What else the command was given that names files, and the files."""
    context = click.get_current_context()
    for parameter in context.command.params:
        if option in parameter.opts or not (isinstance(parameter.type, click.Path) or parameter.name in MODELS):
            continue
        given = context.params.get(parameter.name or "")
        for one in given if isinstance(given, tuple) else (given,):
            if isinstance(one, (str, Path)):
                yield (
                    parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.human_readable_name,
                    Path(one),
                )
