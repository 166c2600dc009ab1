"""What was found in a batch of sentences: arrays, of which results are made when somebody looks at them.

A batch makes all its sentences at the first look: NumPy calls a document would cost more than all that is done with
what they return. Until then a sentence costs its probabilities, 4 bytes a label, and its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from g7classify import decision
from g7classify.codebook import Codebook
from g7classify.results import Sentence, Tag


class Decider:
    """How probabilities become tags: labels, thresholds and the band of doubt of a model; shared by all batches."""

    def __init__(self, codebook: Codebook, thresholds: NDArray[np.float32], band: float) -> None:
        self.codebook = codebook
        self.thresholds = thresholds
        self.band = band
        self.names = codebook.names
        self.categories = tuple(self.names[c if p < 0 else p] for c, p in enumerate(codebook.parents.tolist()))
        self.rounded = _rounded(thresholds).tolist()


class Findings:
    """m sentences of some texts, and what a model makes of them.

    Args:
        decider: of the model.
        texts: the m sentences.
        spans: (m, 2) half-open, in code points of the text that each lies in.
        probabilities: (m, k).
        tell: whether sentences tell the probabilities of all labels.
    """

    def __init__(
        self,
        decider: Decider,
        texts: Sequence[str],
        spans: Sequence[Sequence[int]],
        probabilities: NDArray[np.float32],
        *,
        tell: bool,
    ) -> None:
        self._decider = decider
        self._texts = texts
        self._spans = spans
        self._probabilities = probabilities
        self._tell = tell

    def sentences(self, first: int, last: int) -> tuple[Sentence, ...]:
        """Sentences first to last - 1."""
        return tuple(self._all[first:last])

    @cached_property
    def _all(self) -> list[Sentence]:
        decider, names = self._decider, self._decider.names
        tags: list[list[Tag]] = [[] for _ in self._texts]
        in_doubt: list[list[str]] = [[] for _ in self._texts]
        rounded = _rounded(self._probabilities)
        rows, columns = np.nonzero(decision.decide(self._probabilities, decider.thresholds, decider.codebook))
        order = np.lexsort((columns, -rounded[rows, columns], rows))
        rows, columns = rows[order], columns[order]
        for i, c, p in zip(rows.tolist(), columns.tolist(), rounded[rows, columns].tolist(), strict=True):
            tags[i].append(Tag(names[c], decider.categories[c], p, decider.rounded[c]))
        rows, columns = np.nonzero(decision.in_doubt(self._probabilities, decider.thresholds, decider.band))
        for i, c in zip(rows.tolist(), columns.tolist(), strict=True):
            in_doubt[i].append(names[c])
        told = (dict(zip(names, row, strict=True)) for row in rounded.tolist()) if self._tell else None
        return [
            Sentence(text, start, end, tuple(own), tuple(doubted), None if told is None else next(told))
            for text, (start, end), own, doubted in zip(self._texts, self._spans, tags, in_doubt, strict=True)
        ]


def _rounded(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    return probabilities.astype(np.float64).round(6)
