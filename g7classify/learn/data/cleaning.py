"""What is left out of labelled rows before anything is learned from them: contradictions, and labels of few rows.

Of rows with the same text and other labels a model cannot learn both. One rule for all commands: it is an error.
`validate` names every such row, `train` and `update` refuse them, and whoever wants to go on says how: `keep` learns
from them as they are, `drop` from none of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import numpy as np

from g7classify.codebook import Codebook
from g7classify.errors import DataError
from g7classify.learn.data.duplicates import same_texts
from g7classify.learn.dataset import Dataset

Way = Literal["refuse", "keep", "drop"]
WAYS: Final[tuple[Way, ...]] = ("refuse", "keep", "drop")


def conflicts(dataset: Dataset) -> list[list[int]]:
    """The rows of each text that has other labels in another row; white space tells no texts apart."""
    return [
        places for places in same_texts(dataset.texts) if (dataset.labels[places] != dataset.labels[places[0]]).any()
    ]


def settled(dataset: Dataset, way: Way) -> Dataset:
    """The dataset as it is, if it has no conflict or they are to be kept, or without the rows of any.

    Raises:
        DataError: it has some, and they are refused.
    """
    found = [] if way == "keep" else conflicts(dataset)
    if found and way == "refuse":
        places = found[0]
        first = places[0]
        other = next(place for place in places if (dataset.labels[place] != dataset.labels[first]).any())
        raise DataError(
            f"{dataset.ids[first]} and {dataset.ids[other]} have the same text and other labels, one of {len(found)} "
            "such texts: settle which hold (validate names every row, audit writes a sheet to correct), or give "
            "--conflicts keep, or drop, which leaves all of them out"
        )
    return dataset.select(np.setdiff1d(np.arange(len(dataset)), [place for places in found for place in places]))


def common(dataset: Dataset, least: int) -> Dataset:
    """All rows, without the labels that fewer than `least` of them hold.

    Raises:
        DataError: no label is left.
    """
    book, kept = dataset.codebook, np.flatnonzero(dataset.labels.sum(axis=0) >= least)
    if not len(kept):
        raise DataError(f"no label is held by {least} of the {len(dataset)} rows; ask for fewer, or label more")
    smaller = Codebook(book.name, book.version, tuple(book.labels[column] for column in kept), book.exclusive)
    return replace(dataset, codebook=smaller, labels=dataset.labels[:, kept])
