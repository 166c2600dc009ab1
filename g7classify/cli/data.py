"""`g7classify validate`."""

from __future__ import annotations

from pathlib import Path

import click

from g7classify.cli.ends import fail
from g7classify.cli.parameters import codebook, codebook_option, path_argument


@click.command()
@click.argument("data", nargs=-1, required=True, type=path_argument)
@codebook_option
def validate(data: tuple[Path, ...], *, codebook_path: Path | None) -> None:
    """Check labelled rows.

    Names every line of the JSONL files (or folders) in DATA that cannot be used.
    """
    from g7classify.learn import dataset

    problems = dataset.problems(data, codebook=codebook(codebook_path))
    for problem in problems:
        click.echo(problem)
    if problems:
        fail(click.get_current_context(), f"{len(problems)} problem{'s' * (len(problems) > 1)}", 1)
    click.echo("no problem")
