"""`g7classify audit` and `g7classify suggest`."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from g7classify import Tagger, atomic, inputs, report
from g7classify.cli import outputs
from g7classify.cli.cleaning import tell_slips
from g7classify.cli.parameters import (
    AUTO,
    codebook,
    codebook_option,
    label_layout_options,
    layout_options,
    other_layout_option,
    path_argument,
    share,
)
from g7classify.cli.progress import shown
from g7classify.errors import OptionError
from g7classify.sentences import split

if TYPE_CHECKING:
    from g7classify.learn.advice.suggesting import Suggestion


TABLES = (".csv", ".tsv", ".json", ".parquet")


@click.command()
@click.argument("data", nargs=-1, required=True, type=path_argument)
@click.option("--other", multiple=True, type=path_argument, help="Labelled rows that should share nothing with DATA.")
@click.option("-o", "--output", type=path_argument, help="Write the rows to correct to this CSV file.")
@click.option("--corrections", type=path_argument, help="A corrected file of --output: audit the rows as it has them.")
@click.option("--rows", type=path_argument, help="Write all rows, corrected, to this JSONL file.")
@click.option("--recipe", type=path_argument, help="Of the model that judges, TOML.")
@codebook_option
@layout_options
@other_layout_option("other", "--other")
@click.option(
    "--doubtful",
    type=share,
    default=0.02,
    show_default=True,
    help="How probable a label that is called an error may be at most.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Threads.  [default: one a core]")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with everything that was found.")
def audit(
    data: tuple[Path, ...],
    *,
    other: tuple[Path, ...],
    output: Path | None,
    corrections: Path | None,
    rows: Path | None,
    recipe: Path | None,
    codebook_path: Path | None,
    other_layout: dict[str, Any] | None,
    doubtful: float,
    jobs: int | None,
    as_json: bool,
    **layout: Any,
) -> None:
    """Look for what may be wrong with labelled rows.

    Likely label errors, repeated texts, texts that are in the other data too, labels of too few rows, and labels that
    a model takes for each other.

    \b
    g7classify audit train.jsonl --other test.jsonl -o fix.csv

    Correct the file in a spreadsheet: change the cells of `labels`, or write `no` into `keep` to leave a row out. Then

    \b
    g7classify audit train.jsonl --corrections fix.csv --rows corrected.jsonl
    """
    from g7classify.learn import audit as look
    from g7classify.learn.advice import audit_report, sheet
    from g7classify.learn.dataset import Dataset
    from g7classify.learn.recipe import Recipe

    read = [*data, *other, *([] if corrections is None else [corrections])]
    outputs.check(output, read)
    outputs.check(rows, read, option="--rows")
    dataset = Dataset.read(data, codebook=codebook(codebook_path), **layout)
    if corrections is not None:
        dataset = sheet.corrected(dataset, corrections)
    if codebook_path == AUTO:
        tell_slips(dataset)
    if rows is not None:
        sheet.write_rows(dataset, rows)
    with shown() as progress:
        found = look(
            dataset,
            recipe=None if recipe is None else Recipe.read(recipe),
            other=Dataset.read(other, codebook=dataset.codebook, **(other_layout or layout)) if other else None,
            doubtful=doubtful,
            n_jobs=jobs,
            progress=progress,
        )
    if as_json:
        click.echo(found.to_json())
    else:
        audit_report.write(found, sys.stdout)
    if output is not None:
        click.echo(f"wrote {output}, {sheet.write(found, dataset, output)} rows to look at", err=True)


@click.command()
@click.argument("model")
@click.argument("texts", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("-n", "--number", type=click.IntRange(min=1), default=100, show_default=True, help="How many.")
@click.option("--labelled", multiple=True, type=path_argument, help="Rows that the model has learned from.")
@click.option("--quota", "quotas", multiple=True, help="LABEL=COUNT: so many for this label; again for another one.")
@click.option("-o", "--output", type=path_argument, help="Write to this file, .jsonl or .csv.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON list, with the reasons in full.")
@click.option(
    "--text-field",
    help="The field of a JSONL row that holds the text, in TEXTS and --labelled.  [default: text, or told from a file]",
)
@label_layout_options
@other_layout_option("labelled", "--labelled")
def suggest(
    model: str,
    texts: tuple[str, ...],
    *,
    number: int,
    labelled: tuple[Path, ...],
    quotas: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    text_field: str | None,
    labelled_layout: dict[str, Any] | None,
    **layout: Any,
) -> None:
    """Tell which unlabelled sentences to label next, the most telling first.

    MODEL is the name of a model, shipped or added, or a .safetensors file; TEXTS are documents (.txt, .md, .html, .pdf,
    .docx), which are split into sentences, line by line, or .jsonl with a field that holds a sentence; - is standard
    input.

    \b
    g7classify suggest my.safetensors new.txt -n 100 --labelled train.jsonl -o next.jsonl

    Rows are ready to be labelled: fill in `labels`. Format, label field, separator and encoding are of --labelled.
    """
    from g7classify.learn.advice.suggesting import suggest as choose
    from g7classify.learn.dataset import Dataset

    outputs.check(output, [*map(Path, texts), *labelled])
    if output is not None and output.suffix not in (".jsonl", ".csv"):
        raise OptionError(f"--output {output}: expected a name that ends in .jsonl or .csv")
    tagger = Tagger.load(model)
    named = list(_sentences(texts, text_field=text_field or "text"))
    laid_out = labelled_layout or {"text": text_field, **layout}
    rows = Dataset.read(labelled, codebook=tagger.codebook, **laid_out) if labelled else None
    sentences = [text for _, text in named]
    found = choose(tagger, sentences, number, labelled=rows, quotas=dict(map(_quota, quotas)))
    names = [named[one.row][0] for one in found]
    if as_json:
        content = [{"id": name, **one.to_dict()} for name, one in zip(names, found, strict=True)]
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
    if output is not None:
        write = _csv if output.suffix == ".csv" else _jsonl
        atomic.write_bytes(output, write(names, found))
        click.echo(f"wrote {output}, {len(found)} sentences to label", err=True)
    elif not as_json:
        click.echo(_jsonl(names, found).decode(), nl=False)


def _sentences(paths: tuple[str, ...], *, text_field: str) -> list[tuple[str, str]]:
    found = []
    for path in paths:
        if Path(path).suffix.lower() in TABLES:
            raise OptionError(f"{path}: its lines are no sentences; give its texts as .jsonl, or one a line")
        whole = Path(path).suffix.lower() != ".jsonl"
        for text in inputs.texts([path], text_field=text_field):
            if not whole:
                found.append((str(text.source), text.text))
                continue
            for number, line in enumerate(text.text.split("\n"), 1):
                spans = split(line)
                for place, (start, end) in enumerate(spans, 1):
                    name = f"{text.source}:{number}"
                    found.append((f"{name}:{place}" if len(spans) > 1 else name, line[start:end]))
    return found


def _quota(given: str) -> tuple[str, int]:
    label, equals, count = given.rpartition("=")
    if not equals or not (count.isascii() and count.isdigit() and len(count) < 10):
        raise OptionError(f"--quota {given}: expected LABEL=COUNT, as in threat.terrorism=10")
    return label, int(count)


def _why(one: Suggestion) -> str:
    quota = [] if one.quota is None else [f"quota of {one.quota}"]
    return "; ".join([*quota, *(f"{doubt.label} {doubt.probability:.2f}" for doubt in one.doubts)])


def _jsonl(names: list[str], found: list[Suggestion]) -> bytes:
    rows = (
        {"id": name, "text": one.text, "labels": [], "why": _why(one)} for name, one in zip(names, found, strict=True)
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _csv(names: list[str], found: list[Suggestion]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(("id", "text", "labels", "why"))
    for name, one in zip(names, found, strict=True):
        writer.writerow([report.no_formula(cell) for cell in (name, one.text, "", _why(one))])
    return stream.getvalue().encode("utf-8-sig")
