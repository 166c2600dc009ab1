"""A long table through the command line: rate beside the bare Arrow path, and memory: `make streaming`.

Rows of one written sentence each, the corpus again and again, in a Parquet file. The command line reads it, splits each
row, tags and writes Parquet, in a process of its own whose memory is looked at while it runs. The bare Arrow path is
`scores_utf8` over the same rows in memory, in a process of its own before, between and after these runs.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

import g7classify
from benchmarks import records, samples
from benchmarks.samples import CORPUS
from benchmarks.scaling_streams import CORPUS_SENTENCES
from benchmarks.speed_paths import arrow, column
from benchmarks.turns import Tree, fresh, rounded, seconds, spread
from g7classify import registry
from g7classify.arrow import tag_sentences
from g7classify.learn.cards import markdown
from g7classify.learn.cards.markdown import number
from g7classify.model import Model

ROWS_IN_MEMORY = 1_000_000  # of the bare path
ROWS_OF_FORMATS = 500_000
BATCH = 1 << 16
JOBS = (1, 2)
POINTS = {"quarter": 0.25, "half": 0.5, "whole": 1.0}
FORMATS = (("parquet", "csv"), ("parquet", "jsonl"), ("csv", "parquet"), ("jsonl", "parquet"))


def batches(rows: int) -> Iterator[pa.RecordBatch]:
    """The table, batch by batch."""
    sentences = cycle(samples.read(CORPUS_SENTENCES)[CORPUS].sentences)
    for at in range(0, rows, BATCH):
        texts = list(islice(sentences, min(BATCH, rows - at)))
        yield pa.record_batch({"id": pa.array(range(at, at + len(texts))), "text": texts})


def write(path: Path, rows: int) -> None:
    """The table as a file."""
    if path.suffix == ".parquet":
        # Without a dictionary: of as many different texts there would be none.
        schema = pa.schema({"id": pa.int64(), "text": pa.string()})
        with pq.ParquetWriter(path, schema, use_dictionary=False) as writer:
            for batch in batches(rows):
                writer.write_batch(batch, row_group_size=1 << 20)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            file.write("id,text\n")
        for batch in batches(rows):
            for row in batch.to_pylist():
                text = json.dumps(row, ensure_ascii=False)
                quoted = row["text"].replace('"', '""')
                file.write(f"{text}\n" if path.suffix == ".jsonl" else f'{row["id"]},"{quoted}"\n')


def bare(model: str, rows: int) -> Tree:
    """Rows a second of what the command line is built on, all rows in memory."""
    tagger = g7classify.load(model)
    scorer = tagger.scorer
    if not isinstance(scorer, Model):
        raise click.ClickException(f"{model} is no table; the Arrow path is of tables")
    columns = [batch.column("text") for batch in batches(rows)]
    buffers = [column(texts.to_pylist()) for texts in columns]
    found = {}
    for jobs in JOBS:
        with ThreadPoolExecutor(jobs) as pool:
            for name, call, given in (
                ("scores_utf8", partial(arrow, scorer), buffers),
                ("arrow.tag_sentences", partial(tag_sentences, tagger), columns),
            ):
                call(given[0])
                took = seconds(lambda call=call, given=given: list(pool.map(call, given)))  # type: ignore[misc]
                found[f"{name}, {threads(jobs)}"] = rows / took
    return found


def threads(count: int) -> str:
    """So many threads, in words."""
    return f"{count} thread{'' if count == 1 else 's'}"


def command_line(model: str, source: Path, output: Path, *, jobs: int | None, rows: int) -> Tree:
    """One run: rows a second, the start of Python included, and the peak of memory on the way."""
    command = [sys.executable, "-m", "g7classify", "tag", source, "--text-column", "text", "--keep", "id"]
    command += ["--model", model, "--output", output, *([] if jobs is None else ["--jobs", str(jobs)])]
    start = time.perf_counter()
    with Popen([str(part) for part in command], stderr=DEVNULL) as process:
        peaks: list[tuple[float, int]] = []
        while process.poll() is None:
            if (peak := peak_bytes(process.pid)) is not None:
                peaks.append((time.perf_counter() - start, peak))
            time.sleep(0.02)
    took = time.perf_counter() - start
    if process.returncode:
        raise click.ClickException(f"{' '.join(map(str, command))} ended with {process.returncode}")
    memory = {
        f"peak_mb_{name}": rounded(max(peak for at, peak in peaks if at <= share * took) / 1e6)
        for name, share in POINTS.items()
        if any(at <= share * took for at, _ in peaks)
    }
    return {"rows_per_second": rounded(rows / took), "seconds": rounded(took), **memory}


def peak_bytes(process: int) -> int | None:
    """The most memory that a process ever held; None where that cannot be told, or it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


def measure(model: str, rows: int, folder: Path) -> Tree:
    """All figures."""
    in_memory = min(rows, ROWS_IN_MEMORY)
    child = [sys.executable, "-m", "benchmarks.streaming", "--bare", "--model", model, "--rows", str(in_memory)]
    source = folder / "rows.parquet"
    write(source, rows)
    paths: list[Tree] = [json.loads(fresh(child).stdout)]
    runs = {}
    for jobs in JOBS:
        output = folder / f"tagged-{jobs}.parquet"
        runs[str(jobs)] = command_line(model, source, output, jobs=jobs, rows=rows)
        runs[str(jobs)]["output_bytes"] = output.stat().st_size
        output.unlink()
        paths.append(json.loads(fresh(child).stdout))
    for jobs in JOBS:
        for count in {1, jobs}:
            limit = max(path[f"scores_utf8, {threads(count)}"] for path in paths)
            share = runs[str(jobs)]["rows_per_second"] / limit
            runs[str(jobs)][f"share_of_arrow_{count}"] = rounded(share)
    formats = {}
    few = min(rows, ROWS_OF_FORMATS)
    for of, to in FORMATS:
        table, output = folder / f"few.{of}", folder / f"few-tagged.{to}"
        write(table, few)
        formats[f"{of} to {to}"] = command_line(model, table, output, jobs=None, rows=few)
    return {
        "model": model,
        "rows": rows,
        "input_bytes": source.stat().st_size,
        "bare": {name: spread([path[name] for path in paths]) for name in paths[0]},
        "runs": runs,
        "rows_of_formats": few,
        "formats": formats,
    }


def lines(figures: Tree) -> list[list[str]]:
    """The rows of the table: a path, and what of it was measured."""
    found = []
    for name, rate in figures["bare"].items():
        found.append([f"{name}, in memory", f"{rate['median']:,.0f}", *[""] * 5])
    for jobs, run in figures["runs"].items():
        shares = [number(run[f"share_of_arrow_{count}"]) for count in ("1", jobs)]
        found.append([f"parquet to parquet, --jobs {jobs}", f"{run['rows_per_second']:,.0f}", *shares, *memory(run)])
    for name, run in figures["formats"].items():
        found.append(
            [f"{name}, {figures['rows_of_formats']:,} rows", f"{run['rows_per_second']:,.0f}", "", "", *memory(run)]
        )
    return found


def memory(run: Tree) -> list[str]:
    """Peaks in MB."""
    return [f"{run[f'peak_mb_{name}']:,.0f}" if f"peak_mb_{name}" in run else "" for name in POINTS]


HEAD = [
    "path",
    "rows/s",
    "of scores_utf8, 1 thread",
    "of it, as many threads",
    "peak MB at 1/4",
    "at 1/2",
    "at the end",
]


def table() -> str:
    """The recorded figures."""
    return markdown.table(HEAD, lines(records.read("streaming")))


@click.command()
@click.option("--model", default=lambda: str(registry.find().id), help="A shipped table.")
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(1_000), help="Of the long table.")
@click.option("--folder", type=click.Path(path_type=Path), help="For the tables.  [default: one for temporary files]")
@click.option("--record/--no-record", default=True, help="Whether to write the figures to benchmarks/results.")
@click.option("--bare", "only_bare", is_flag=True, help="Print the bare paths as JSON, and no more.")
def main(*, model: str, rows: int, folder: Path | None, record: bool, only_bare: bool) -> None:
    """Print rates and memory, and record them."""
    if only_bare:
        click.echo(json.dumps(bare(model, rows)))
        return
    with tempfile.TemporaryDirectory(dir=folder) as made:
        figures: dict[str, Any] = measure(model, rows, Path(made))
    shown = Table(*HEAD)
    for line in lines(figures):
        shown.add_row(*line)
    Console(width=120).print(shown)
    if record:
        click.echo(f"written to {records.write('streaming', figures)}")


if __name__ == "__main__":
    sys.exit(main())
