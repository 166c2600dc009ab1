"""`g7classify evaluate` and `g7classify compare`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from g7classify import Codebook, Tagger
from g7classify.cli import outputs
from g7classify.cli.parameters import AUTO, Option, layout_options, operating_point_option, path_argument
from g7classify.decision import OperatingPoint
from g7classify.errors import DataError

if TYPE_CHECKING:
    from g7classify.learn.dataset import Dataset

rounds_option: Option = click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Bootstrap resamplings behind the intervals, in which whole groups of rows are drawn.",
)
rows_codebook_option: Option = click.option(
    "--codebook",
    "codebook_path",
    type=path_argument,
    help="Of DATA, TOML or JSON: then the labels that it shares with the model are judged. Or `auto`: labels that the "
    "model lacks are left out.  [default: the model's, and other labels are errors]",
)
seed_option: Option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of chance."
)


@click.command()
@click.argument("model")
@click.argument("data", nargs=-1, required=True, type=path_argument)
@rows_codebook_option
@layout_options
@operating_point_option
@click.option(
    "--by",
    type=click.Choice(["language", "source", "sample", "group"]),
    default="language",
    show_default=True,
    help="The column of the rows by which they are told apart.",
)
@rounds_option
@seed_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that was measured.")
@click.option("--html", type=path_argument, help="Write a page with plots to this file too, whole or not at all.")
def evaluate(
    model: str,
    data: tuple[Path, ...],
    *,
    codebook_path: Path | None,
    operating_point: OperatingPoint,
    by: str,
    rounds: int,
    seed: int,
    as_json: bool,
    html: Path | None,
    **layout: Any,
) -> None:
    """Compare tags with labelled rows.

    MODEL is the name of a model, shipped or added, or a .safetensors file; DATA are files of labelled rows or folders
    of them.

    Tables, JSON and page tell the surest mistakes, with their sentences. What the page needs:
    pip install 'g7classify[html]'.
    """
    from g7classify import page
    from g7classify.learn.judging import figures, pages
    from g7classify.learn.judging.evaluating import evaluate as measure

    if html is not None:
        outputs.check(html, data, option="--html")
        page.environment()  # refused before anything is measured
    tagger = Tagger.load(model, operating_point=operating_point)
    dataset = read(data, tagger.codebook, codebook_path, layout)
    evaluation = measure(tagger, dataset, by=by, rounds=rounds, seed=seed)
    if html is not None:
        pages.write(evaluation, html)
        click.echo(f"wrote {html}", err=True)
    if as_json:
        click.echo(evaluation.model_dump_json(indent=2))
    else:
        figures.write(evaluation, sys.stdout)


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.argument("data", nargs=-1, required=True, type=path_argument)
@rows_codebook_option
@layout_options
@operating_point_option
@rounds_option
@seed_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that was measured.")
def compare(
    first: str,
    second: str,
    data: tuple[Path, ...],
    *,
    codebook_path: Path | None,
    operating_point: OperatingPoint,
    rounds: int,
    seed: int,
    as_json: bool,
    **layout: Any,
) -> None:
    """Tell whether model B tags labelled rows better than model A.

    A and B are names of models, shipped or added, or .safetensors files; DATA are files of labelled rows or folders of
    them.
    Models of two codebooks are compared on the labels that they share.

    p tells how often chance alone makes as great a difference (approximate randomisation; of labels with Holm's
    correction for their number). "A : B" are the decisions on which the models differ, by which of them is right.
    """
    from g7classify.learn.judging import comparison, figures, sharing

    one, other = (Tagger.load(name, operating_point=operating_point) for name in (first, second))
    dataset = read(data, sharing.joined(one.codebook, other.codebook), codebook_path, layout)
    found = comparison.compare(one, other, dataset, rounds=rounds, seed=seed)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        figures.write_comparison(found, sys.stdout)


def read(data: tuple[Path, ...], known: Codebook, path: Path | None, layout: dict[str, Any]) -> Dataset:
    """The rows to judge by, read with the codebook of a file, or that of the models: see `--codebook`."""
    from g7classify.learn.dataset import Dataset
    from g7classify.learn.judging import sharing

    if path != AUTO:
        return Dataset.read(data, codebook=known if path is None else Codebook.read(path), **layout)
    occurring = Dataset.read(data, codebook=None, **layout).codebook
    if occurring.names and not {*occurring.names} & {*known.names}:
        raise DataError(
            f"the labels of the rows, {', '.join(occurring.names[:5])}, are none of the model's: expected some of "
            f"{', '.join(known.names[:5])}, ..."
        )
    return Dataset.read(data, codebook=sharing.joined(known, occurring), **layout)
