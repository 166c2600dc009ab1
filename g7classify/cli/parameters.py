"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

from g7classify import CODEBOOK, Codebook
from g7classify.decision import OPERATING_POINTS

path_argument = click.Path(path_type=Path)
operating_point_option = click.option(
    "--operating-point",
    type=click.Choice(OPERATING_POINTS),
    default="balanced",
    show_default=True,
    help="Which thresholds: those that miss less (recall), that err less (precision), or that weigh both alike.",
)
codebook_option = click.option(
    "--codebook",
    "codebook_path",
    type=path_argument,
    help="Your own codebook, TOML or JSON.  [default: the shipped one]",
)


def codebook(path: Path | None) -> Codebook:
    """The codebook of a file, or else the shipped one."""
    return CODEBOOK if path is None else Codebook.read(path)
