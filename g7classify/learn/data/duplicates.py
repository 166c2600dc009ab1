"""Texts that are the same, or almost, found among any number of them in time that grows with their number alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from g7classify import features
from g7classify.features import FeatureSpec

# 16 bands of 4: two texts of Jaccard similarity .7 meet in a band with probability .99, of .3 with .12.
BANDS, ROWS = 16, 4
SHINGLES = FeatureSpec(bits=22, pairs=True, characters=(5, 5), unspaced=(3, 4))


def same_texts(texts: Sequence[str]) -> Iterator[list[int]]:
    """The places of each text that stands at several, whatever white space it has."""
    by_text: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        by_text[" ".join(text.split())].append(place)
    return (places for places in by_text.values() if len(places) > 1)


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
