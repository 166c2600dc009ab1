"""Rows labelled with several codebooks in one dataset, and which labels are known of which rows.

Labels of the same name mean the same. Of a row whose codebook lacks a label it is often not known whether it holds, and
then nothing is learned from that row about it: taken for negatives, all sentences in which nobody looked for a label
would teach that it is rare. But a category holds when one of its sub-types does, and a bare category says that none of
those that there were fitted. So of a sub-type that the row's codebook lacks it is known

- that it does not hold, where its category does not;
- taken for granted that it does not, where a sibling does: the sentence was labelled with what it is about;
- open, where the category is bare: there new sub-types hide.

Labels of a flat codebook are siblings of each other; a row without any is open. A new category among others is open. A
category that a row's codebook lacks holds where one of its sub-types does. With two sub-types made new, 60 rows of each
and 4,500 of before, the new ones' F1 was .584 so, .569 with all rows open whose category holds, .578 with none open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import Codebook
from g7classify.errors import CodebookError, DataError
from g7classify.learn.dataset import Dataset

Bools = NDArray[np.bool_]


def join(codebook: Codebook, datasets: Sequence[Dataset]) -> tuple[Dataset, Bools]:
    """All rows, one dataset after the other, with the k labels of a codebook; labels that it lacks are left out.

    Returns:
        The rows, and which labels are known of each (n, k); what is not known is False in the labels.

    Raises:
        DataError: a dataset whose codebook has no label in common with this one.
    """
    placed = [place(dataset, codebook) for dataset in datasets]
    whole = Dataset(
        codebook=codebook,
        texts=tuple(text for dataset in datasets for text in dataset.texts),
        labels=np.concatenate([labels for labels, _ in placed]),
        ids=tuple(name for dataset in datasets for name in dataset.ids),
        languages=np.concatenate([dataset.languages for dataset in datasets]),
        groups=np.concatenate([_numbered(dataset.groups, at) for at, dataset in enumerate(datasets)]),
        samples=np.concatenate([dataset.samples for dataset in datasets]),
        sources=np.concatenate([dataset.sources for dataset in datasets]),
    )
    return whole, np.concatenate([known for _, known in placed])


def place(dataset: Dataset, codebook: Codebook) -> tuple[Bools, Bools]:
    """The labels of a dataset's rows in the columns of a codebook, and which of them are known, each (n, k).

    Raises:
        DataError: the two codebooks have no label in common.
    """
    columns = {name: column for column, name in enumerate(dataset.codebook.names)}
    if not columns.keys() & set(codebook.names):
        raise DataError(
            f"rows labelled with the codebook {dataset.codebook.name!r} have no label of {codebook.name!r}; "
            f"expected some of {', '.join(codebook.names[:5])}, ...: give labels that mean the same the same name"
        )
    labels = np.zeros((len(dataset), len(codebook)), dtype=bool)
    known = np.zeros_like(labels)
    for column, name in enumerate(codebook.names):
        if name in columns:
            labels[:, column] = dataset.labels[:, columns[name]]
            known[:, column] = True
    shared = known.any(axis=0)
    for column in np.flatnonzero(~shared).tolist():
        label, parents = codebook.labels[column], codebook.parents
        if label.parent in columns:
            known[:, column] = ~dataset.labels[:, columns[label.parent]]
        if label.parent is not None or not codebook.subtypes:
            siblings = shared & (parents == parents[column])
            known[:, column] |= labels[:, siblings].any(axis=1)
    labels = codebook.raised(labels)
    return labels, known | labels


def union(codebook: Codebook, other: Codebook) -> Codebook:
    """A codebook with the labels that the other has more, at its end.

    Raises:
        CodebookError: a label has another parent in the other codebook.
    """
    own = {label.name: label for label in codebook.labels}
    for label in other.labels:
        if label.name in own and own[label.name].parent != label.parent:
            raise CodebookError(
                f"label {label.name!r} is under {own[label.name].parent!r} in the codebook {codebook.name!r} and under "
                f"{label.parent!r} in {other.name!r}; give it one parent, or another name"
            )
    more = tuple(label for label in other.labels if label.name not in own)
    return Codebook(codebook.name, codebook.version, codebook.labels + more, codebook.exclusive)


def _numbered(groups: NDArray[np.str_], at: int) -> NDArray[np.str_]:
    """Groups of which those that stand for one row alone are told apart from those of the other datasets."""
    return np.array([f"{group} of {at}" if re.fullmatch(r"row \d+", group) else group for group in groups], np.str_)
