"""What Spark makes of an Arrow column's speed: `make spark`.

A real cluster on this machine, whose executors have one core each, as Spark counts: one task at a time. A task keeps
two processes busy, the executor's JVM, which reads Parquet and takes the rows back, and its Python, which tags. So
executors are measured that are tied to one CPU each, which is what a full machine has for each of them, and one that is
not tied. Results go nowhere (`noop`). Beside it the same rows through arrow.py, in one thread on one CPU: held in
memory, and read from the Parquet files. Each figure is the median of some runs after one that warms up; the CPU time is
that of the executors' processes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

import g7classify
import g7classify.spark
from benchmarks import clusters, records, samples
from benchmarks.turns import Tree, seconds, spread
from g7classify import arrow, registry
from g7classify.tagger import Tagger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

CORPUS_SENTENCES = 20_000  # all that there are
FILES = 16
BATCH_ROWS = 10_000  # Spark's, spark.sql.execution.arrow.maxRecordsPerBatch
TURNS = 3
TICKS = os.sysconf("SC_CLK_TCK")


def write_rows(folder: Path, texts: Sequence[str], rows: int) -> int:
    """Write Parquet files of so many rows, or some more, the texts again and again; return how many there are."""
    folder.mkdir()
    each = -(-rows // FILES)
    column = pa.array(list(texts) * (each // len(texts) + 1), pa.string())[:each]
    for number in range(FILES):
        # No dictionary: texts of the world do not repeat.
        pq.write_table(pa.table({"text": column}), folder / f"{number}.parquet", use_dictionary=False)
    return each * FILES


@contextmanager
def one_cpu() -> Iterator[None]:
    """This thread, and those that it starts, on one CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def arrow_path(tagger: Tagger, sentences: Path, documents: Path) -> dict[str, float]:
    """Seconds of arrow.py for all rows, in batches such as Spark's, on one CPU."""

    def whole(batches: Iterable[pa.Array]) -> None:
        for batch in batches:
            arrow.parts(arrow.tag(tagger, batch))

    def split(batches: Iterable[pa.Array]) -> None:
        for batch in batches:
            for start in range(0, len(batch), g7classify.spark.SPLIT_ROWS):
                arrow.tag_sentences(tagger, batch[start : start + g7classify.spark.SPLIT_ROWS])

    with one_cpu():
        held, texts = list(read(sentences)), list(read(documents))
        whole(held[:1])
        return {
            "tag": seconds(lambda: whole(held)),
            "tag_sentences": seconds(lambda: split(texts)),
            "tag, Parquet read": seconds(lambda: whole(read(sentences))),
        }


def read(folder: Path) -> Iterator[pa.Array]:
    """The texts of Parquet files."""
    for path in sorted(folder.iterdir()):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
                yield batch.column(0)


def untouched(frame: DataFrame) -> DataFrame:
    """The rows through Python and back: what Spark itself costs."""

    def same(batches: Iterator[Any]) -> Iterator[Any]:
        return batches

    return frame.mapInArrow(same, frame.schema)


def spark_path(
    tagger: Tagger, sentences: Path, documents: Path, folder: Path, *, executors: int, tied: bool, turns: int
) -> dict[str, dict[str, list[float]]]:
    """Wall and CPU seconds of each way, turn by turn, and at last the most memory that a Python of an executor took."""
    folder.mkdir()
    cpus = sorted(os.sched_getaffinity(0))
    ways: dict[str, tuple[Path, Callable[[DataFrame], DataFrame]]] = {
        "tag": (sentences, lambda frame: g7classify.spark.tag(frame, "text", tagger=tagger)),
        "tag_sentences": (documents, lambda frame: g7classify.spark.tag_sentences(frame, "text", tagger=tagger)),
        "untouched": (sentences, untouched),
    }
    found: dict[str, dict[str, list[float]]] = {way: {"wall": [], "cpu": []} for way in ways}
    with clusters.Cluster(folder) as cluster:
        for number in range(executors):
            cluster.add_worker(cpus=[cpus[number % len(cpus)]] if tied else cpus)
        with clusters.session(cluster, folder, cores_max=executors) as spark:
            for turn in range(turns + 1):
                for way, (rows, made) in ways.items():
                    frame = made(spark.read.parquet(str(rows)))
                    before, start = cpu_seconds(cluster.workers), time.perf_counter()
                    frame.write.format("noop").mode("overwrite").save()
                    if turn:  # the first warms up
                        found[way]["wall"].append(time.perf_counter() - start)
                        found[way]["cpu"].append(cpu_seconds(cluster.workers) - before)
            found["memory"] = {"python_mb": [peak_mb(cluster.workers)]}
    return found


def cpu_seconds(workers: Sequence[int]) -> float:
    """CPU time so far of the processes that workers started."""
    ticks = 0
    for pid in (pid for worker in workers for pid in clusters.descendants(worker)):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def peak_mb(workers: Sequence[int]) -> float:
    """The most resident memory that any of the executors' Pythons has taken, in MB of 10**6 bytes."""
    peaks = [0.0]
    for pid in (pid for worker in workers for pid in clusters.descendants(worker)):
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        if status["Name"].startswith("python"):
            peaks.append(int(status["VmHWM"].split()[0]) * 1024 / 1e6)
    return max(peaks)


def measure(model: str, rows: int, executors: Sequence[int], turns: int) -> Tree:
    """All figures."""
    import pyspark

    tagger = g7classify.load(model)
    sample = samples.read(CORPUS_SENTENCES)[samples.CORPUS]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sentences, documents = folder / "sentences", folder / "documents"
        count = write_rows(sentences, sample.sentences, rows)
        texts = write_rows(documents, sample.documents, rows // samples.PARAGRAPH)
        split = sum(len(arrow.tag_sentences(tagger, batch)) for batch in read(documents))
        rows_of = {"tag": count, "tag, Parquet read": count, "tag_sentences": split, "untouched": count}
        # Before and after Spark: the machine is the same, or the spread tells.
        alone = [arrow_path(tagger, sentences, documents) for _ in range(turns)]
        spark = {}
        for number, tied in [*((number, True) for number in executors), (1, False)]:
            name = f"{number} on one CPU each" if tied else f"{number} not tied to a CPU"
            spark[name] = spark_path(
                tagger, sentences, documents, folder / name, executors=number, tied=tied, turns=turns
            )
        alone += [arrow_path(tagger, sentences, documents) for _ in range(turns)]
    return {
        "model": str(tagger.id),
        "pyspark": pyspark.__version__,
        "sentences": count,
        "documents": texts,
        "sentences_of_documents": split,
        "bytes_per_sentence": sample.size_bytes / len(sample.sentences),
        "python_peak_mb": max(found.pop("memory")["python_mb"][0] for found in spark.values()),
        "arrow": {
            way: {"sentences_per_second": spread([rows_of[way] / one[way] for one in alone])} for way in alone[0]
        },
        "spark": {
            name: {
                way: {
                    "sentences_per_second": spread([rows_of[way] / wall for wall in one["wall"]]),
                    "cpu_us_per_sentence": spread([1e6 * cpu / rows_of[way] for cpu in one["cpu"]]),
                }
                for way, one in found.items()
            }
            for name, found in spark.items()
        },
    }


@click.command()
@click.option("--model", default=lambda: str(registry.find().id), help="A shipped model.")
@click.option("--rows", default=4_000_000, show_default=True, type=click.IntRange(1_000), help="Sentences to tag.")
@click.option(
    "--executors", multiple=True, default=(1, 2), show_default=True, type=click.IntRange(1), help="Again for several."
)
@click.option("--turns", default=TURNS, show_default=True, type=click.IntRange(1), help="Runs of each.")
@click.option("--record/--no-record", default=True, show_default=True, help="Write benchmarks/results/spark.json.")
def main(model: str, rows: int, executors: tuple[int, ...], turns: int, record: bool) -> None:
    """Print, and record, sentences a second through Spark and through Arrow alone."""
    if lacking := clusters.lacking():
        raise click.ClickException(f"no cluster can be started: {lacking}")
    figures = measure(model, rows, executors, turns)
    for way, one in figures["arrow"].items():
        click.echo(f"Arrow alone, {way}: {one['sentences_per_second']['median']:,.0f} sentences/s")
    for name, ways in figures["spark"].items():
        for way, one in ways.items():
            rate, cpu = one["sentences_per_second"]["median"], one["cpu_us_per_sentence"]["median"]
            alone = figures["arrow"].get(way)
            share = f", {rate / alone['sentences_per_second']['median']:.0%} of Arrow alone" if alone else ""
            click.echo(f"Spark, executors: {name}, {way}: {rate:,.0f} sentences/s, {cpu:.2f} us CPU each{share}")
    click.echo(f"written to {records.write('spark', figures)}" if record else "not recorded")


if __name__ == "__main__":
    sys.exit(main())
