"""What else could choose the sentences to escalate, compared under the rule of `mixing.figures`.

A criterion tells of each sentence how much asking the deep model promises. All but the random one know the table's
calibrated probabilities p (n, k) and its thresholds t (k,), and look at the sub-types alone::

    random              nothing
    entropy             sum of -p log p - (1 - p) log(1 - p)
    margin              -least |logit p - logit t|
    closeness           sum of exp(-|logit p - logit t|)
    closeness, rarity   the same, each label divided by how many sentences have it: what is shipped
    learned, rarity     how often the table errs and the sum of both does not at such a distance, on the other folds
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify import decision
from training.deep.mixing import Criterion, Fitted, Judged, shipped_gains

EDGES: Final = np.linspace(-8.0, 8.0, 33)  # of bins of the signed distance, in logits
PRIOR: Final = 20.0  # labels of sentences without an error, added to each bin
BALANCED: Final = decision.row("balanced")

Gains = NDArray[np.float32]


def random(_fitted: Fitted, _rest: Judged, rows: Judged) -> Gains:
    """Every choice alike."""
    return np.random.default_rng(len(rows.folds)).random(len(rows.folds), dtype=np.float32)


def entropy(fitted: Fitted, _rest: Judged, rows: Judged) -> Gains:
    """Of the table's probabilities."""
    p = np.clip(probabilities(fitted, rows)[:, subtypes(rows)], 1e-7, 1 - 1e-7)
    found: Gains = -(p * np.log(p) + (1 - p) * np.log1p(-p)).sum(axis=1)
    return found


def margin(fitted: Fitted, _rest: Judged, rows: Judged) -> Gains:
    """The nearest threshold."""
    found: Gains = -np.abs(distances(fitted, rows)[:, subtypes(rows)]).min(axis=1)
    return found


def closeness(fitted: Fitted, _rest: Judged, rows: Judged) -> Gains:
    """To all thresholds, every label weighing the same."""
    found: Gains = np.exp(-np.abs(distances(fitted, rows)[:, subtypes(rows)])).sum(axis=1)
    return found


def learned(fitted: Fitted, rest: Judged, rows: Judged) -> Gains:
    """Errors of the table that the sum of both does not make, by distance, as they were on the fitted rows."""
    chosen = subtypes(rows)
    labels, codebook = rest.dataset.labels, rest.dataset.codebook
    alone, both = (
        decision.decide(fitted.mixed(rest, np.full(len(labels), asked)), cuts.thresholds[BALANCED], codebook) != labels
        for asked, cuts in ((False, fitted.table), (True, fitted.fused))
    )
    mended = (alone.astype(np.float64) - both)[:, chosen]
    bins = np.digitize(distances(fitted, rest)[:, chosen], EDGES)
    sums = np.bincount(bins.ravel(), weights=mended.ravel(), minlength=len(EDGES) + 1)
    counts = np.bincount(bins.ravel(), minlength=len(EDGES) + 1)
    rates = np.maximum(sums / (counts + PRIOR), 0)
    asked_bins = np.digitize(distances(fitted, rows)[:, chosen], EDGES)
    found: Gains = (rates[asked_bins] @ fitted.importance[chosen]).astype(np.float32)
    return found


CRITERIA: Final[dict[str, Criterion]] = {
    "random": random,
    "entropy": entropy,
    "margin": margin,
    "closeness": closeness,
    "closeness, rarity": shipped_gains,
    "learned, rarity": learned,
}


def subtypes(rows: Judged) -> NDArray[np.int64]:
    """The columns of the sub-types."""
    return np.flatnonzero(rows.dataset.codebook.parents >= 0)


def probabilities(fitted: Fitted, rows: Judged) -> NDArray[np.float32]:
    """The table's, (m, k)."""
    return fitted.table.probabilities(rows.table, rows.dataset.codebook)


def distances(fitted: Fitted, rows: Judged) -> NDArray[np.float32]:
    """From the thresholds, (m, k), in logits, positive above."""
    found: NDArray[np.float32] = decision.logit(probabilities(fitted, rows)) - decision.logit(
        fitted.table.thresholds[BALANCED]
    )
    return found
