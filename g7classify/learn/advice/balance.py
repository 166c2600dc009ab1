"""How much there is of each label, and how much of it is independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from g7classify.learn import split
from g7classify.learn.dataset import Dataset

# Independent sentences. When 200 to 3,000 of the seeds were learned from, sub-types of 15 to 19 sentences had a
# cross-validated F1 of .13 in the mean, and .1 at most in half of the cases; those of 20 to 29 had .25, and .1 seldom.
THIN: Final = 20


@dataclass(frozen=True, slots=True)
class Balance:
    """How much there is of a label.

    Attributes:
        label: its name.
        rows: that have it.
        effective: how many independent rows they are worth, as those of one group or near-duplicates tell less: Kish's
            effective size (1965, "Survey sampling"), (sum of n)^2 / sum of n^2 over families of n such rows.
        languages: language -> rows.
        thin: whether `effective` is below THIN.
    """

    label: str
    rows: int
    effective: float
    languages: dict[str, int]
    thin: bool


def of(dataset: Dataset, *, near_duplicate: float) -> list[Balance]:
    """The balance of every label, in column order; texts of that Jaccard similarity are near-duplicates."""
    families = split.families(dataset, near_duplicate=near_duplicate)
    languages = [str(language) for language in np.unique(dataset.languages) if language]
    found = []
    for name, column in zip(dataset.codebook.names, dataset.labels.T, strict=True):
        rows = int(column.sum())
        sizes = np.unique(families[column], return_counts=True)[1]
        effective = round(rows**2 / int((sizes**2).sum()), 1) if rows else 0.0
        of_language = {language: int((column & (dataset.languages == language)).sum()) for language in languages}
        found.append(Balance(name, rows, effective, of_language, effective < THIN))
    return found
