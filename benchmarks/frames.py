"""How fast columns of text are tagged in frames and in SQL, beside the Arrow path that all stand on: `make frames`.

Sentences are of the written corpus, each taken whole, repeated to as many rows as asked for. Each run is a process of
its own in which the paths take turns; the fastest of their calls counts. One thread, and DuckDB also with two. spaCy,
which also makes tokens of the text, gets fewer rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import metadata
from typing import Any

import click
import numpy as np

import g7classify
from benchmarks import records, samples
from benchmarks.samples import CORPUS
from benchmarks.turns import Tree, fresh, merge, seconds
from g7classify import arrow, frames, registry
from g7classify.learn.cards import markdown
from g7classify.tagger import Tagger

ARROW = "Arrow: arrow.tag"
SPACY_SHARE = 20  # one of so many rows
Path = tuple[Callable[[], object], int]


def paths(tagger: Tagger, rows: int) -> dict[str, Path]:
    """What is measured: a call, and how many rows it tags."""
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    sentences = samples.read(rows)[CORPUS].sentences
    texts = [sentences[i] for i in np.arange(rows) % len(sentences)]
    column = pa.array(texts)
    pandas, polars = pd.DataFrame({"text": texts}), pl.DataFrame({"text": texts})
    table = pa.table({"text": column})
    return {
        ARROW: (lambda: arrow.tag(tagger, column), rows),
        "pyarrow: frames.tag": (lambda: frames.tag(table, "text", tagger=tagger), rows),
        "polars: frames.tag": (lambda: frames.tag(polars, "text", tagger=tagger), rows),
        "polars, lazy, streamed: frames.tag": (
            lambda: frames.tag(polars.lazy(), "text", tagger=tagger).collect(engine="streaming"),
            rows,
        ),
        "pandas: frames.tag": (lambda: frames.tag(pandas, "text", tagger=tagger), rows),
        "pandas: frames.tag, a column a label": (
            lambda: frames.tag(pandas, "text", tagger=tagger, layout="tags"),
            rows,
        ),
        "Python: predict(list)": (lambda: tagger.predict(texts), rows),
        **sql(tagger, table),
        **spacy_paths(tagger, texts[::SPACY_SHARE]),
    }


def sql(tagger: Tagger, table: Any) -> dict[str, Path]:
    """Queries of a table of DuckDB's own."""
    import duckdb

    from g7classify.duckdb import register

    found: dict[str, Path] = {}
    for threads in (1, 2):
        connection = duckdb.connect(config={"threads": threads})
        connection.register("given", table)
        connection.execute("CREATE TABLE t AS SELECT text FROM given")
        register(connection, tagger=tagger)
        asked = {"g7_tags(text)": "SELECT g7_tags(text) FROM t"}
        if threads == 1:
            asked |= {"g7_has(text, 'threat')": "SELECT count(*) FROM t WHERE g7_has(text, 'threat')"}
        for name, query in asked.items():
            threaded = "" if threads == 1 else f", {threads} threads"
            found[f"DuckDB{threaded}: {name}"] = (query_of(connection, query), table.num_rows)
    return found


def query_of(connection: Any, query: str) -> Callable[[], object]:
    """Runs a query to its end; its result stays Arrow's."""
    return lambda: connection.sql(query).to_arrow_table()


def spacy_paths(tagger: Tagger, texts: list[str]) -> dict[str, Path]:
    """A blank pipeline, which makes tokens, without and with the component."""
    import spacy

    from g7classify.spacy import SentenceTagger

    nlp = spacy.blank("xx")
    component = SentenceTagger(tagger)
    return {
        "spaCy: tokens alone": (lambda: sum(1 for _ in nlp.pipe(texts)), len(texts)),
        "spaCy: tokens and tags": (
            lambda: sum(1 for _ in component.pipe(nlp.pipe(texts), batch_size=1000)),
            len(texts),
        ),
    }


def measure(tagger: Tagger, rows: int, calls: int) -> Tree:
    """Rows a second of every path, in turns."""
    known = paths(tagger, rows)
    took: dict[str, list[float]] = {name: [] for name in known}
    for _ in range(calls):
        for name, (call, _) in known.items():
            took[name].append(seconds(call))
    rates = {name: known[name][1] / min(times) for name, times in took.items()}
    return {name: {"rows_per_second": rate, "share_of_arrow": rate / rates[ARROW]} for name, rate in rates.items()}


def table() -> str:
    """Rows a second, and as a share of the Arrow path, with the spread of the share over processes."""
    lines = []
    for name, figures in records.read("frames")["paths"].items():
        rate, share = figures["rows_per_second"], figures["share_of_arrow"]
        between = f"{share['median']:.2f} ({share['least']:.2f}-{share['most']:.2f})"
        lines.append([name, f"{rate['median']:,.0f}", between])
    return markdown.table(["path", "rows/s", "of the Arrow path"], lines)


@click.command()
@click.option("--model", default=lambda: registry.find().name, help="A shipped model.")
@click.option("--rows", default=200_000, show_default=True, help="Of the column.")
@click.option("--turns", default=3, show_default=True, help="Processes.")
@click.option("--calls", default=3, show_default=True, help="Of each path in a process.")
@click.option("--here", is_flag=True, hidden=True, help="Measure this process alone; print JSON.")
def main(model: str, rows: int, turns: int, calls: int, *, here: bool) -> None:
    """Print and record how fast frames and SQL tag."""
    if here:
        click.echo(json.dumps(measure(g7classify.load(model), rows, calls)))
        return
    options = ["--model", model, "--rows", str(rows), "--calls", str(calls), "--here"]
    runs = [json.loads(fresh([sys.executable, "-m", "benchmarks.frames", *options]).stdout) for _ in range(turns)]
    versions = {name: metadata.version(name) for name in ("duckdb", "narwhals", "pandas", "polars", "pyarrow", "spacy")}
    found = {"model": model, "rows": rows, "versions": versions, "paths": merge(runs)}
    click.echo(f"written to {records.write('frames', found)}", err=True)
    click.echo(table())


if __name__ == "__main__":
    main()
