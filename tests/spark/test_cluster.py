"""Spark on a real cluster gives what one machine gives, row for row, also when a worker is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import g7classify
import g7classify.spark
from benchmarks import clusters
from g7classify import modelfile, registry
from g7classify.errors import DataError, InputTypeError, OptionError
from g7classify.learn.dataset import Dataset
from g7classify.model import Model
from g7classify.tagger import Tagger

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")

SEEDS = Path(__file__).parents[2] / "seeds"
IGNORED = shutil.ignore_patterns("__pycache__")
ODD = [None, "", " \n\t", "x", "🚓 La police, 警察。", "Europol. " * 300, "La police\0enquête. Deuxième phrase ? Oui."]


def lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="session")
def texts() -> list[str | None]:
    """A few hundred sentences in six languages, and odd ones among them."""
    rows = [json.loads(line)["text"] for file in sorted(SEEDS.glob("labelled/*.jsonl")) for line in lines_of(file)]
    return [*rows[::40], *ODD, (SEEDS / "documents" / "g7-strategie-trafic.fr.txt").read_text()]


@pytest.fixture(scope="session")
def table(texts: list[str | None]) -> pa.Table:
    """The texts between columns of other kinds."""
    n = len(texts)
    return pa.table(
        {
            "id": pa.array(range(n), pa.int64()),
            "content": pa.array(texts, pa.string()),
            "when": pa.array([10**15 + i for i in range(n)], pa.timestamp("us", tz="UTC")),
            "numbers": pa.array([None if i % 7 == 0 else list(range(i % 3)) for i in range(n)], pa.list_(pa.int32())),
            "about": pa.array([[("lang", "fr"), ("n", str(i))] for i in range(n)], pa.map_(pa.string(), pa.string())),
        }
    )


@pytest.fixture(scope="session")
def frame(spark: Any, table: pa.Table) -> Any:
    return spark.createDataFrame(table).repartition(5, "id")


@contextmanager
def python(spark: Any, path: Path) -> Iterator[None]:
    """Executors run another Python, in new processes."""
    before = spark.sparkContext.pythonExec
    spark.sparkContext.pythonExec = str(path)
    try:
        yield
    finally:
        spark.sparkContext.pythonExec = before


def anew(path: Path) -> Path:
    """This Python by another name, which Spark starts new processes for."""
    path.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    path.chmod(0o755)
    return path


def without(folder: Path) -> tuple[Path, Path]:
    """An environment with all that this one has but g7classify and pandas: its Python, and where its packages lie."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for entry in Path(np.__file__).parents[1].iterdir():
        lacking = any(name in entry.name for name in ("g7classify", "pandas"))
        if not lacking and not (site / entry.name).exists():
            (site / entry.name).symlink_to(entry)
    return folder / "bin" / "python", site


def tagged(text: str | None, tagger: Tagger) -> tuple[list[str] | None, list[float] | None]:
    if text is None:
        return None, None
    tags = tagger.tag_sentence(text).tags
    return [tag.label for tag in tags], [float(np.float32(tag.probability)) for tag in tags]


def test_every_row_is_tagged_as_on_one_machine(frame: Any, table: pa.Table) -> None:
    tagger = g7classify.load()
    made = g7classify.spark.tag(frame, "content")
    assert made.columns == ["id", "content", "when", "numbers", "about", "labels", "probabilities"]
    rows = sorted(made.collect())
    given = sorted(frame.collect())
    assert [tuple(row)[:5] for row in rows] == [tuple(row) for row in given]
    assert [row.content for row in rows] == table["content"].to_pylist()
    assert [(row.labels, row.probabilities) for row in rows] == [tagged(row.content, tagger) for row in rows]
    assert sum(bool(row.labels) for row in rows) > 100


def test_a_second_tagger_has_its_own_columns_and_operating_point(frame: Any, table: pa.Table) -> None:
    recall = g7classify.load("g7-mini", operating_point="recall")
    made = g7classify.spark.tag(g7classify.spark.tag(frame, "content"), "content", tagger=recall, prefix="mini_")
    rows = sorted(made.select("id", "mini_labels").collect())
    assert [row.mini_labels for row in rows] == [tagged(text, recall)[0] for text in table["content"].to_pylist()]


def test_every_sentence_is_tagged_as_on_one_machine(frame: Any, texts: list[str | None]) -> None:
    tagger = g7classify.load("g7-mini")
    made = g7classify.spark.tag_sentences(frame, "content", tagger=tagger)
    new = ["start", "end", "text", "labels", "probabilities", "in_doubt"]
    assert made.columns == ["id", "when", "numbers", "about", *new]
    rows = sorted(made.collect(), key=lambda row: (row.id, row.start))
    expected = [
        (i, s.start, s.end, s.text, list(s.labels), list(s.in_doubt))
        for i, text in enumerate(texts)
        if text is not None
        for s in tagger.tag(text).sentences
    ]
    assert [(r.id, r.start, r.end, r.text, r.labels, r.in_doubt) for r in rows] == expected
    assert [row.probabilities for row in rows] == [tagged(row.text, tagger)[1] for row in rows]
    beside = {row.id: (row.when, row.numbers, row.about) for row in frame.drop("content").collect()}
    assert all((row.when, row.numbers, row.about) == beside[row.id] for row in rows)


def test_a_language_may_be_given_and_the_sentence_take_the_text_s_name(spark: Any) -> None:
    frame = spark.createDataFrame([("z. B. Berlin. Ja.",)], "text string")
    for language, count in (("de", 2), ("fr", None)):
        made = g7classify.spark.tag_sentences(frame, "text", language=language).collect()
        expected = [s.text for s in g7classify.load().tag("z. B. Berlin. Ja.", language=language).sentences]
        assert [row.text for row in made] == expected
        assert count in (None, len(made))


def test_large_strings_and_parts_without_a_row(spark: Any) -> None:
    spark.conf.set("spark.sql.execution.arrow.useLargeVarTypes", "true")
    try:
        frame = spark.createDataFrame([("La police enquête. Bonjour.",)], "text string").repartition(3)
        (row,) = g7classify.spark.tag(frame, "text").collect()
        assert row.labels == list(g7classify.load().tag_sentence(row.text).labels)
        assert len(g7classify.spark.tag_sentences(frame, "text").collect()) == 2
    finally:
        spark.conf.unset("spark.sql.execution.arrow.useLargeVarTypes")
    assert g7classify.spark.tag(frame.where("text = ''"), "text").collect() == []


def test_a_stream_is_tagged_as_it_comes(spark: Any, texts: list[str | None], tmp_path: Path) -> None:
    tagger = g7classify.load("g7-mini")
    source = tmp_path / "in"
    source.mkdir()
    stream = spark.readStream.schema("id long, text string").json(str(source))
    query = (
        g7classify.spark.tag(stream, "text", tagger=tagger)
        .writeStream.format("parquet")
        .option("path", str(tmp_path / "out"))
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .start()
    )
    try:
        for number, part in enumerate((texts[:30], texts[30:60])):
            lines = [json.dumps({"id": 100 * number + i, "text": text}) for i, text in enumerate(part)]
            (tmp_path / "next").write_text("\n".join(lines))
            (tmp_path / "next").rename(source / f"{number}.json")  # a stream takes a file as it is when first seen
            query.processAllAvailable()
            rows = sorted(spark.read.parquet(str(tmp_path / "out")).collect())
            assert [(row.labels, row.probabilities) for row in rows] == [tagged(row.text, tagger) for row in rows]
            assert len(rows) == 30 * (number + 1)
    finally:
        query.stop()


def test_the_model_is_opened_once_a_process(frame: Any) -> None:
    tagger = g7classify.load("g7-mini")

    def look(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from g7classify.tagger import reopened

        for _ in batches:
            pass
        opened = reopened.cache_info().misses
        yield pa.RecordBatch.from_pydict({"pid": [os.getpid()], "opened": [opened]})

    schema = "pid long, opened long"
    before = {row.pid: row.opened for row in frame.repartition(8).mapInArrow(look, schema).collect()}
    for _ in range(2):
        g7classify.spark.tag(frame.repartition(8), "content", tagger=tagger).count()
    after = frame.repartition(8).mapInArrow(look, schema).collect()
    assert os.getpid() not in before
    assert any(row.opened for row in after)
    assert all(row.opened <= before.get(row.pid, 0) + 1 for row in after)


def test_a_killed_worker_costs_no_row(spark: Any, cluster: clusters.Cluster, table: pa.Table) -> None:
    tagger = g7classify.load("g7-mini")
    parts = 24

    def slowly(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            time.sleep(0.4)
            yield batch

    frame = spark.createDataFrame(table.select(["id", "content"])).repartition(parts, "id")
    slow = g7classify.spark.tag(frame.mapInArrow(slowly, frame.schema), "content", tagger=tagger)
    tracker = spark.sparkContext.statusTracker()
    rows: list[Any] = []
    job = threading.Thread(target=lambda: rows.extend(slow.collect()), daemon=True)
    job.start()

    def done() -> int:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        return max((stage.numCompletedTasks for stage in stages if stage and stage.numTasks == parts), default=0)

    until = time.monotonic() + 120
    while done() < 4:
        assert job.is_alive(), "the job ended before a worker could be killed"
        assert time.monotonic() < until
        time.sleep(0.02)
    worker = cluster.workers[-1]
    doomed = [worker, *clusters.descendants(worker)]  # the worker, its executor, and that one's Pythons
    assert len(doomed) >= 3
    for pid in doomed:
        os.kill(pid, signal.SIGKILL)
    assert done() < parts
    job.join(timeout=120)
    cluster.add_worker()
    rows.sort()
    assert [row.content for row in rows] == table["content"].to_pylist()
    assert [(row.labels, row.probabilities) for row in rows] == [tagged(row.content, tagger) for row in rows]


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    if lacking := clusters.lacking():
        pytest.skip(lacking)
    code = (
        "import os, signal, sys; from pathlib import Path; from benchmarks import clusters\n"
        "cluster = clusters.Cluster(Path(sys.argv[1]))\n"
        "cluster.add_worker()\n"
        "print(*clusters.descendants(os.getpid()), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(clusters.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=root)
    assert done.returncode == -signal.SIGKILL
    started = [Path("/proc", pid) for pid in done.stdout.split()]
    assert len(started) == 2
    until = time.monotonic() + 60
    while any(path.exists() for path in started):
        assert time.monotonic() < until
        time.sleep(0.1)


class TestRefused:
    """What is wrong on the driver is told at once, what is wrong on an executor fails the job; both as our errors."""

    def test_frames_columns_and_taggers(self, frame: Any, model: Model) -> None:
        for function in (g7classify.spark.tag, g7classify.spark.tag_sentences):
            for call, error, match in (
                (lambda f: f(frame, "text"), DataError, "'text': expected one in the frame, found none; it has 'id'"),
                (lambda f: f(frame.withColumnRenamed("when", "id"), "id"), DataError, "found 2"),
                (lambda f: f(frame, "when"), InputTypeError, "expected strings, got timestamp"),
                (
                    lambda f: f(frame.withColumnRenamed("id", "labels"), "content"),
                    DataError,
                    "'labels' is in the frame",
                ),
                (lambda f: f([{"text": "x"}], "text"), InputTypeError, "pyspark.sql.DataFrame, got list"),
                (lambda f: f(frame, "content", tagger="g7-base"), InputTypeError, "expected a Tagger, got str"),
                (lambda f: f(frame, "content", tagger=Tagger(model)), OptionError, "hand-made@0.1.0 was not loaded"),
            ):
                with pytest.raises(error, match=match):
                    call(function)
        with pytest.raises(OptionError, match="xx"):
            g7classify.spark.tag_sentences(frame, "content", language="xx")

    def test_a_text_that_is_not_utf_8(self, spark: Any) -> None:
        frame = spark.sql("SELECT CAST(X'4180' AS STRING) AS text")
        tagger = g7classify.load("g7-mini")
        for function in (g7classify.spark.tag, g7classify.spark.tag_sentences):
            with pytest.raises(Exception, match=r"TextError: .*UTF-8"):
                function(frame, "text", tagger=tagger).collect()
            valid = frame.selectExpr("make_valid_utf8(text) AS text")
            assert len(function(valid, "text", tagger=tagger).collect()) == 1

    def test_a_file_that_changed_or_is_missing_until_spark_brings_it(
        self, spark: Any, frame: Any, make_model: Callable[..., Model], tmp_path: Path
    ) -> None:
        path = tmp_path / "travels.safetensors"
        modelfile.write(make_model(bits=8), path)
        tagger = g7classify.load(path)
        few = frame.select("id", "content").where("id < 50")

        def labels() -> list[list[str] | None]:
            return [row.labels for row in sorted(g7classify.spark.tag(few, "content", tagger=tagger).collect())]

        expected = [tagged(row.content, tagger)[0] for row in sorted(few.collect())]
        assert labels() == expected
        assert any(expected)
        moved = tmp_path / "elsewhere" / path.name
        moved.parent.mkdir()
        path.rename(moved)
        # Processes that have opened it keep it.
        with (
            python(spark, anew(tmp_path / "python1")),
            pytest.raises(Exception, match=r"UnreadableFileError: .*addFile\('/"),
        ):
            labels()
        modelfile.write(make_model(bits=8, seed=1), path)
        with (
            python(spark, anew(tmp_path / "python2")),
            pytest.raises(Exception, match=r"ModelFileError: .*has changed since"),
        ):
            labels()
        path.unlink()
        spark.sparkContext.addFile(str(moved))
        with python(spark, anew(tmp_path / "python3")):
            assert labels() == expected

    def test_an_executor_without_the_package(self, spark: Any, frame: Any, tmp_path: Path) -> None:
        bare, site = without(tmp_path / "bare")
        version = g7classify.__version__
        told = (
            rf"ImportError: g7classify {version} is not installed for {bare} of an executor, which has: {{}}. "
            rf"pip install 'g7classify\[spark\]=={version}' there"
        )
        with python(spark, bare):
            with pytest.raises(Exception, match=told.format("ModuleNotFoundError: No module named 'g7classify'")):
                g7classify.spark.tag(frame, "content").collect()
            package = shutil.copytree(Path(g7classify.__file__).parent, site / "g7classify", ignore=IGNORED)
            (package / "__init__.py").write_text('__version__ = "0.0.9"')
        other = tmp_path / "bare" / "bin" / "python-other"
        other.symlink_to(bare)
        with python(spark, other), pytest.raises(Exception, match=told.format("0.0.9").replace("python of", r"\S+ of")):
            g7classify.spark.tag(frame, "content").collect()

    def test_an_executor_without_the_model_or_with_another(self, spark: Any, frame: Any, tmp_path: Path) -> None:
        with_model, site = without(tmp_path / "with")
        package = shutil.copytree(Path(g7classify.__file__).parent, site / "g7classify", ignore=IGNORED)
        models = shutil.copytree(registry.root(), package / "models", dirs_exist_ok=True)
        tagger = g7classify.load("g7-mini")
        with python(spark, with_model):
            assert g7classify.spark.tag(frame, "content", tagger=tagger).count() == frame.count()
        file, manifest = models / "g7-mini-0.1.0.safetensors", json.loads((models / "manifest.json").read_text())
        mini = next(entry for entry in manifest["models"] if entry["name"] == "g7-mini")
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        bin_ = with_model.parent
        for name, error in (
            ("damaged", r"ModelFileError: .*g7-mini-0\.1\.0\.safetensors has the sha256"),
            (
                "another",
                r"ModelFileError: g7-mini@0\.1\.0 has changed .* is another on this machine: expected the sha256",
            ),
            ("missing", r"UnknownModelError: no model is called 'g7-mini@0\.1\.0'.* There is: "),
        ):
            if name == "another":
                shutil.copy(models / "g7-seeds-0.3.0.safetensors", file)
                seeds = next(entry for entry in manifest["models"] if entry["name"] == "g7-seeds")
                mini["sha256"] = seeds["sha256"]
            elif name == "missing":
                mini["version"] = "9.9.9"
                manifest["cascades"] = []
            (models / "manifest.json").write_text(json.dumps(manifest))
            (bin_ / name).symlink_to(with_model)
            with python(spark, bin_ / name), pytest.raises(Exception, match=error):
                g7classify.spark.tag(frame, "content", tagger=tagger).collect()


def test_data_prepared_in_spark_is_read_for_learning(spark: Any, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in lines_of(SEEDS / "labelled" / "fr.jsonl")][:90]
    lines = [(row["id"], row["text"], row["labels"], "fr") for row in rows]
    frame = spark.createDataFrame(lines, "id string, text string, labels array<string>, lang string")
    frame.repartition(3).write.parquet(str(tmp_path / "rows"))
    names = [path.name for path in (tmp_path / "rows").iterdir()]
    assert len([name for name in names if name.startswith("part-")]) == 3
    assert "_SUCCESS" in names
    assert any(name.startswith(".") for name in names)  # checksums
    read, expected = Dataset.read(tmp_path / "rows"), Dataset.read(SEEDS / "labelled" / "fr.jsonl")
    assert sorted(read.ids) == sorted(row["id"] for row in rows)
    where = {id_: i for i, id_ in enumerate(expected.ids)}
    for id_, text, labels in zip(read.ids, read.texts, read.labels, strict=True):
        assert text == expected.texts[where[id_]]
        assert (labels == expected.labels[where[id_]]).all()
