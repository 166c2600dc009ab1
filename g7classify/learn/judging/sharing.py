"""Labels that models and labelled rows share, which is all that models can be judged on, and the others.

One rule for evaluations and comparisons: a label is judged that all of them have, under the same category; of each
other one it is told why it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from g7classify.codebook import Codebook
from g7classify.errors import CodebookError, DataError
from g7classify.learn.dataset import Dataset


def shared(models: Mapping[str, Codebook], labelled: Codebook) -> tuple[tuple[str, ...], dict[str, str]]:
    """The labels that models and rows have under the same category, in the first model's order, and why not the others.

    Args:
        models: by what the reasons call them.
        labelled: of the rows.
    """
    why: dict[str, str] = {}
    books = [*models.values(), labelled]
    for name in dict.fromkeys(name for book in books for name in book.names):
        known = [who for who, book in models.items() if name in book.names]
        if not known:
            why[name] = "the rows' alone"
        elif len(known) < len(models):
            why[name] = f"{' and '.join(known)}'s alone"
        elif name not in labelled.names:
            why[name] = "not among the labels of the rows"
        elif len({book.parent(name) for book in books}) > 1:
            why[name] = "under another category in one of the codebooks"
    return tuple(name for name in books[0].names if name not in why), why


def limited(dataset: Dataset, codebook: Codebook) -> tuple[Dataset, dict[str, str]]:
    """The rows with the labels that a model's codebook shares with theirs, and why the others are left out.

    Raises:
        DataError: no label is shared.
    """
    if codebook.names == dataset.codebook.names:
        return dataset, {}
    names, why = shared({"the model": codebook}, dataset.codebook)
    if not names:
        raise DataError(
            f"the rows are labelled with the codebook {dataset.codebook.name!r}, which shares no label with the "
            f"model's, {codebook.name!r}: expected some of {', '.join(codebook.names[:5])}, ..."
        )
    labels = (codebook.labels[codebook.index(name)] for name in names)
    apart = tuple(label if label.parent in names else replace(label, parent=None) for label in labels)
    columns = [dataset.codebook.index(name) for name in names]
    smaller = Codebook(codebook.name, codebook.version, apart, codebook.exclusive)
    return replace(dataset, codebook=smaller, labels=np.ascontiguousarray(dataset.labels[:, columns])), why


def joined(first: Codebook, second: Codebook) -> Codebook:
    """A codebook of the labels of two, to read rows with; those of both are as in the first.

    Other than joining.union, to learn with, where a label has one meaning and thus one category.

    Raises:
        DataError: what is a sub-type in the first has sub-types in the second.
    """
    if first.names == second.names:
        return first
    more = tuple(label for label in second.labels if label.name not in first.names)
    try:
        return Codebook(first.name, first.version, (*first.labels, *more))
    except CodebookError as error:
        raise DataError(f"the codebooks {first.name!r} and {second.name!r} contradict each other: {error}") from error
