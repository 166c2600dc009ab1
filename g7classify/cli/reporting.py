"""`g7classify report`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
from click.core import ParameterSource

from g7classify import atomic, inputs
from g7classify.cli import outputs, tagging
from g7classify.cli.parameters import path_argument
from g7classify.decision import OperatingPoint
from g7classify.pages.interface import INTERFACES

LONG_SENTENCES = 2_000  # of which explaining takes 2 seconds
AS_TAG = (
    "files",
    "labels",
    "min_probability",
    "model",
    "operating_point",
    "language",
    "escalate",
    "budget",
    "uncertainty",
    "input_format",
    "encoding",
)


@click.command(params=[parameter for parameter in tagging.tag.params if parameter.name in AS_TAG])
@click.option(
    "--text-column",
    "--text-field",
    "text_field",
    default="text",
    show_default=True,
    help="The column or field of a table that holds the text.",
)
@click.option(
    "-o",
    "--output",
    type=path_argument,
    default=Path("report.html"),
    show_default=True,
    help="Write to this file, whole or not at all; - is standard output.",
)
@click.option(
    "--interface",
    type=click.Choice(INTERFACES),
    help="In which language the page speaks.  [default: that of the first text, else en]",
)
def report(
    files: tuple[str, ...],
    *,
    output: Path,
    labels: str | None,
    min_probability: float,
    model: str | None,
    operating_point: OperatingPoint,
    language: str | None,
    escalate: str | None,
    budget: float | None,
    uncertainty: float | None,
    input_format: str | None,
    encoding: str,
    text_field: str,
    interface: str | None,
) -> None:
    """Tag files into one page to read, filter and send on.

    FILES are what `tag` takes. The page is one file that loads nothing: sentences and their tags, the words behind each
    tag, what to look at because the model was unsure, which labels stand together, a table to sort and save, and the
    files that could not be read.

    \b
    g7classify report report.pdf
    g7classify report reports -o reports.html

    It needs jinja2: pip install 'g7classify[html]'.
    """
    from g7classify import page
    from g7classify.pages import documents as pages

    start = time.monotonic()
    if click.get_current_context().get_parameter_source("text_field") is not ParameterSource.DEFAULT:
        tagging.check_columns(files, text_field, input_format=input_format)
    written = None if output == Path("-") else output
    paths = inputs.found(files, but=written)
    outputs.check(written, map(Path, paths))
    page.environment()  # refused before anything is read
    tagger = tagging.loaded(
        model, operating_point=operating_point, escalate=escalate, budget=budget, uncertainty=uncertainty
    )
    wanted = None if labels is None else tagging.with_subtypes(labels, tagger.codebook)
    size, terminal = inputs.size_bytes(paths), sys.stderr.isatty()
    failures: list[inputs.Failure] = []
    with tagging.progress(size, "tagging", shown=terminal and size >= tagging.LONG_INPUT_BYTES) as advance:
        texts = inputs.texts(
            paths,
            input_format=input_format,
            text_field=text_field,
            encoding=encoding,
            advance=advance,
            failed=failures.append,
        )
        kept = [
            (str(document.source), document.keep(wanted, min_probability=min_probability))
            for document in tagger.tag_many(tagging.told_if_empty(texts), language=language)
        ]
    if failures and not kept:
        raise tagging.summary(failures, of=len(paths))
    count = sum(len(document.sentences) for _, document in kept)
    with tagging.progress(count, "explaining", shown=terminal and count >= LONG_SENTENCES) as advance:
        made = pages.render(
            kept,
            tagger=tagger,
            interface=interface,
            unread=[(file, str(error)) for file, error in failures],
            progress=lambda _done, _all: advance(1),
        ).encode()
    if written is None:
        click.echo(made, nl=False)
    else:
        atomic.write_bytes(written, made)
        seconds = time.monotonic() - start
        click.echo(f"wrote {written}: {count:,} sentences, {len(made):,} bytes, {seconds:.1f} s", err=True)
    if failures:
        raise tagging.summary(failures, of=len(paths))
