"""Texts that say the same: within a dataset, and in two datasets that should have nothing in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from g7classify.learn.advice.mislabelled import named
from g7classify.learn.data.duplicates import near_duplicates
from g7classify.learn.dataset import Dataset

NO_GROUP = re.compile(r"row \d+")  # what Dataset calls the group of a row that was given none


@dataclass(frozen=True, slots=True)
class Repeat:
    """Rows whose texts are the same or near-duplicates.

    Attributes:
        rows, ids: two or more.
        exact: whether they differ in case and white space at most.
        disputed: labels that some of them have and others have not.
        suggested: the labels of the majority; of a draw, what the model tags.
    """

    rows: tuple[int, ...]
    ids: tuple[str, ...]
    exact: bool
    disputed: tuple[str, ...]
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """A text of the other dataset that this one has too; `exact` as in Repeat."""

    row: int
    id: str
    other_row: int
    other_id: str
    exact: bool


def clusters(texts: Sequence[str], *, similarity: float) -> list[NDArray[np.int64]]:
    """Rows of texts that are near-duplicates of each other, straight or by others between them: two or more each."""
    n = len(texts)
    left, right = near_duplicates(texts, similarity=similarity)
    # int32, as SciPy before 1.12 finds no components of arrays with other indices.
    ends = left.astype(np.int32), right.astype(np.int32)
    graph = coo_array((np.ones(len(left), dtype=bool), ends), shape=(n, n))
    _, cluster = connected_components(graph, directed=False)
    order = np.argsort(cluster, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1)
    return sorted((part for part in parts if len(part) > 1), key=lambda part: int(part[0]))


def plain(text: str) -> str:
    """The text without what makes no difference between two: case, and how much white space there is."""
    return " ".join(text.casefold().split())


def within(dataset: Dataset, tags: NDArray[np.bool_], *, similarity: float) -> list[Repeat]:
    """The repeats of a dataset, those with disputed labels first; tags (n, k) settle draws."""
    codebook = dataset.codebook
    found = []
    for rows in clusters(dataset.texts, similarity=similarity):
        given = dataset.labels[rows]
        disputed: NDArray[np.bool_] = np.logical_and(given.any(axis=0), ~given.all(axis=0))
        # Twice a share above or below 1 is a majority; a draw goes to what the model tags oftener.
        twice = 2 * given.mean(axis=0)
        settled = np.where(twice == 1, 2 * tags[rows].mean(axis=0) >= 1, twice > 1)
        found.append(
            Repeat(
                rows=tuple(rows.tolist()),
                ids=tuple(dataset.ids[row] for row in rows),
                exact=len({plain(dataset.texts[row]) for row in rows}) == 1,
                disputed=named(disputed, codebook),
                suggested=named(codebook.raised(settled[None])[0], codebook),
            )
        )
    return sorted(found, key=lambda repeat: not repeat.disputed)


def across(left: Dataset, right: Dataset, *, similarity: float) -> list[Leak]:
    """A leak for each row of `right` whose text is in `left` too, if possible with a row of the very same text."""
    found = []
    plains = [plain(text) for text in (*left.texts, *right.texts)]
    for cluster in clusters([*left.texts, *right.texts], similarity=similarity):
        mine = cluster[cluster < len(left)].tolist()
        first = {plains[row]: row for row in reversed(mine)}
        for row in cluster[cluster >= len(left)].tolist() if mine else []:
            same, other = first.get(plains[row], mine[0]), row - len(left)
            found.append(Leak(same, left.ids[same], other, right.ids[other], plains[same] == plains[row]))
    return sorted(found, key=lambda leak: leak.other_row)


def shared_groups(left: Dataset, right: Dataset) -> list[str]:
    """Groups that were given, and lie in both."""
    both = set(left.groups.tolist()) & set(right.groups.tolist())
    return sorted(group for group in both if not NO_GROUP.fullmatch(group))
