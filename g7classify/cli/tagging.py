"""`g7classify tag` and `g7classify explain`."""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from g7classify import Codebook, Tagger, atomic, encodings, inputs, report
from g7classify.cli import outputs, streaming
from g7classify.cli.parameters import operating_point_option, path_argument, share
from g7classify.decision import OperatingPoint
from g7classify.documents import Text, read
from g7classify.errors import DataError, G7ClassifyError, OptionError
from g7classify.languages import LANGUAGES
from g7classify.results import Document

LONG_INPUT_BYTES = 1_000_000
CODES = [language.code for language in LANGUAGES]
FORMAT_OF_SUFFIX = {".jsonl": "jsonl", ".csv": "csv", ".md": "md"}


def _language(_context: click.Context, _parameter: click.Parameter, code: str | None) -> str | None:
    """A language that has rules. Raises OptionError."""
    if code is not None and code not in CODES:
        raise OptionError(
            f"--language {code}: expected one of {', '.join(sorted(CODES))}; leave it out to have it guessed"
        )
    return code


def _encoding(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    """An encoding that Python knows. Raises OptionError."""
    return encodings.checked(name)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option(
    "-f",
    "--format",
    "output_format",
    type=click.Choice(["table", "jsonl", "csv", "md"]),
    help="Default: by the suffix of --output, else table.",
)
@click.option(
    "-o", "--output", type=path_argument, help="Write to this file, whole or not at all; - is standard output."
)
@click.option(
    "--labels",
    help="Tell only of these labels, joined by commas; a category includes its sub-types. "
    "Sentences without any of them are left out.",
)
@click.option("--min-probability", type=share, default=0.0, help="Leave out tags below it.")
@click.option("-m", "--model", help="NAME or NAME@VERSION of a model, shipped or added, or a .safetensors file.")
@operating_point_option
@click.option(
    "--language",
    callback=_language,
    help=f"Whose rules split the text: {', '.join(sorted(CODES))}.  [default: guessed]",
)
@click.option("--probabilities", is_flag=True, help="Tell the probabilities of all labels, in jsonl and csv.")
@click.option("--escalate", help="A deep model that reads again what the model is unsure of, e.g. g7-deep.")
@click.option("--budget", type=float, help="Share of the sentences that may be escalated, 0 to 1.  [default: 0.1]")
@click.option(
    "--uncertainty",
    type=float,
    help="Instead: escalate all that are less certain than this share of natural sentences, 0 to 1.",
)
@click.option("--input-format", type=click.Choice(inputs.FORMATS), help="Default: by suffix, else txt.")
@click.option(
    "--text-field",
    default="text",
    show_default=True,
    help="The column or field that holds the text, of tables among other files or read from standard input. One table "
    "into another is faster with --text-column.",
)
@click.option(
    "--encoding",
    default="utf-8",
    show_default=True,
    callback=_encoding,
    help="Of .txt, .md, .csv, .tsv and .jsonl, e.g. cp1252; other files tell theirs.",
)
@streaming.table_options
def tag(
    files: tuple[str, ...],
    *,
    output_format: str | None,
    output: Path | None,
    labels: str | None,
    min_probability: float,
    model: str | None,
    operating_point: OperatingPoint,
    language: str | None,
    probabilities: bool,
    escalate: str | None,
    budget: float | None,
    uncertainty: float | None,
    input_format: str | None,
    text_field: str,
    encoding: str,
    table: streaming.TableOptions,
) -> None:
    """Tag every sentence of files.

    FILES are documents (.txt, .md, .html, .pdf, .docx), tables (.csv, .tsv, .jsonl, .parquet), folders of them, or
    patterns in quotes; - is standard input.

    \b
    g7classify tag report.pdf
    g7classify tag reports --labels threat --format csv --output threats.csv
    cat rows.jsonl | g7classify tag - --input-format jsonl --text-field body --format jsonl
    g7classify tag rows.parquet --text-column body --keep id --output tagged.parquet

    A file that cannot be read stops no other: what failed is told at the end, with exit status 1.

    A table in a file of its own (or a folder of Parquet) with --text-column and --output is tagged as a stream, however
    long it is, into a table (.parquet, .csv or .jsonl).

    Text files are UTF-8, if --encoding does not say otherwise. Offsets count characters, half-open, of the text that
    was read: without a byte order mark and, but for plain text, without markup. In CSV, a text that a spreadsheet would
    run as a formula (one that starts with = + - or @) gets an apostrophe before it.
    """
    if output == Path("-"):
        output = None
    paths = inputs.found(files, but=output)
    outputs.check(output, map(Path, paths))
    tagger = loaded(model, operating_point=operating_point, escalate=escalate, budget=budget, uncertainty=uncertainty)
    if table.text_column is not None:
        check_columns(files, table.text_column, input_format=input_format)
    if table.streams(files, output):
        given = {"--labels": labels, "--min-probability": min_probability, "--probabilities": probabilities}
        given |= {"--format": output_format, "--input-format": input_format}
        streaming.tag(tagger, files[0], output, table, language=language, encoding=encoding, refused=given)
        return
    wanted = None if labels is None else with_subtypes(labels, tagger.codebook)
    told = [name for name in tagger.labels if wanted is None or name in wanted] if probabilities else []
    writers: dict[str, Callable[[report.NamedDocuments, TextIO], None]] = {
        "table": report.write_table,
        "jsonl": report.write_jsonl,
        "csv": functools.partial(report.write_csv, labels=told),
        "md": report.write_markdown,
    }
    write = writers[output_format or outputs.format_of(output, FORMAT_OF_SUFFIX, other="table")]
    size = inputs.size_bytes(paths)
    shown = size >= LONG_INPUT_BYTES and sys.stderr.isatty() and (output is not None or not sys.stdout.isatty())
    failures: list[inputs.Failure] = []
    with progress(size, "tagging", shown=shown) as advance, _written(output) as stream:
        texts = inputs.texts(
            paths,
            input_format=input_format,
            text_field=table.text_column or text_field,
            encoding=encoding,
            advance=advance,
            failed=failures.append,
        )
        documents = tagger.tag_many(told_if_empty(texts), language=language, probabilities=probabilities)
        kept = (document.keep(wanted, min_probability=min_probability) for document in documents)
        write(_named(kept, failures), stream)
    if failures:
        raise summary(failures, of=len(paths))


def check_columns(files: tuple[str, ...], text_column: str, *, input_format: str | None) -> None:
    """Refuse a column of standard input that would be read as text, its commas and heads too.

    Raises:
        OptionError: standard input is among the files, and is no JSONL.
    """
    if "-" in files and input_format != "jsonl":
        raise OptionError(
            f"--text-column {text_column}: standard input has columns only with --input-format jsonl; give the table "
            "as a file"
        )


def loaded(
    model: str | None,
    *,
    operating_point: OperatingPoint,
    escalate: str | None,
    budget: float | None,
    uncertainty: float | None,
) -> Tagger:
    """Tagger.load, with errors that name the options of the command line."""
    for option, given in (("--budget", budget), ("--uncertainty", uncertainty)):
        if given is not None and escalate is None:
            raise OptionError(f"{option} {given:g}: of what is escalated, and nothing is; add --escalate g7-deep")
    return Tagger.load(
        model, operating_point=operating_point, escalate=escalate, budget=budget, uncertainty=uncertainty
    )


def _named(documents: Iterable[Document], failures: list[inputs.Failure]) -> Iterator[tuple[str, Document]]:
    """Documents and their names; fails where there is none because no file could be read: nothing is to be written."""
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007
        yield str(document.source), document
    if failures and not count:
        raise summary(failures, of=len(failures))


def told_if_empty(texts: Iterable[Text]) -> Iterator[Text]:
    """The same texts; of a file or pages without any, standard error is told: its lack might be overlooked."""
    for text in texts:
        name = report.printable(text.source.file)
        if text.source.row is None and not text.text.strip():
            click.echo(f"note: {name}: there is no text in it, so nothing is tagged", err=True)
        elif empty := text.empty_pages:
            which, more = ", ".join(map(str, empty[:20])), ", ..." if len(empty) > 20 else ""
            click.echo(
                f"note: {name}: no text on {len(empty)} of {len(text.source.pages)} pages ({which}{more}): blank, "
                "scanned or drawn; ocrmypdf recognises what is scanned",
                err=True,
            )
        yield text


def summary(failures: list[inputs.Failure], *, of: int) -> G7ClassifyError:
    """One error that tells which of so many files cannot be read, and why."""
    if of == 1:
        return failures[0][1]
    left = "; the others are tagged" if len(failures) < of else ""
    lines = [f"{len(failures)} of {of} files cannot be read to the end{left}", *(str(error) for _, error in failures)]
    return DataError("\n  ".join(lines))


def with_subtypes(labels: str, codebook: Codebook) -> set[str]:
    """Labels, joined by commas, and their sub-types. Raises UnknownLabelError."""
    names = [label.strip() for label in labels.split(",")]
    return {*names}.union(*(codebook.children(name) for name in names))


@contextmanager
def progress(total: int, doing: str, *, shown: bool) -> Iterator[Callable[[int], object]]:
    """What a long job calls with how much more of its total is done; a bar on standard error if it is to be shown."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    with atomic.replacing(path) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            yield stream
        finally:
            stream.detach()


@click.command()
@click.argument("sentence", default="-")
@click.option("--label", "labels", multiple=True, help="Explain this label, tagged or not; again for another one.")
@click.option("-m", "--model", help="NAME or NAME@VERSION of a model, shipped or added, or a .safetensors file.")
@operating_point_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all words and their offsets.")
def explain(
    sentence: str, *, labels: tuple[str, ...], model: str | None, operating_point: OperatingPoint, as_json: bool
) -> None:
    """Tell which words of a sentence speak for its tags and against them.

    SENTENCE is taken whole, without splitting it; without it, standard input is read.

    \b
    g7classify explain "The minister announced sanctions."
    g7classify explain "No police came." --label actor.agency --label threat

    What words add up to is the logit, log(p / (1 - p)), of the label's probability p.
    """
    if sentence == "-":
        sentence = read("-", input_format="txt").text.strip()
    explanation = Tagger.load(model, operating_point=operating_point).explain(sentence, labels=labels or None)
    if as_json:
        click.echo(explanation.to_json())
    else:
        report.write_explanation(explanation, sys.stdout)
