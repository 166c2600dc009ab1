"""Sentences without labels that teachers have read: distillation (Hinton, Vinyals & Dean 2015).

A slow model that was tuned on the labelled rows says how probable each label is for many more sentences; a quick one
learns from both. What a teacher knew when it read decides where the quick one may be judged. So there is a teacher for
every fold to be judged on, tuned on the other folds, and the quick model of a fold learns from that teacher alone. The
model that is shipped learns from all of them, as an ensemble.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import DataError
from g7classify.logistic import logistic


@dataclass(frozen=True, slots=True, eq=False)
class Soft:
    """m sentences and what t teachers make of them.

    Attributes:
        texts: m sentences.
        scores: (t, m, k), log-odds.
        folds: the fold of the labelled rows that each teacher did not learn from; None if they learned from no
            labelled row, so that every fold tells the truth.

    Raises:
        DataError: scores that are not finite, or of another number of sentences or teachers than is said.
    """

    texts: tuple[str, ...]
    scores: NDArray[np.float16]
    folds: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.scores.ndim != 3 or self.scores.shape[1] != len(self.texts) or not len(self.scores):
            raise DataError(f"scores: expected (teachers, {len(self.texts)}, labels), got {self.scores.shape}")
        if not np.isfinite(self.scores).all():
            raise DataError("scores: expected finite log-odds, got NaN or infinity")
        if self.folds is not None and (len(set(self.folds)) != len(self.folds) or len(self.folds) != len(self.scores)):
            raise DataError(f"folds: expected {len(self.scores)} different ones, one a teacher, got {self.folds}")

    def targets(self, fold: int | None) -> NDArray[np.float32]:
        """Probabilities (m, k) for what may not know a fold: of the teacher that did not see it.

        For None, and where no teacher saw any fold, those of all together. Log-odds are averaged, not probabilities,
        so that a teacher that is sure counts as much as one that is not.

        Raises:
            DataError: every teacher saw the fold.
        """
        if fold is None or self.folds is None:
            return logistic(self.scores.mean(axis=0, dtype=np.float32))
        if fold not in self.folds:
            raise DataError(f"every teacher knew the rows of fold {fold}; those held out the folds {self.folds}")
        return logistic(self.scores[self.folds.index(fold)].astype(np.float32))
