"""What an executor does with its batches, without Spark; tests/spark/ runs it on a cluster."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import g7classify
from g7classify import spark
from g7classify.errors import MissingExtraError, ModelFileError, OptionError
from g7classify.opening import Address
from g7classify.spark import Job
from g7classify.tagger import Tagger

TEXTS = [
    "La police enquête. Il pleut.",
    None,
    "",
    " \n",
    "警察が動いた。雨が降る。",
    "Sanctions against ransomware gangs",
]


@pytest.fixture(scope="module")
def mini() -> Tagger:
    return g7classify.load("g7-mini")


def job(tagger: Tagger, names: tuple[str, ...], *, split: bool = False, point: Any = "balanced") -> Job:
    assert tagger.address is not None
    return Job(tagger.address, point, 1, split, None, names)


def batch(texts: list[str | None]) -> pa.RecordBatch:
    numbers = pa.array(range(len(texts)), pa.int64())
    columns = {"n": numbers, "text": pa.array(texts, pa.string()), "half": pa.array([n / 2 for n in range(len(texts))])}
    return pa.RecordBatch.from_pydict(columns)


def test_rows_keep_their_columns_and_get_their_tags(mini: Tagger) -> None:
    names = ("n", "text", "half", "labels", "probabilities")
    for point in ("recall", "balanced", "precision"):
        tagger = mini.at(point)  # type: ignore[arg-type]
        (made,) = spark.work(job(mini, names, point=point), [batch(TEXTS)])
        assert made.schema.names == list(names)
        assert made.select(["n", "text", "half"]).equals(batch(TEXTS))
        for text, labels, probabilities in zip(TEXTS, *(made[name].to_pylist() for name in names[3:]), strict=True):
            if text is None:
                assert (labels, probabilities) == (None, None)
                continue
            tags = tagger.tag_sentence(text).tags
            assert labels == [tag.label for tag in tags]
            assert probabilities == [float(np.float32(tag.probability)) for tag in tags]


@given(
    parts=st.lists(st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=40), max_size=6), max_size=3),
    size=st.integers(1, 4),
)
def test_sentences_are_those_of_their_texts_however_rows_are_parted(
    mini: Tagger, parts: list[list[str | None]], size: int
) -> None:
    names = ("n", "half", "start", "end", "text", "labels", "probabilities", "in_doubt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark, "SPLIT_ROWS", size)
        made = list(spark.work(job(mini, names, split=True), map(batch, parts)))
    found = [row for one in made for row in one.to_pylist()]
    expected = [
        (n, n / 2, s.start, s.end, s.text, list(s.labels), list(s.in_doubt))
        for texts in parts
        for n, text in enumerate(texts)
        if text is not None
        for s in mini.tag(text).sentences
    ]
    assert [tuple(row[name] for name in names if name != "probabilities") for row in found] == expected
    assert all(len(row["probabilities"]) == len(row["labels"]) for row in found)


def test_no_batch_is_no_row(mini: Tagger) -> None:
    assert list(spark.work(job(mini, ()), [])) == []


def test_another_model_than_the_driver_s_is_refused() -> None:
    wrong = Job(Address("g7-mini@0.1.0", "0" * 64), "balanced", 1, False, None, ("n",))
    with pytest.raises(ModelFileError, match="another on this machine"):
        list(spark.work(wrong, [batch(TEXTS)]))


def test_what_is_sent_runs_where_nothing_is_installed(mini: Tagger) -> None:
    """And says there what is missing: it holds no name of a module of ours that unpickling would look for."""
    cloudpickle = pytest.importorskip("pyspark.cloudpickle")
    sent = cloudpickle.dumps(spark._sent(asdict(job(mini, ("n",))), "1.2.3"))
    assert len(sent) < 4000
    code = (
        "import sys, pickle; sys.modules['g7classify'] = None\n"
        "import pyspark.cloudpickle\n"
        "try: pickle.loads(sys.stdin.buffer.read())(iter([]))\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], input=sent, capture_output=True, check=True)
    printed = done.stdout.decode()
    assert printed.startswith(f"g7classify 1.2.3 is not installed for {sys.executable} of an executor")
    assert "pip install 'g7classify[spark]==1.2.3'" in printed


def test_another_version_is_told_too(mini: Tagger) -> None:
    told = asdict(job(mini, ("n", "text", "half", "labels", "probabilities")))
    with pytest.raises(ImportError, match=rf"g7classify 0\.0\.9 is not .* which has: {g7classify.__version__}\."):
        spark._sent(told, "0.0.9")(iter([]))
    (made,) = spark._sent(told, g7classify.__version__)(iter([batch(TEXTS)]))
    assert made.num_rows == len(TEXTS)


def test_without_pyspark_the_pip_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    frame: Any = object()
    for function in (spark.tag, spark.tag_sentences):
        with pytest.raises(MissingExtraError, match=r"pip install 'g7classify\[spark\]'"):
            function(frame, "text")
    with pytest.raises(OptionError):
        spark.tag_sentences(frame, "text", language="xx")


def test_importing_it_imports_neither_pyspark_nor_pyarrow() -> None:
    code = "import sys, g7classify.spark; print({'pyspark', 'pyarrow', 'pandas'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
