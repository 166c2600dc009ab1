"""How far F1 of two models' tags differs on the same sentences, and how sure that is.

Intervals of differences are a paired bootstrap: the same groups are drawn for both (Berg-Kirkpatrick, Burkett & Klein
2012, "An empirical investigation of statistical significance in NLP"). p is of approximate randomisation, which
exchanges the two models' tags; of labels it is corrected by Holm's procedure. See resampling.py for both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from g7classify import metrics
from g7classify.learn.judging import resampling
from g7classify.learn.judging.evaluation import Figure, Measured, known

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Difference(Measured):
    """One figure of both models.

    Attributes:
        name: of the label, or of the mean.
        labelled: decisions that are labelled so.
        first, second: F1; None where no row has the label.
        difference: second - first, with its 95 % interval.
        p: how often chance alone makes as great a difference, 0..1; None where there is no difference to speak of.
        corrected_p: of a label, for being one of many; None of a mean.
        first_right, second_right: decisions on which the models differ, by which of them is right.
    """

    name: str
    labelled: int
    first: float | None
    second: float | None
    difference: Figure
    p: float | None
    corrected_p: float | None
    first_right: int
    second_right: int


def differences(
    labels: Bools,
    first: Bools,
    second: Bools,
    groups: NDArray[np.int64],
    *,
    names: tuple[str, ...],
    levels: dict[str, NDArray[np.int64]],
    rounds: int,
    exchanges: int,
    seed: int,
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Of means over levels, and of each of m labels.

    Args:
        labels, first, second: (n, m): what is the case, and what two models tag.
        groups: (n,), of each sentence as 0, 1, ...
        names: of the m labels.
        levels: columns that have a mean, by name.
        rounds, exchanges, seed: see compare.
    """

    def figures(one: Floats, labelled: Floats) -> Floats:
        hits, tagged = np.split(one, 2, axis=-1)
        counts = metrics.Counts(hits, tagged, np.broadcast_to(labelled, hits.shape))
        means = [counts.select(level).means for level in levels.values()]
        return np.concatenate((*means, counts.f1), axis=-1)

    amounts = [np.hstack((labels & tags, tags)) for tags in (first, second)]
    labelled = labels.sum(axis=0, dtype=np.float64)
    before, after = (figures(part.sum(axis=0, dtype=np.float64), labelled) for part in amounts)
    width = 2 * len(names)
    drawn = resampling.resample(np.hstack((*amounts, labels)), groups, rounds=rounds, seed=seed)
    truth = drawn[:, 2 * width :]
    low, high = resampling.interval(figures(drawn[:, width : 2 * width], truth) - figures(drawn[:, :width], truth))
    swapped = resampling.exchanged(amounts[0], amounts[1], groups, rounds=exchanges, seed=seed)
    p = resampling.chance(after - before, figures(swapped[1], labelled) - figures(swapped[0], labelled))
    many = 2 * len(levels)
    corrected = np.append(np.full(many, np.nan), resampling.holm(p[many:]))
    titles = [f"{level} {mean} F1" for level in levels for mean in ("macro", "micro")]
    columns = [level for level in levels.values() for _ in range(2)] + [np.array([i]) for i in range(len(names))]
    right = [(labels == tags) & (first != second) for tags in (first, second)]
    found = tuple(
        Difference(
            name=name,
            labelled=int(labelled[mine].sum()),
            first=known(before[i]),
            second=known(after[i]),
            difference=Figure(value=known(after[i] - before[i]), low=known(low[i]), high=known(high[i])),
            p=known(p[i]),
            corrected_p=known(corrected[i]),
            first_right=int(right[0][:, mine].sum()),
            second_right=int(right[1][:, mine].sum()),
        )
        for i, (name, mine) in enumerate(zip((*titles, *names), columns, strict=True))
    )
    return found[:many], found[many:]
