"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import click

from g7classify import CODEBOOK, Codebook
from g7classify.decision import OPERATING_POINTS

Command = TypeVar("Command", bound=Callable[..., Any])


class Option(Protocol):
    """Adds an option to a command."""

    def __call__(self, command: Command, /) -> Command:
        """The command, with the option."""


class _Share(click.FloatRange):
    """A number from 0 to 1: click's takes NaN too, which is above nothing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = float(super().convert(value, param, ctx))
        if isnan(found):
            self.fail(f"{value} is not in the range 0<=x<=1.", param, ctx)
        return found


share: Final = _Share(0, 1)
path_argument: Final = click.Path(path_type=Path)
operating_point_option: Option = click.option(
    "--operating-point",
    type=click.Choice(OPERATING_POINTS),
    default="balanced",
    show_default=True,
    help="Which thresholds: those that miss less (recall), that err less (precision), or that weigh both alike.",
)
codebook_option: Option = click.option(
    "--codebook",
    "codebook_path",
    type=path_argument,
    help="Your own codebook, TOML or JSON, or `auto`: the labels that occur.  [default: the shipped one]",
)
AUTO = Path("auto")


def codebook(path: Path | None) -> Codebook | None:
    """The codebook of a file, or else the shipped one; None for one that is to be made of the labels that occur."""
    if path == AUTO:
        return None
    return CODEBOOK if path is None else Codebook.read(path)


LAYOUT: Final = {"format": "format", "text-field": "text", "label-field": "labels", "separator": "separator",
                 "encoding": "encoding"}  # fmt: skip
"""What options and KEY=VALUE call the keywords of Dataset.read."""


def layout_options(command: Command) -> Command:
    """Options that say how labelled data lie in files: keywords of Dataset.read, format to encoding."""
    text = click.option("--text-field", "text", metavar="NAME", help="The column or field that holds the text.")
    return label_layout_options(text(command))


def label_layout_options(command: Command) -> Command:
    """The same but for the column of the text."""
    options = (
        click.option("--format", metavar="NAME", help="jsonl, json, csv, tsv, parquet, fasttext, label-studio, "
                     "argilla, prodigy, doccano or spacy.  [default: told from the file]"),
        click.option("--label-field", "labels", metavar="NAME", multiple=True, callback=_one_or_several,
                     help="The column or field that holds the labels; given again and again: one column a label."),
        click.option("--separator", metavar="TEXT", help="What parts the labels in a cell."),
        click.option("--encoding", metavar="NAME", default="utf-8", show_default=True, help="Of text files."),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def other_layout_option(name: str, files: str) -> Callable[[Command], Command]:
    """An option --NAME-layout for files that are laid out otherwise than the others of the command."""
    return click.option(
        f"--{name}-layout",
        multiple=True,
        metavar="KEY=VALUE",
        callback=_layout,
        help=f"How the files of {files} are laid out, if otherwise than the options above say, and then in whole: "
        f"{', '.join(LAYOUT)}; again for another one.",
    )


def _layout(_context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, Any] | None:
    """Keywords of Dataset.read; None where nothing is given."""
    found: dict[str, Any] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or key not in LAYOUT:
            raise click.BadParameter(f"{one}: expected KEY=VALUE with a KEY of {', '.join(LAYOUT)}", param=parameter)
        earlier = found.get(LAYOUT[key], ())
        found[LAYOUT[key]] = (*earlier, value) if key == "label-field" else value
    if labels := found.get("labels"):
        found["labels"] = labels if len(labels) > 1 else labels[0]
    return found or None


def _one_or_several(
    _context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]
) -> str | tuple[str, ...] | None:
    return names if len(names) > 1 else next(iter(names), None)
