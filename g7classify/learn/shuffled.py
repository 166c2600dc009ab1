"""Whether the labels of new rows have anything to do with their sentences.

A column that was sorted alone, or labels pasted a row too low, make rows that look sound. A model that learned from
other such rows then ranks them no better than chance, label by label (Mann & Whitney 1947), and needs no other file to
find that out.

Of 400 rows for two new labels none of 36 labels was untold; 1, 8, 26 and 36 were with the labels of 30, 50, 70 and
100 % of the rows shuffled. Of 100 of the rows, drawn three times, 0 to 3 of 17 to 20 were untold, and of 40 rows 0 to 3
of 9 or 10; all shuffled, 16 to 20, and each.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from g7classify.errors import DataError

Bools = NDArray[np.bool_]

ENOUGH: Final = 5  # rows with a label, and without it, from which a ranking is more than an accident
# The same of a label that was learned from these rows alone: of few, a sound one ranks badly too. Of sound updates with
# 6 to 10 rows a label 17 of 18 would be refused, with 12 rows 7 of 10, with 15 one, with 20 two, with 30 none.
ENOUGH_NEW: Final = 30
CHANCE: Final = 0.01  # how probable it may be that a label is ranked so well by chance
TOLERATED: Final = 0.5  # share of the labels that need not be told; see `refuse`


def untold(scores: NDArray[np.float64], labels: Bools, known: Bools, *, old: int) -> tuple[list[int], list[int]]:
    """Of k labels, the columns that n rows let look at, and those of them that are told no better than by chance.

    Args:
        scores: (n, k), by models that did not learn from these rows.
        labels: (n, k)
        known: which labels are known of each row (n, k).
        old: how many labels, the first ones, were learned from other rows before.
    """
    looked, found = [], []
    for column in range(labels.shape[1]):
        own, holds = scores[known[:, column], column], labels[known[:, column], column]
        if min(holds.sum(), (~holds).sum()) < (ENOUGH if column < old else ENOUGH_NEW):
            continue
        looked.append(column)
        if mannwhitneyu(own[holds], own[~holds], alternative="greater").pvalue >= CHANCE:
            found.append(column)
    return looked, found


def refuse(scores: NDArray[np.float64], labels: Bools, known: Bools, names: tuple[str, ...], *, old: int) -> None:
    """Raise DataError where most labels of the new rows are told no better than by chance; see `untold`."""
    looked, found = untold(scores, labels, known, old=old)
    if len(found) <= TOLERATED * len(looked):
        return
    named = ", ".join(names[column] for column in found[:5]) + (", ..." if len(found) > 5 else "")
    raise DataError(
        f"{len(found)} of the {len(looked)} labels that could be looked at are told no better than by chance on the "
        f"new rows, by models that learned from the others of them ({named}): see whether each label stands beside its "
        "own sentence, or force the update"
    )
