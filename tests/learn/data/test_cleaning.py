from __future__ import annotations

import numpy as np
import pytest

from g7classify.errors import DataError
from g7classify.learn.data.cleaning import common, conflicts, settled
from g7classify.learn.dataset import Dataset, Row

ROWS = [
    ("La police arrive.", ("a.x",)),
    ("Rien.", ()),
    ("La  police arrive. ", ("a.y",)),
    ("La police arrive.", ("a.x",)),
    ("Le juge.", ("b",)),
    ("Le juge.", ("b",)),
]


@pytest.fixture
def dataset() -> Dataset:
    rows = [Row(text, labels, id=f"f.csv:{line}") for line, (text, labels) in enumerate(ROWS, 2)]
    return Dataset.from_rows(rows, codebook=None)


def test_only_other_labels_of_the_same_text_are_a_conflict(dataset: Dataset) -> None:
    assert conflicts(dataset) == [[0, 2, 3]]


def test_conflicts_are_refused_by_name_kept_or_dropped(dataset: Dataset) -> None:
    with pytest.raises(DataError, match=r"f\.csv:2 and f\.csv:4 have the same text and other labels, one of 1 such"):
        settled(dataset, "refuse")
    assert len(settled(dataset, "keep")) == len(dataset)
    dropped = settled(dataset, "drop")
    assert dropped.texts == ("Rien.", "Le juge.", "Le juge.")
    assert settled(dropped, "refuse").ids == dropped.ids


def test_rare_labels_are_left_out_and_their_rows_stay(dataset: Dataset) -> None:
    """Flat labels, as `b` has no stop, under which nothing stands."""
    assert dataset.codebook.names == ("a.x", "a.y", "b")
    found = common(dataset, 2)
    assert found.codebook.names == ("a.x", "b")
    assert found.texts == dataset.texts
    assert np.array_equal(found.labels, dataset.labels[:, [0, 2]])
    with pytest.raises(DataError, match="no label is held by 3 of the 6 rows"):
        common(dataset, 3)
