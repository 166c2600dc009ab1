"""How far two independent annotations of the same sentences agree: no system can be told to be better than that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score

from benchmarks.quality_rows import Mask
from g7classify import metrics
from g7classify.codebook import Codebook
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging import resampling
from g7classify.learn.judging.evaluating import Figure, known

PASSES = ("pass_a", "pass_b")


def passes(path: Path, codebook: Codebook) -> tuple[Mask, Mask] | None:
    """Both annotations (n, k) of the rows of a JSONL file, closed; None where a row has not both.

    Raises:
        UnknownLabelError: a label outside the codebook.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    if not all(name in row for row in rows for name in PASSES):
        return None
    first, second = (codebook.indicator([row[name] for row in rows]) for name in PASSES)
    return first, second


def agreement(dataset: Dataset, first: Mask, second: Mask) -> dict[str, Any]:
    """F1 of the second annotation against the first, over the labels that the first has, and Cohen's kappa (1960).

    Kappa, of each label, is None where neither has the label, or both have it everywhere: chance would agree too.
    """
    categories, subtypes = (
        np.flatnonzero(side) for side in (dataset.codebook.parents < 0, dataset.codebook.parents >= 0)
    )

    def figures(counts: metrics.Counts) -> metrics.Floats:
        above, under = counts.select(categories), counts.select(subtypes)
        return np.array([above.macro_f1, above.micro_f1, under.macro_f1, under.micro_f1])

    _, groups = np.unique(dataset.groups, return_inverse=True)
    low, high = resampling.bootstrap_counts(figures, first, [second], groups)
    values = figures(metrics.count(first, second))
    names = ("category_macro_f1", "category_micro_f1", "subtype_macro_f1", "subtype_micro_f1")
    kappas = {name: kappa(first[:, i], second[:, i]) for i, name in enumerate(dataset.codebook.names)}
    of_subtypes = [kappas[dataset.codebook.names[i]] for i in subtypes]
    return {
        "rows": len(first),
        **{
            name: Figure(value=known(value), low=known(a), high=known(b)).model_dump()
            for name, value, a, b in zip(names, values, low, high, strict=True)
        },
        "subtype_mean_kappa": known(float(np.mean([value for value in of_subtypes if value is not None] or [np.nan]))),
        "kappa": kappas,
    }


def kappa(first: Mask, second: Mask) -> float | None:
    """Cohen's kappa of one label (n,)."""
    if len(np.unique(np.concatenate((first, second)))) < 2:
        return None
    return known(float(cohen_kappa_score(first, second)))
