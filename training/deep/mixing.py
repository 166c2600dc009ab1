"""How a table and a deep model are mixed, and what F1 the mixture has at each budget, cross-validated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from g7classify import cascade, decision
from g7classify.learn import calibrate
from g7classify.learn.calibrate import Decisions
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import chief_f1
from g7classify.learn.recipe import Recipe

WEIGHT: Final = (
    0.3  # of the table's score; on these very rows .5 and .7 gave .002 less in sub-type macro-F1, 0 gave .007
)
RARE: Final = 50.0  # labelled sentences added to every label's, so that none weighs without bounds in the gain


class Judged(NamedTuple):
    """Scores of both models of n rows that neither saw, (n, k), the rows and their folds (n,)."""

    table: NDArray[np.float64]
    deep: NDArray[np.float64]
    dataset: Dataset
    folds: NDArray[np.int64]

    def select(self, rows: NDArray[np.bool_]) -> Judged:
        """Some of the rows."""
        return Judged(self.table[rows], self.deep[rows], self.dataset.select(rows), self.folds[rows])


class Fitted(NamedTuple):
    """What was fitted on some rows: decisions of the table, of the sum of both, and what labels weigh in the gain."""

    table: Decisions
    fused: Decisions
    importance: NDArray[np.float32]

    @property
    def told(self) -> NDArray[np.bool_]:
        """Labels (k,) that scores tell something of."""
        told: NDArray[np.bool_] = (self.table.slope > calibrate.FLAT) & (self.fused.slope > calibrate.FLAT)
        return told

    def gains(self, judged: Judged) -> NDArray[np.float32]:
        """Of rows (n,)."""
        probabilities = self.table.probabilities(judged.table, judged.dataset.codebook)
        return cascade.gain(probabilities, self.table.thresholds[decision.row("balanced")], self.importance)

    def mixed(self, judged: Judged, escalated: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Probabilities (n, k), of those rows (n,) that are escalated from the sum of both scores."""
        codebook = judged.dataset.codebook
        fused = self.fused.probabilities(judged.deep + WEIGHT * judged.table, codebook)
        return np.where(escalated[:, None], fused, self.table.probabilities(judged.table, codebook))


Criterion = Callable[[Fitted, Judged, Judged], NDArray[np.float32]]
"""Gains (m,) of the last rows, by what was fitted on the rows before."""


def fit(judged: Judged, recipe: Recipe) -> Fitted:
    """Decisions of both, and the importance of labels: sub-types alone, one over how many sentences have them."""
    labels, parents = judged.dataset.labels, judged.dataset.codebook.parents
    importance = np.where(parents >= 0, 1 / (labels.sum(axis=0) + RARE), 0).astype(np.float32)
    return Fitted(
        calibrate.fit(judged.table, judged.dataset, recipe),
        calibrate.fit(judged.deep + WEIGHT * judged.table, judged.dataset, recipe),
        importance,
    )


def chosen(gains: NDArray[np.float32], budget: float) -> tuple[NDArray[np.bool_], float]:
    """The share of sentences (n,) of most gain, and the gain to be chosen: 0 for all, infinite for none."""
    count = round(budget * len(gains))
    order = np.argsort(-gains, kind="stable")
    rows = np.zeros(len(gains), dtype=bool)
    rows[order[:count]] = True
    return rows, float(gains[order[count - 1]]) if 0 < count < len(gains) else 0.0 if count else float("inf")


def shipped_gains(fitted: Fitted, _rest: Judged, rows: Judged) -> NDArray[np.float32]:
    """What chooses in the cascade that is shipped; the other criteria are compared with it in criteria.py."""
    return fitted.gains(rows)


def figures(
    judged: Judged, recipe: Recipe, budgets: Sequence[float], *, criterion: Criterion = shipped_gains
) -> list[dict[str, float | None]]:
    """F1 at each budget, each fold by what was fitted on the other folds."""
    labels, codebook = judged.dataset.labels, judged.dataset.codebook
    asked = {budget: np.zeros(len(labels), dtype=bool) for budget in budgets}
    tags = {budget: np.zeros(labels.shape, dtype=bool) for budget in budgets}
    for fold in np.unique(judged.folds):
        inside = judged.folds == fold
        rest, own = judged.select(~inside), judged.select(inside)
        fitted = fit(rest, recipe)
        gains, least = (criterion(fitted, rest, rows) for rows in (own, rest))
        for budget in budgets:
            learned, cutoff = chosen(least, budget)
            cuts, _ = calibrate.fit_cuts(fitted.mixed(rest, learned), rest.dataset, recipe, told=fitted.told)
            escalated = gains >= cutoff
            asked[budget][inside] = escalated
            tags[budget][inside] = decision.decide(
                fitted.mixed(own, escalated), cuts[decision.row("balanced")], codebook
            )
    shares = {budget: round(float(asked[budget].mean()), 4) for budget in budgets}
    return [{"budget": b, "escalated": shares[b], **chief_f1(labels, tags[b], codebook)} for b in budgets]
