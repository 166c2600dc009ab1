"""What probabilities are worth: how often they hold, and what is gained by abstaining where they are unsure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_rows import Judged
from g7classify import metrics
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import known

BINS = 15  # as in metrics.calibration_error
COVERAGES = np.arange(1, 21) / 20
SUBTYPES = "sub-types"


def reliability(dataset: Dataset, judged: Judged) -> dict[str, Any]:
    """Of each category, and of all sub-types in one pot: mean probability and frequency in bins, and the ECE.

    The expected calibration error of the sub-types is the mean of theirs.
    """
    errors = metrics.calibration_error(dataset.labels, judged.probabilities, bins=BINS)
    parents = dataset.codebook.parents
    found = {}
    for name, columns in [
        *((dataset.codebook.names[i], np.array([i])) for i in np.flatnonzero(parents < 0)),
        (SUBTYPES, np.flatnonzero(parents >= 0)),
    ]:
        probabilities = judged.probabilities[:, columns].ravel().astype(np.float64)
        which = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
        counts = np.bincount(which, minlength=BINS)
        some = counts > 0
        sums = (
            np.bincount(which, values, BINS)[some] for values in (probabilities, dataset.labels[:, columns].ravel())
        )
        means, frequencies = (np.round(total / counts[some], 4).tolist() for total in sums)
        found[name] = {
            "calibration_error": round(float(errors[columns].mean()), 4),
            "decisions": counts[some].tolist(),
            "probability": means,
            "frequency": frequencies,
        }
    return found


def coverage_risk(dataset: Dataset, judged: Judged) -> dict[str, Any]:
    """Risk when the least certain sentences, or the least certain decisions about sub-types, are left to a reader.

    A decision is as certain as its probability says; a sentence as if its decisions were independent, and it is wrong
    if any of them is. With the decisions goes the micro-F1 of those kept. Area under the curve: Geifman & El-Yaniv
    2017, "Selective classification for deep neural networks".
    """
    chances = np.where(judged.tags, judged.probabilities, 1 - judged.probabilities).astype(np.float64)
    wrong = dataset.labels != judged.tags
    subtypes = dataset.codebook.parents >= 0
    certainty = chances[:, subtypes].ravel()
    decisions = curve(wrong[:, subtypes].ravel(), certainty)
    order = np.argsort(-certainty, kind="stable")
    labels, tags = (part[:, subtypes].ravel()[order, None] for part in (dataset.labels, judged.tags))
    kept = [max(1, round(coverage * len(order))) for coverage in COVERAGES]
    decisions["subtype_micro_f1"] = [known(metrics.count(labels[:most], tags[:most]).micro_f1) for most in kept]
    return {
        "sentences": curve(wrong.any(axis=1), np.log(np.maximum(chances, 1e-9)).sum(axis=1)),
        "decisions": decisions,
    }


def curve(wrong: NDArray[np.bool_], certainty: NDArray[np.float64]) -> dict[str, Any]:
    """Share of mistakes (n,) among the most certain, at each coverage; the area under it, and the least there could be.

    Among equally certain ones every order is as likely: each counts as their mean.
    """
    _, same, many = np.unique(-certainty, return_inverse=True, return_counts=True)
    expected = np.repeat(np.bincount(same, wrong) / many, many)  # in falling order of certainty
    kept = np.arange(1, len(wrong) + 1)
    risks = np.cumsum(expected) / kept
    least = np.cumsum(np.sort(wrong)) / kept
    return {
        "coverage": COVERAGES.tolist(),
        "risk": [round(float(risks[max(1, round(c * len(risks))) - 1]), 4) for c in COVERAGES],
        "area": round(float(risks.mean()), 4),
        "least_area": round(float(least.mean()), 4),
    }
