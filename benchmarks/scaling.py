"""How cost grows with sentences, their length, labels and training rows: `make scaling`.

Streams of sentences, and each training, run in processes of their own, so that their memory is seen. The compiled
kernel where there is one; one thread, and two for training. MB are 10**6 bytes.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

import g7classify
from benchmarks import records, samples
from benchmarks import scaling_parts as parts
from benchmarks.scaling_streams import CORPUS_SENTENCES
from benchmarks.turns import Tree, fresh
from g7classify import registry

PARTS = ("sentences", "length", "labels", "training")
STREAM = (sys.executable, "-m", "benchmarks.scaling_streams")
STREAMS = ("tag_many", "scores_utf8")
TRAIN = (sys.executable, "-m", "benchmarks.scaling_training")
ROWS = (500, 2_000, 8_000, 30_000, 100_000)
BITS = 16  # of the random models: with 1,000 labels 65 MB
TURNS = 5


def measure(part: str, model: str, most: int) -> dict[str, Tree]:
    """The curves of a part."""
    if part == "sentences":
        found = {name: json.loads(fresh([*STREAM, name, model, str(most)]).stdout) for name in STREAMS}
        return {
            f"{name}, sentences in a stream": parts.curve("sentences", points, cost="total_seconds")
            for name, points in found.items()
        }
    if part == "training":
        trained = {str(count): json.loads(fresh([*TRAIN, str(count)]).stdout) for count in ROWS}
        return {"learn.train, 38 labels, rows": parts.curve("rows", trained, cost="total_seconds")}
    sample = samples.read(CORPUS_SENTENCES)[samples.CORPUS]
    if part == "length":
        tagger = g7classify.load(model)
        return {"predict_proba, length": parts.length(tagger, sample, lengths=parts.LENGTHS, turns=TURNS)}
    return {"predict_proba, labels": parts.labels(sample, counts=parts.LABELS, bits=BITS, turns=TURNS)}


def show(curves: dict[str, Tree], console: Console) -> None:
    """Print a table a curve."""
    for name, curve in curves.items():
        table = Table(curve["grows_with"], title=f"{name}: exponent {curve['exponent']:.2f}")
        for key in next(iter(curve["points"].values())):
            table.add_column(key.replace("_", " "), justify="right")
        for at, point in curve["points"].items():
            table.add_row(f"{int(at):,}", *map(told, point.values()))
        console.print(table)


def told(value: Any) -> str:
    """A number or a spread in few characters."""
    return (
        f"{told(value['median'])} ({told(value['least'])}-{told(value['most'])})"
        if isinstance(value, dict)
        else (f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}")
    )


@click.command()
@click.option("--model", default=lambda: str(registry.find().id), help="A shipped model.")
@click.option("--part", "wanted", multiple=True, type=click.Choice(PARTS), help="Again for several.  [default: all]")
@click.option(
    "--most", default=1_000_000, show_default=True, type=click.IntRange(10_000), help="Sentences of the longest stream."
)
def main(model: str, wanted: tuple[str, ...], most: int) -> None:
    """Print how cost grows, and record it if all parts were measured."""
    curves: dict[str, Tree] = {}
    for part in wanted or PARTS:
        found = measure(part, model, most)
        show(found, Console(width=110))
        curves |= found
    if set(wanted or PARTS) < set(PARTS):
        click.echo("not recorded: only part of it was measured")
        return
    click.echo(f"written to {records.write('scaling', {'model': model, 'curves': curves})}")


if __name__ == "__main__":
    sys.exit(main())
