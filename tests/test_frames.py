"""Frames of pandas, polars and pyarrow have the tags that their texts have one by one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import default, frames
from g7classify.errors import DataError, InputTypeError, MissingExtraError, OptionError, TextError
from g7classify.tagger import Tagger

TEXTS = ["La police et le ministre.", None, "", "terrorisme. ransomware", "rien", "警察がいます。"]
MAKE: dict[str, Callable[[list[str | None]], Any]] = {
    "pandas": lambda texts: pd.DataFrame({"text": pd.Series(texts, dtype="str"), "n": np.arange(len(texts))}),
    "pandas of objects": lambda texts: pd.DataFrame(
        {"text": pd.Series(texts, dtype=object), "n": np.arange(len(texts))}
    ),
    "pandas of Arrow": lambda texts: pd.DataFrame(
        {"text": pd.Series(texts, dtype=pd.ArrowDtype(pa.string())), "n": np.arange(len(texts))}
    ),
    "pandas categorical": lambda texts: pd.DataFrame({"text": pd.Categorical(texts), "n": np.arange(len(texts))}),
    "polars": lambda texts: pl.DataFrame({"text": pl.Series(texts, dtype=pl.String), "n": np.arange(len(texts))}),
    "polars categorical": lambda texts: pl.DataFrame(
        {"text": pl.Series(texts, dtype=pl.Categorical), "n": np.arange(len(texts))}
    ),
    "polars lazy": lambda texts: pl.LazyFrame({"text": pl.Series(texts, dtype=pl.String), "n": np.arange(len(texts))}),
    "pyarrow": lambda texts: pa.table({"text": pa.array(texts, pa.string()), "n": np.arange(len(texts))}),
    "pyarrow in chunks": lambda texts: pa.table(
        {"text": pa.chunked_array([texts[:2], texts[2:]], pa.string()), "n": np.arange(len(texts))}
    ),
}


def column(frame: Any, name: str) -> list[Any]:
    """A column as plain values, whatever the library; nulls are None."""
    if isinstance(frame, pl.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, pd.DataFrame):
        return [None if value is pd.NA or value != value else value for value in frame[name].tolist()]
    values: list[Any] = frame[name].to_pylist() if isinstance(frame, pa.Table) else frame[name].to_list()
    return values


def expected(tagger: Tagger, texts: list[str | None]) -> list[list[str] | None]:
    return [None if text is None else list(tagger.tag_sentence(text).labels) for text in texts]


@pytest.mark.parametrize("kind", MAKE)
def test_lists(tagger: Tagger, kind: str) -> None:
    frame = MAKE[kind](TEXTS)
    found = frames.tag(frame, "text", tagger=tagger)
    assert type(found) is type(frame)
    columns = found.collect_schema().names() if isinstance(found, pl.LazyFrame) else list(getattr(found, "columns", []))
    assert (found.column_names if isinstance(found, pa.Table) else columns) == ["text", "n", "labels", "probabilities"]
    assert column(found, "labels") == expected(tagger, TEXTS)
    for text, probabilities in zip(TEXTS, column(found, "probabilities"), strict=True):
        tags = None if text is None else tagger.tag_sentence(text).tags
        assert probabilities == (None if tags is None else [float(np.float32(tag.probability)) for tag in tags])
    assert column(found, "n") == list(range(len(TEXTS)))
    assert column(found, "text") == column(frame, "text")


EMPTY: dict[str, Any] = {
    "pandas": pd.DataFrame({"text": []}),
    "pandas of integers": pd.DataFrame({"text": pd.Series([], dtype="int64")}),
    "polars": pl.DataFrame({"text": []}),
    "polars of dates": pl.DataFrame({"text": pl.Series([], dtype=pl.Date)}),
    "pyarrow": pa.table({"text": pa.array([], pa.float64())}),
}


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"text": [float("nan"), None]}),
        pl.DataFrame({"text": [None, None]}, schema={"text": pl.Float64}),
        pa.table({"text": pa.nulls(2, pa.float64())}),
    ],
    ids=["pandas", "polars", "pyarrow"],
)
def test_a_column_without_a_value_may_be_of_any_type(tagger: Tagger, frame: Any) -> None:
    """A part of a long table may have none, and pandas reads it as numbers."""
    found = frames.tag(frame, "text", tagger=tagger)
    assert [one for one in column(found, "labels") if not pd.isna(one)] == []
    assert len(column(frames.tag_sentences(frame, "text", tagger=tagger), "text")) == 0


@pytest.mark.parametrize("kind", EMPTY)
def test_an_empty_column_may_be_of_any_type(tagger: Tagger, kind: str) -> None:
    frame = EMPTY[kind]
    texts = MAKE[kind.partition(" ")[0]]([])
    for layout in ("lists", "tags", "probabilities"):
        found = frames.tag(frame, "text", tagger=tagger, layout=layout)
        assert type(found) is type(frame)
        assert types(found) == types(frames.tag(texts, "text", tagger=tagger, layout=layout))
    found = frames.tag_sentences(frame, "text", tagger=tagger)
    assert types(found) == types(frames.tag_sentences(texts, "text", tagger=tagger))
    assert column(found, "text") == []


def types(frame: Any) -> dict[str, Any]:
    """The types of the columns that were added."""
    if isinstance(frame, pa.Table):
        kinds = dict(zip(frame.column_names, frame.schema.types, strict=True))
    else:
        kinds = dict(zip(frame.columns, frame.dtypes, strict=True))
    return {name: kind for name, kind in kinds.items() if name not in ("text", "n")}


@given(st.lists(st.sampled_from(TEXTS) | st.text(st.characters(codec="utf-8"), max_size=9), max_size=8))
def test_any_texts(tagger: Tagger, texts: list[str | None]) -> None:
    for kind in ("pandas", "polars", "polars lazy", "pyarrow"):
        assert column(frames.tag(MAKE[kind](texts), "text", tagger=tagger), "labels") == expected(tagger, texts)


@pytest.mark.parametrize("kind", MAKE)
def test_one_column_a_label(tagger: Tagger, kind: str) -> None:
    told = [text for text in TEXTS if text is not None]
    tags, probabilities = tagger.predict(told), tagger.predict_proba(told)
    rows = [row for row, text in enumerate(TEXTS) if text is not None]
    as_tags = frames.tag(MAKE[kind](TEXTS), "text", tagger=tagger, layout="tags")
    as_probabilities = frames.tag(MAKE[kind](TEXTS), "text", tagger=tagger, layout="probabilities")
    for index, label in enumerate(tagger.labels):
        known, shares = column(as_tags, label), column(as_probabilities, f"p:{label}")
        assert [known[row] for row in rows] == tags[:, index].tolist()
        assert [shares[row] for row in rows] == probabilities[:, index].tolist()
        assert known[1] is None
        assert shares[1] is None


def test_types_are_the_same_without_rows(tagger: Tagger) -> None:
    for layout in ("lists", "tags", "probabilities"):
        for kind in ("polars", "polars lazy", "pyarrow"):
            full, empty = (frames.tag(MAKE[kind](t), "text", tagger=tagger, layout=layout) for t in (TEXTS, []))  # type: ignore[arg-type]
            if kind == "polars lazy":
                assert full.collect_schema() == full.collect().schema == empty.collect().schema
            else:
                assert full.schema == empty.schema
        dtypes = [frames.tag(MAKE["pandas"](t), "text", tagger=tagger, layout=layout).dtypes for t in (TEXTS, [])]  # type: ignore[arg-type]
        pd.testing.assert_series_equal(*dtypes)


def test_a_column_of_nothing_stays_null(tagger: Tagger) -> None:
    for frame in (
        pa.table({"text": pa.nulls(2)}),
        pl.DataFrame({"text": [None, None]}),
        pd.DataFrame({"text": [None]}),
    ):
        assert set(column(frames.tag(frame, "text", tagger=tagger), "labels")) == {None}


def test_pandas_keeps_its_index(tagger: Tagger) -> None:
    frame = MAKE["pandas"](TEXTS).set_index(pd.Index([3, 3, 1, 0, 9, 9], name="key"))
    found = frames.tag(frame, "text", tagger=tagger)
    assert found.index.equals(frame.index)
    assert column(found, "labels") == expected(tagger, TEXTS)
    assert list(frame.columns) == ["text", "n"]
    assert found["labels"].explode().dropna().eq("actor.agency").sum() == 2


def test_a_lazy_frame_stays_so(tagger: Tagger) -> None:
    plan = frames.tag(MAKE["polars lazy"](TEXTS * 50), "text", tagger=tagger)
    for engine in ("in-memory", "streaming"):
        agency = plan.filter(pl.col("labels").list.contains("actor.agency")).select("n").collect(engine=engine)  # type: ignore[call-overload]
        assert agency["n"].to_list() == [row for row in range(300) if row % 6 in (0, 5)]
        few = plan.filter(pl.col("n") > 290).select("labels").collect(engine=engine)  # type: ignore[call-overload]
        assert few["labels"].to_list() == (expected(tagger, TEXTS) * 50)[291:]
        assert plan.head(3).collect(engine=engine).height == 3  # type: ignore[call-overload]


def test_two_taggers_in_one_frame(tagger: Tagger) -> None:
    found = frames.tag(MAKE["polars"](TEXTS), "text", tagger=tagger)
    found = frames.tag(found, "text", tagger=tagger.at("precision"), prefix="sure ")
    assert found.columns == ["text", "n", "labels", "probabilities", "sure labels", "sure probabilities"]
    assert column(found, "sure labels") == expected(tagger.at("precision"), TEXTS)


@pytest.mark.parametrize("kind", [kind for kind in MAKE if kind != "polars lazy"])
def test_sentences(tagger: Tagger, kind: str) -> None:
    found = frames.tag_sentences(MAKE[kind](TEXTS), "text", tagger=tagger)
    rows = [(row, s) for row, text in enumerate(TEXTS) if text for s in tagger.tag(text).sentences]
    assert type(found) is type(MAKE[kind](TEXTS))
    assert column(found, "row") == [row for row, _ in rows]
    for name in ("start", "end", "text"):
        assert column(found, name) == [getattr(sentence, name) for _, sentence in rows]
    assert column(found, "labels") == [list(sentence.labels) for _, sentence in rows]
    assert column(found, "in_doubt") == [list(sentence.in_doubt) for _, sentence in rows]


def test_the_language_of_sentences(tagger: Tagger) -> None:
    frame = pl.DataFrame({"text": ["Art. 5 gilt. Die police kam am 3. Mai."]})
    assert frames.tag_sentences(frame, "text", tagger=tagger, language="de").height == 2
    with pytest.raises(OptionError, match="language 'xx'"):
        frames.tag_sentences(frame, "text", tagger=tagger, language="xx")


PANDAS = MAKE["pandas"](TEXTS)


@pytest.mark.parametrize(
    ("frame", "name", "error", "said"),
    [
        (PANDAS, "body", DataError, "column 'body' is not in the frame; it has 'text', 'n'"),
        (PANDAS, "n", InputTypeError, "column 'n': expected text, got Int64"),
        (MAKE["polars lazy"](TEXTS), "n", InputTypeError, "expected text, got Int64"),
        (pa.table({"text": [b"x"]}), "text", InputTypeError, "expected text, got Binary"),
        (pd.DataFrame({"text": ["a", 1]}), "text", InputTypeError, "column 'text': expected text"),
        (PANDAS["text"], "text", InputTypeError, "got pandas.*Series"),
        (TEXTS, "text", InputTypeError, "got builtins.list"),
        (pd.DataFrame([["a", "b"]], columns=["text", "text"]), "text", DataError, "'text' 2 times; rename some"),
        (PANDAS.assign(labels=1), "text", DataError, "'labels' is in the frame already; choose a prefix"),
        (MAKE["polars lazy"](TEXTS).with_columns(labels=1), "text", DataError, "'labels' is in the frame already"),
        (duckdb.sql("SELECT 'a' AS text"), "text", InputTypeError, r"g7classify.duckdb.register\(connection\)"),
    ],
    ids=str,
)
def test_what_cannot_be_tagged_is_said(
    tagger: Tagger, frame: Any, name: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        frames.tag(frame, name, tagger=tagger)


def test_options_are_checked(tagger: Tagger) -> None:
    with pytest.raises(OptionError, match="layout 'wide': expected lists, tags, probabilities"):
        frames.tag(PANDAS, "text", tagger=tagger, layout="wide")  # type: ignore[arg-type]
    with pytest.raises(InputTypeError, match="collect it first"):
        frames.tag_sentences(MAKE["polars lazy"](TEXTS), "text", tagger=tagger)


@pytest.mark.parametrize("missing", ["narwhals", "pyarrow"])
def test_what_is_missing_is_asked_for(tagger: Tagger, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=rf"{missing}, which is not installed: .*g7classify\[frames\]"):
        frames.tag(PANDAS, "text", tagger=tagger)


def test_the_import_brings_none_of_the_libraries() -> None:
    code = "import sys, g7classify.frames; sys.exit(len({'narwhals', 'pyarrow', 'pandas', 'polars'} & {*sys.modules}))"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_default_model_tags_and_the_example_runs(example: Callable[[ModuleType], dict[str, Any]]) -> None:
    frame = example(frames)["frame"]
    texts = frame["text"].tolist()[:2]
    assert column(frames.tag(frame, "text"), "labels") == [*expected(default.shared(), texts), None]
    assert "threat.terrorism" in column(frames.tag(frame, "text"), "labels")[0]


def test_a_lone_surrogate_is_refused(tagger: Tagger) -> None:
    frame = pd.DataFrame({"text": pd.Series(["a", "\ud800"], dtype=object)})
    for tag in (frames.tag, frames.tag_sentences):
        with pytest.raises(TextError, match="column 'text': a text holds a lone surrogate"):
            tag(frame, "text", tagger=tagger)


def test_the_name_of_a_model_is_no_tagger() -> None:
    for tag in (frames.tag, frames.tag_sentences):
        with pytest.raises(InputTypeError, match=r"expected a Tagger, got str; use g7classify\.load"):
            tag(pa.table({"text": ["a"]}), "text", tagger="g7-base")  # type: ignore[arg-type]
