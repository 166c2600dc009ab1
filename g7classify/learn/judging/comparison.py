"""Two models on the same labelled sentences: where one is better than the other, and on which sentences they differ.

How sure that is: see differences.py.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify import decision
from g7classify.errors import DataError
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging import resampling
from g7classify.learn.judging.differences import Difference, differences
from g7classify.learn.judging.evaluation import Measured
from g7classify.learn.judging.sharing import shared
from g7classify.tagger import Tagger

Bools = NDArray[np.bool_]

EXCHANGES: Final = 9999  # of randomisation: p is then 0.0001 at least, and 0.0038 as one of 38 labels
DISAGREEMENTS: Final = 20


class Disagreement(Measured):
    """A sentence that the models tag differently.

    Attributes:
        id: of the row.
        labels: of the row, of those that the models share.
        first_only, second_only: what one of the models alone tags.
        label: on which their probabilities differ most, of those that they tag differently.
        first_probability, second_probability: of that label, 0..1.
        second_right: whether the second is right about it, else the first is.
    """

    id: str
    text: str
    labels: tuple[str, ...]
    first_only: tuple[str, ...]
    second_only: tuple[str, ...]
    label: str
    first_probability: float
    second_probability: float
    second_right: bool


class Comparison(Measured):
    """What tells two models apart on some rows, over the labels that both have.

    Attributes:
        first, second: the models, name and version.
        rows: sentences.
        groups: independent groups of sentences.
        means: macro and micro F1, of categories and sub-types where there are any.
        labels: each shared label, in the first model's order.
        first_right, second_right: sentences of whose labels one model alone gets every one right.
        left_out: labels that are not compared, and why.
        disagreements: the sentences on which the models differ most, most first.
    """

    first: str
    second: str
    rows: int
    groups: int
    means: tuple[Difference, ...]
    labels: tuple[Difference, ...]
    first_right: int
    second_right: int
    left_out: dict[str, str]
    disagreements: tuple[Disagreement, ...]


def compare(
    first: Tagger,
    second: Tagger,
    dataset: Dataset,
    *,
    rounds: int = resampling.ROUNDS,
    exchanges: int = EXCHANGES,
    seed: int = 0,
    most_disagreements: int = DISAGREEMENTS,
) -> Comparison:
    """Tag the sentences of a dataset with two models and compare both with its labels.

    Labels are compared that both models and the dataset have, under the same category; `left_out` tells of the others.
    The result holds sentences; give `most_disagreements=0` where they must not get about.

    Args:
        first, second: any two, at their own thresholds.
        dataset: n labelled sentences; see sharing.joined for a codebook that has the labels of both models.
        rounds: bootstrap resamplings behind the intervals.
        exchanges: of the models' tags, behind p.
        seed: of both.
        most_disagreements: how many sentences are told.

    Raises:
        DataError: no label is shared, or there is no row.
    """
    if not len(dataset):
        raise DataError("no row to compare models on; give labelled rows")
    names, left_out = shared({"the first model": first.codebook, "the second model": second.codebook}, dataset.codebook)
    if not names:
        raise DataError(
            f"{first.id} and {second.id} share no label that the rows are labelled with; "
            f"compare models of one codebook, got {first.codebook.name!r} and {second.codebook.name!r}"
        )
    labels = dataset.labels[:, [dataset.codebook.index(name) for name in names]]
    both = []
    for tagger in (first, second):
        columns = [tagger.codebook.index(name) for name in names]
        probabilities = tagger.predict_proba(dataset.texts)
        both.append(
            (decision.decide(probabilities, tagger.thresholds, tagger.codebook)[:, columns], probabilities[:, columns])
        )
    (one, first_probabilities), (other, second_probabilities) = both
    groups = np.unique(dataset.groups, return_inverse=True)[1]
    is_category = np.array([first.codebook.parent(name) is None for name in names])
    levels = {"category": np.flatnonzero(is_category), "sub-type": np.flatnonzero(~is_category)}
    means, by_label = differences(
        labels,
        one,
        other,
        groups,
        names=names,
        levels={name: level for name, level in levels.items() if len(level)},
        rounds=rounds,
        exchanges=exchanges,
        seed=seed,
    )
    first_wrong, second_wrong = ((labels != tags).any(axis=1) for tags in (one, other))
    return Comparison(
        first=str(first.id),
        second=str(second.id),
        rows=len(dataset),
        groups=len(np.unique(groups)),
        means=means,
        labels=by_label,
        first_right=int((second_wrong & ~first_wrong).sum()),
        second_right=int((first_wrong & ~second_wrong).sum()),
        left_out=left_out,
        disagreements=disagreements(
            dataset, names, labels, (one, other), (first_probabilities, second_probabilities), count=most_disagreements
        ),
    )


def disagreements(
    dataset: Dataset,
    names: tuple[str, ...],
    labels: Bools,
    tags: tuple[Bools, Bools],
    probabilities: tuple[NDArray[np.float32], NDArray[np.float32]],
    *,
    count: int,
) -> tuple[Disagreement, ...]:
    """The sentences with the greatest distance of probabilities of a label (of m) that one model alone tags."""
    differ = tags[0] != tags[1]
    distance = np.where(differ, np.abs(probabilities[0] - probabilities[1]), -1)
    rows = np.flatnonzero(differ.any(axis=1))
    rows = rows[np.argsort(-distance[rows].max(axis=1), kind="stable")][:count]

    def named(mask: Bools) -> tuple[str, ...]:
        return tuple(names[i] for i in np.flatnonzero(mask))

    found = []
    for row in rows.tolist():
        column = int(distance[row].argmax())
        found.append(
            Disagreement(
                id=dataset.ids[row],
                text=dataset.texts[row],
                labels=named(labels[row]),
                first_only=named(tags[0][row] & differ[row]),
                second_only=named(tags[1][row] & differ[row]),
                label=names[column],
                first_probability=round(float(probabilities[0][row, column]), 4),
                second_probability=round(float(probabilities[1][row, column]), 4),
                second_right=bool(tags[1][row, column] == labels[row, column]),
            )
        )
    return tuple(found)
