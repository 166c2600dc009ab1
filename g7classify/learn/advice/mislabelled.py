"""Likely label errors, by confident learning: which given labels a model that did not see the row finds improbable.

Northcutt, Jiang & Chuang 2021, "Confident learning: estimating uncertainty in dataset labels", one label against the
rest, by the library cleanlab.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.codebook import Codebook
from g7classify.learn.advice.suggesting import lowest
from g7classify.learn.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Change:
    """A label that is likely to be wrongly given, or wrongly absent.

    Attributes:
        label: its name.
        given: whether the row has it.
        probability: 0..1, calibrated, that it holds, by a model that did not see the row.
    """

    label: str
    given: bool
    probability: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row with a likely label error.

    Attributes:
        row: its place in the dataset, from 0.
        id, text: of the row.
        labels: as given, without the categories that they imply.
        suggested: what they would be with every change made.
        changes: the likeliest first.
        quality: 0..1, how probable the least probable of its labels or absences is.
    """

    row: int
    id: str
    text: str
    labels: tuple[str, ...]
    suggested: tuple[str, ...]
    changes: tuple[Change, ...]
    quality: float


def check_installed() -> None:
    """Raise MissingExtraError unless cleanlab is installed."""
    with extras.needed("audit", by="auditing"):
        import cleanlab.multilabel_classification.filter  # noqa: F401


def find(
    labels: NDArray[np.bool_], probabilities: NDArray[np.float32], codebook: Codebook, *, doubtful: float
) -> NDArray[np.bool_]:
    """Which of the labels given, or not given, are likely errors: (n, k).

    Confident learning alone takes the model's own mistakes for noise too: where a model reaches a sub-type macro-F1 of
    .63 it pointed at half of the rows. So what is given must be improbable as well. Only labels without sub-types are
    looked at; categories follow them.

    Args:
        labels: (n, k), closed.
        probabilities: (n, k), calibrated, each row's by a model that did not see it.
        codebook: the k labels.
        doubtful: 0..1, the most probable that a label given, or its absence, may be to be pointed at.

    Raises:
        MissingExtraError: cleanlab is not installed.
    """
    check_installed()
    from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class

    found = np.zeros(labels.shape, dtype=bool)
    # cleanlab estimates noise from rows with and without a label.
    columns = np.flatnonzero(lowest(codebook) & labels.any(axis=0) & ~labels.all(axis=0))
    chosen = labels[:, columns]
    if chosen.size:
        given = [np.flatnonzero(row).tolist() for row in chosen]
        found[:, columns] = find_multilabel_issues_per_class(
            given,
            probabilities[:, columns].astype(np.float64),
            filter_by="both",
            min_examples_per_class=0,  # rather than a warning for each label of one row
            n_jobs=1,
        )
    return found & (quality(labels, probabilities) <= doubtful)


def quality(labels: NDArray[np.bool_], probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """How probable it is (n, k), 0..1, that each label is rightly given or rightly absent."""
    probable: NDArray[np.float32] = np.where(labels, probabilities, 1 - probabilities)
    return probable


def without(labels: NDArray[np.bool_], wrong: NDArray[np.bool_], codebook: Codebook) -> NDArray[np.bool_]:
    """Labels (n, k), closed, of which the wrong (n, k) are turned around.

    A category goes with the last of its sub-types that is taken away.
    """
    turned = labels ^ wrong
    under = np.flatnonzero(codebook.parents >= 0)
    for category in np.unique(codebook.parents[under]):
        kinds = np.flatnonzero(codebook.parents == category)
        turned[:, category] &= ~(labels[:, kinds].any(axis=1) & ~turned[:, kinds].any(axis=1))
    return codebook.raised(turned)


def suspects(dataset: Dataset, probabilities: NDArray[np.float32], wrong: NDArray[np.bool_]) -> list[Suspect]:
    """The rows with a likely error, the likeliest first.

    Args:
        dataset: n rows.
        probabilities: (n, k), see `find`.
        wrong: (n, k), what `find` found.
    """
    codebook = dataset.codebook
    qualities = quality(dataset.labels, probabilities)
    suggested = without(dataset.labels, wrong, codebook)
    found = []
    for row in np.flatnonzero(wrong.any(axis=1)).tolist():
        columns = np.flatnonzero(wrong[row])
        columns = columns[np.argsort(qualities[row, columns], kind="stable")]
        changes = tuple(
            Change(
                codebook.names[column], bool(dataset.labels[row, column]), round(float(probabilities[row, column]), 4)
            )
            for column in columns.tolist()
        )
        found.append(
            Suspect(
                row,
                dataset.ids[row],
                dataset.texts[row],
                named(dataset.labels[row], codebook),
                named(suggested[row], codebook),
                changes,
                round(float(qualities[row, columns[0]]), 6),
            )
        )
    return sorted(found, key=lambda suspect: suspect.quality)


def named(labels: NDArray[np.bool_], codebook: Codebook) -> tuple[str, ...]:
    """The names of one row's labels (k,), without the categories that they imply."""
    implied = {int(parent) for parent in codebook.parents[labels]}
    return tuple(codebook.names[column] for column in np.flatnonzero(labels).tolist() if column not in implied)
