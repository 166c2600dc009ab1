"""What a tagger asks of a model, whatever its kind: a table (model.py) or a transformer (deep/model.py).

Only type checkers import this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import Codebook
from g7classify.decision import OperatingPoint
from g7classify.model import ModelInfo


class Scorer(Protocol):
    """Whatever turns sentences into probabilities; safe to share between threads."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities (n, k) in 0..1 of n sentences; refuses what is no str and lone surrogates."""


class Classifier(Scorer, Protocol):
    """A scorer that says what its k columns mean and how to decide on them; immutable, and can be pickled."""

    @property
    def info(self) -> ModelInfo:
        """What it is, what it was trained on and how well it does."""

    @property
    def codebook(self) -> Codebook:
        """The k labels, in column order."""

    def deciding(self, operating_point: OperatingPoint, /) -> tuple[NDArray[np.float32], float]:
        """Thresholds (k,) and half-width of the band of doubt; OptionError if there is no such operating point."""
