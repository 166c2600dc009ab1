"""`g7classify evaluate`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from g7classify import Tagger
from g7classify.cli.parameters import operating_point_option, path_argument
from g7classify.decision import OperatingPoint


@click.command()
@click.argument("model")
@click.argument("data", nargs=-1, required=True, type=path_argument)
@operating_point_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that was measured.")
def evaluate(model: str, data: tuple[Path, ...], *, operating_point: OperatingPoint, as_json: bool) -> None:
    """Compare tags with labelled rows.

    MODEL is the name of a shipped model or a .safetensors file, DATA are JSONL files or folders of them.
    """
    from g7classify.learn import figures
    from g7classify.learn.dataset import Dataset
    from g7classify.learn.evaluate import evaluate as measure

    tagger = Tagger.load(model, operating_point=operating_point)
    evaluation = measure(tagger, Dataset.read(data, codebook=tagger.codebook))
    if as_json:
        click.echo(evaluation.model_dump_json(indent=2))
    else:
        figures.write(evaluation, sys.stdout)
