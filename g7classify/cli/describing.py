"""`g7classify codebook` and `g7classify schema`: what labels and results are, for other programs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from g7classify import CODEBOOK, Codebook, Tagger, atomic, vocabulary
from g7classify.cli import outputs
from g7classify.cli.parameters import Option, path_argument
from g7classify.errors import OptionError

FORMAT_OF_SUFFIX = {".md": "md", ".toml": "toml", ".json": "json", ".ttl": "skos"}
output_option: Option = click.option(
    "-o", "--output", type=path_argument, help="Write to this file, whole or not at all."
)


@click.command()
@click.argument("file", type=path_argument, required=False)
@click.option("-m", "--model", help="Instead of a FILE: the codebook of a model, by its name or path.")
@click.option(
    "-f",
    "--format",
    "output_format",
    type=click.Choice(list(vocabulary.FORMATS)),
    help="skos is Turtle.  [default: by the suffix of --output, .ttl for skos; else md]",
)
@click.option(
    "--base", metavar="IRI", help="What the IRIs of skos start with.  [default: urn:g7classify:NAME:VERSION:]"
)
@output_option
def codebook(
    file: Path | None, *, model: str | None, output_format: str | None, base: str | None, output: Path | None
) -> None:
    """Print a codebook: what each label means, and its place in EuroVoc and the ICCS.

    Without a FILE (TOML or JSON) or --model it is the shipped one. As TOML or JSON it can be changed and be given to
    --codebook of `validate` and `train`.

    \b
    g7classify codebook
    g7classify codebook --format toml --output own.toml
    g7classify codebook own.toml --format skos --base https://example.org/codebook/
    """
    if file is not None and model is not None:
        raise OptionError(f"{file}, --model {model}: two codebooks; give one of them")
    outputs.check(output, [] if file is None else [file])
    chosen = output_format or outputs.format_of(output, FORMAT_OF_SUFFIX, other="md")
    if base is not None and chosen != "skos":
        raise OptionError(f"--base {base}: of skos, and {chosen} has no IRIs; add --format skos")
    found = CODEBOOK if file is None else Codebook.read(file)
    if model is not None:
        found = Tagger.load(model).codebook
    write(vocabulary.skos(found, base=base) if chosen == "skos" else vocabulary.FORMATS[chosen](found), output)


@click.command()
@output_option
def schema(*, output: Path | None) -> None:
    """Print the JSON Schema (draft 2020-12) of a document, as Document.to_json writes it.

    For programs in other languages, which can check what they are given and make types from it.
    """
    from g7classify.schema import document_schema

    outputs.check(output, [])
    write(json.dumps(document_schema(), indent=1) + "\n", output)


def write(text: str, output: Path | None) -> None:
    """To a file, or to standard output."""
    if output is None:
        click.echo(text, nl=False)
    else:
        atomic.write_bytes(output, text.encode())
