from __future__ import annotations

import numpy as np
import pytest

from g7classify.codebook import Codebook
from g7classify.errors import DataError, OptionError
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.judging import columns


def test_parts_hold_the_rows_of_each_value(rows: Dataset) -> None:
    for column in ("language", "sample"):
        found = columns.parts(rows, column)
        assert sum(found.values()).tolist() == [1] * len(rows)  # type: ignore[union-attr]
    assert set(columns.parts(rows, "language")) == {"fr", "it"}
    assert (columns.parts(rows, "sample")["natural"] == (rows.samples == "natural")).all()


def test_rows_that_say_nothing_are_in_no_part(book: Codebook, rows: Dataset) -> None:
    assert columns.parts(rows, "source") == {}
    given = [Row("a", (), id="1", source="x"), Row("b", (), id="2")]
    found = columns.parts(Dataset.from_rows(given, codebook=book), "source")
    assert found["x"].tolist() == [True, False]
    assert list(found) == ["x"]


def test_refusals(book: Codebook, rows: Dataset) -> None:
    with pytest.raises(OptionError, match="expected one of language, source, sample, group"):
        columns.parts(rows, "texts")
    many = Dataset.from_rows([Row(f"{i}", (), id=f"{i}") for i in range(columns.MOST_PARTS + 1)], codebook=book)
    with pytest.raises(DataError, match="201 values of `group`"):
        columns.parts(many, "group")
    assert len(columns.parts(many.select(np.arange(columns.MOST_PARTS)), "group")) == columns.MOST_PARTS
