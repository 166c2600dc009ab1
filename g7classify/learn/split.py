"""Folds in which nothing of a test row was seen in training: groups and near-duplicates stay together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupKFold

from g7classify import features
from g7classify.errors import DataError
from g7classify.features import FeatureSpec
from g7classify.learn.dataset import Dataset

# 16 bands of 4: two texts of Jaccard similarity .7 meet in a band with probability .99, of .3 with .12.
BANDS, ROWS = 16, 4
SHINGLES = FeatureSpec(bits=22, pairs=True, characters=(5, 5), unspaced=(3, 4))


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
    rows = np.concatenate((np.arange(n), left))
    columns = np.concatenate((first[group], right))
    graph = coo_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(n, n))
    _, family = connected_components(graph, directed=False)
    return np.asarray(family, dtype=np.int64)


def near_duplicates(texts: Sequence[str], *, similarity: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of texts (left, right) whose estimated Jaccard similarity is at least `similarity`.

    Similarity is over words, word pairs and character n-grams. MinHash with banding (Broder 1997; Leskovec,
    Rajaraman & Ullman, Mining of Massive Datasets, chapter 3); in a crowded band each text is compared with the
    first alone, so that the work stays linear.
    """
    signature = minhash(texts)
    left: list[NDArray[np.int64]] = []
    right: list[NDArray[np.int64]] = []
    for band in range(BANDS):
        part = np.ascontiguousarray(signature[:, band * ROWS : (band + 1) * ROWS])
        _, first, same = np.unique(part, axis=0, return_index=True, return_inverse=True)
        other = first[same.reshape(-1)]
        alike = (signature == signature[other]).mean(axis=1)
        found = np.flatnonzero((alike >= similarity) & (other != np.arange(len(texts))))
        left.append(found)
        right.append(other[found])
    return np.concatenate(left), np.concatenate(right)


def minhash(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Signatures (n, BANDS * ROWS); texts without a feature get one of their own each."""
    buckets, offsets = features.buckets(texts, SHINGLES)
    signature = np.zeros((len(texts), BANDS * ROWS), dtype=np.uint32)
    signature[:] = np.arange(len(texts), dtype=np.uint32)[:, None]
    some = np.flatnonzero(np.diff(offsets))
    multipliers = np.random.default_rng(0).integers(1, 2**32, BANDS * ROWS, dtype=np.uint64) | 1
    for column, multiplier in enumerate(multipliers):
        mixed = ((buckets.astype(np.uint64) + np.uint64(1)) * multiplier * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(
            32
        )
        if len(some):
            signature[some, column] = np.minimum.reduceat(mixed.astype(np.uint32), offsets[some])
    return signature
