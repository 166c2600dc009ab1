"""What `train` and `update` leave out of the rows that they learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from g7classify.cli.parameters import Command, Option
from g7classify.errors import OptionError

if TYPE_CHECKING:
    from g7classify.learn.data.cleaning import Way
    from g7classify.learn.dataset import Dataset

conflicts_option: Option = click.option(
    "--conflicts",
    type=click.Choice(["refuse", "keep", "drop"]),
    default="refuse",
    show_default=True,
    help="What to do where DATA has the same text with other labels: learn from all of it, or none of it.",
)
rarer_option: Option = click.option(
    "--min-rows",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="With `--codebook auto`: leave out labels that fewer rows of DATA hold.",
)


def cleaning_options(command: Command) -> Command:
    """Both options."""
    return conflicts_option(rarer_option(command))


def to_learn_from(dataset: Dataset, conflicts: Way, *, inferred: bool, min_rows: int) -> Dataset:
    """The rows without what is to be left out; tells slips among labels that were taken from the rows."""
    from g7classify.learn.data.cleaning import common, settled

    if min_rows > 1 and not inferred:
        raise OptionError("--min-rows is for the labels of `--codebook auto`; a codebook says itself which there are")
    if inferred:
        dataset = common(dataset, min_rows)
        tell_slips(dataset)
    return settled(dataset, conflicts)


def tell_slips(dataset: Dataset) -> None:
    """What may be wrong with labels that were taken from the rows, as warnings."""
    from g7classify.learn.data.inferred import slips

    counts = dict(zip(dataset.codebook.names, dataset.labels.sum(axis=0).tolist(), strict=True))
    for slip in slips(counts):
        click.echo(f"warning: {slip.message}", err=True)
