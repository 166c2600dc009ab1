"""`g7classify validate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from g7classify.cli import outputs
from g7classify.cli.ends import fail
from g7classify.cli.parameters import codebook, codebook_option, layout_options, path_argument


@click.command()
@click.argument("data", nargs=-1, required=True, type=path_argument)
@codebook_option
@layout_options
@click.option("--clean", type=path_argument, help="Write the rows that can be used here, as JSONL.")
@click.option("--rejected", type=path_argument, help="Write the others and why here, as JSONL or (*.csv) as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Counts and problems as one JSON object.")
def validate(
    data: tuple[Path, ...],
    *,
    codebook_path: Path | None,
    clean: Path | None,
    rejected: Path | None,
    as_json: bool,
    **layout: Any,
) -> None:
    """Check labelled rows.

    Names every row of the files (or folders) in DATA that cannot be used, and what else looks wrong: the same text
    twice, other labels for the same text, another language than the row states; with `--codebook auto` labels that look
    like slips, or that too few rows hold. Every row that is read ends in one of
    the two files that --clean and --rejected name.
    """
    from g7classify.learn.data import problems

    read = [*data, *(file for folder in data if folder.is_dir() for file in folder.iterdir())]
    outputs.check(clean, read, option="--clean")
    outputs.check(rejected, read, option="--rejected")
    report = problems.validate(data, codebook=codebook(codebook_path), **layout)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        for problem in report.problems:
            click.echo(problem)
    if clean is not None:
        report.write_clean(clean)
    if rejected is not None:
        report.write_rejected(rejected)
    joined = f", {report.joined} joined to an earlier row" if report.joined else ""
    counts = f"{report.read} rows read: {len(report.rows)} clean, {len(report.rejected)} rejected{joined}"
    errors, warnings = len(report.errors), len(report.problems) - len(report.errors)
    click.echo(f"{counts}; {_several(errors, 'error')}, {_several(warnings, 'warning')}", err=True)
    if errors:
        fail(click.get_current_context(), _several(errors, "problem"), 1)
    if not report.problems and not as_json:
        click.echo("no problem")


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
