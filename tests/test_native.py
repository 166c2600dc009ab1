"""A document's rows are the same in every library."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from g7classify import Document, Tagger, native
from g7classify.errors import MissingExtraError, OptionError
from g7classify.results import ModelId


@pytest.fixture(scope="module")
def document(tagger: Tagger) -> Document:
    found = tagger.tag("La police et le ministre. Rien!", probabilities=True)
    first, *rest = found.sentences
    return replace(found, sentences=(replace(first, decided_by=ModelId("g7-deep", "0.1.0", ""), left=True), *rest))


def records(frame: Any) -> list[dict[str, Any]]:
    if isinstance(frame, pd.DataFrame):
        rows: list[dict[str, Any]] = frame.to_dict("records")
        return rows
    return list(frame.to_pylist() if isinstance(frame, pa.Table) else frame.to_dicts())


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow", pl])
def test_a_frame_holds_the_rows(document: Document, backend: Any) -> None:
    found, rows = records(document.to_frame(backend=backend)), document.rows()
    assert [list(row) for row in found] == [list(row) for row in rows]
    for one, row in zip(found, rows, strict=True):
        for key, value in row.items():
            assert one[key] == (pytest.approx(value) if key.startswith("p") else value), key
    assert [one["decided_by"] for one in found] == ["g7-deep@0.1.0", "hand-made@0.1.0"]


def test_the_library_is_the_one_that_was_asked_for(document: Document) -> None:
    assert isinstance(document.to_frame(), pd.DataFrame)
    assert isinstance(document.to_frame(backend="polars"), pl.DataFrame)
    assert isinstance(document.to_frame(backend="pyarrow"), pa.Table)


def test_types_are_the_same_without_sentences(tagger: Tagger) -> None:
    full, empty = tagger.tag("La police."), tagger.tag(" ")
    assert empty.to_frame(backend="pyarrow").schema == full.to_frame(backend="pyarrow").schema
    assert empty.to_frame(backend="polars").schema == full.to_frame(backend="polars").schema
    pd.testing.assert_series_equal(empty.to_frame().dtypes, full.to_frame().dtypes)
    assert len(empty.to_frame()) == 0


@pytest.mark.parametrize("backend", ["sqlite", "duckdb", 3, None, sys])
def test_a_backend_that_holds_no_rows_is_refused(document: Document, backend: Any) -> None:
    with pytest.raises(OptionError, match="expected pandas, polars or pyarrow"):
        document.to_frame(backend=backend)


def test_what_is_missing_is_asked_for(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "modin", None)
    with pytest.raises(MissingExtraError, match="pip install modin"):
        native.frame(pa.table({"x": [1]}), "modin")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        document.to_frame()
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(MissingExtraError, match=r"g7classify\[frames\]"):
        document.to_frame(backend="polars")
