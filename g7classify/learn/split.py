"""Folds in which nothing of a test row was seen in training: groups and near-duplicates stay together."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupKFold

from g7classify.errors import DataError
from g7classify.learn.data.duplicates import near_duplicates
from g7classify.learn.dataset import Dataset


def folds(dataset: Dataset, *, count: int, near_duplicate: float, seed: int) -> NDArray[np.int64]:
    """The fold (n,) of each row, 0..count-1, of nearly equal sizes.

    Rows of one group, and rows whose texts are near-duplicates, share a fold.

    Raises:
        DataError: fewer independent groups than folds.
    """
    components = families(dataset, near_duplicate=near_duplicate)
    if components.max(initial=-1) + 1 < count:
        raise DataError(
            f"{len(dataset)} rows in {components.max(initial=-1) + 1} independent groups cannot make {count} folds; "
            "add rows or lower `folds` in the recipe"
        )
    fold = np.zeros(len(dataset), dtype=np.int64)
    splitter = GroupKFold(count, shuffle=True, random_state=seed)
    for number, (_, test) in enumerate(splitter.split(fold, groups=components)):
        fold[test] = number
    return fold


def digest(dataset: Dataset, folds: NDArray[np.integer[Any]]) -> str:
    """sha256 of n rows' texts and labels, and of their folds (n,): equal only for the same rows parted in one way."""
    found = hashlib.sha256("\n".join(dataset.codebook.names).encode())
    for text, labels, fold in zip(dataset.texts, dataset.labels, folds.tolist(), strict=True):
        found.update(f"\0{text}\0{fold}\0".encode())
        found.update(np.packbits(labels).tobytes())
    return found.hexdigest()


def families(dataset: Dataset, *, near_duplicate: float) -> NDArray[np.int64]:
    """A number (n,) for each row, equal for rows that must not be parted."""
    n = len(dataset)
    _, first, group = np.unique(dataset.groups, return_index=True, return_inverse=True)
    left, right = near_duplicates(dataset.texts, similarity=near_duplicate)
    # int32, as SciPy before 1.12 finds no components of arrays with other indices.
    rows = np.concatenate((np.arange(n), left)).astype(np.int32)
    columns = np.concatenate((first[group], right)).astype(np.int32)
    graph = coo_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(n, n))
    _, family = connected_components(graph, directed=False)
    return np.asarray(family, dtype=np.int64)
