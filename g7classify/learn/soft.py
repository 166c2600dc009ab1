"""Sentences without labels that a teacher has read: distillation (Hinton, Vinyals & Dean 2015).

A slow model that was tuned on the labelled rows says how probable each label is for many more sentences; a quick one
learns from both. What the teacher knew when it read decides where the quick one may be judged: see `unseen_fold`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class Soft:
    """m sentences and a teacher's probabilities.

    Attributes:
        texts: m sentences.
        targets: (m, k) in 0..1.
        unseen_fold: the fold of the labelled rows that the teacher did not learn from; None if it learned from none,
            so that every fold tells the truth.

    Raises:
        DataError: targets that are no probabilities, or of another number of sentences.
    """

    texts: tuple[str, ...]
    targets: NDArray[np.float32]
    unseen_fold: int | None = None

    def __post_init__(self) -> None:
        if self.targets.ndim != 2 or len(self.targets) != len(self.texts):
            raise DataError(f"targets: expected ({len(self.texts)}, k), got {self.targets.shape}")
        if not ((self.targets >= 0) & (self.targets <= 1)).all():  # NaN neither
            raise DataError("targets: expected probabilities in 0..1")
