"""How far one system leads another on the same sentences, with paired bootstrap intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_rows import Mask
from g7classify import metrics
from g7classify.codebook import Codebook
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging import resampling
from g7classify.learn.judging.evaluating import Figure, known

Lead = dict[str, dict[str, float | None]]
"""subtype_macro_f1 and subtype_micro_f1, each as value, low and high."""


def judged_columns(codebook: Codebook) -> NDArray[np.intp]:
    """The sub-types, or all labels where there are none."""
    return np.flatnonzero(codebook.parents >= 0) if codebook.subtypes else np.arange(len(codebook))


def lead(dataset: Dataset, ours: Mask, theirs: Mask) -> Lead:
    """F1 of our tags (n, k) minus that of theirs, with 95 % intervals: whole groups are drawn, for both alike."""
    columns = judged_columns(dataset.codebook)

    def difference(first: metrics.Counts, second: metrics.Counts) -> metrics.Floats:
        one, other = first.select(columns), second.select(columns)
        return np.array([one.macro_f1 - other.macro_f1, one.micro_f1 - other.micro_f1])

    _, groups = np.unique(dataset.groups, return_inverse=True)
    low, high = resampling.bootstrap_counts(difference, dataset.labels, [ours, theirs], groups)
    values = difference(metrics.count(dataset.labels, ours), metrics.count(dataset.labels, theirs))
    return {
        name: Figure(value=known(value), low=known(a), high=known(b)).model_dump()
        for name, value, a, b in zip(("subtype_macro_f1", "subtype_micro_f1"), values, low, high, strict=True)
    }
