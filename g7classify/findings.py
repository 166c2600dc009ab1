"""What was found in a batch of sentences: arrays, of which results are made when somebody looks at them.

A batch makes all its sentences at the first look, because NumPy calls a document would cost more than all that is done
with what they return. Until then a sentence costs its probabilities, 4 bytes a label, and its text. A sentence makes
its tags when they are looked at; its labels can be told without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, sentences
from g7classify.codebook import Codebook
from g7classify.languages import LANGUAGES
from g7classify.results import Document, ModelId, Sentence, Source, Tag


class Decider:
    """How probabilities become tags: labels, thresholds and the band of doubt of a model; shared by all batches."""

    def __init__(self, codebook: Codebook, thresholds: NDArray[np.float32], band: float) -> None:
        self.codebook = codebook
        self.thresholds = thresholds
        self.band = band
        self.names: tuple[str, ...] = codebook.names
        self.categories: tuple[str, ...] = tuple(
            self.names[c if p < 0 else p] for c, p in enumerate(codebook.parents.tolist())
        )
        self.rounded: list[float] = _rounded(thresholds).tolist()


class Decided:
    """The tags of a sentence before there are such objects: columns and probabilities, most probable first."""

    __slots__ = ("columns", "decider", "probabilities")

    def __init__(self, decider: Decider, columns: list[int], probabilities: list[float]) -> None:
        self.decider: Decider = decider
        self.columns: list[int] = columns
        self.probabilities: list[float] = probabilities

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the tags."""
        names = self.decider.names
        return tuple([names[column] for column in self.columns])

    def __call__(self) -> tuple[Tag, ...]:
        """The tags."""
        decider = self.decider
        return tuple(
            [
                Tag(decider.names[c], decider.categories[c], p, decider.rounded[c])
                for c, p in zip(self.columns, self.probabilities, strict=True)
            ]
        )


class Findings:
    """m sentences of some texts, and what a model makes of them.

    Args:
        decider: of the model.
        texts: the m sentences.
        spans: (m, 2) half-open, in code points of the text that each lies in.
        probabilities: (m, k).
        tell: whether sentences tell the probabilities of all labels.
        decided_by: of each, if it is not the document's model.
        left: of each, whether a better model would have read it, had its budget not been spent.
    """

    def __init__(
        self,
        decider: Decider,
        texts: Sequence[str],
        spans: Sequence[Sequence[int]],
        probabilities: NDArray[np.float32],
        *,
        tell: bool,
        decided_by: Sequence[ModelId] | None = None,
        left: Sequence[bool] | None = None,
    ) -> None:
        self._decided_by = decided_by
        self._left = left
        self._decider = decider
        self._texts = texts
        self._spans = spans
        self._probabilities = probabilities
        self._tell = tell
        self._made: list[Sentence] | None = None

    def sentences(self, first: int, last: int) -> tuple[Sentence, ...]:
        """Sentences first to last - 1."""
        # No lock. That of cached_property, one for all findings before Python 3.12, made threads wait for each other,
        # and a forked process for ever. Two threads may both make the sentences, which are equal.
        made = self._made
        if made is None:
            made = self._made = self._all()
        return tuple(made[first:last])

    def _all(self) -> list[Sentence]:
        decider, m = self._decider, len(self._texts)
        tags = decision.decide(self._probabilities, decider.thresholds, decider.codebook)
        ends, columns_, found_ = (part.tolist() for part in decision.ranked(self._probabilities, tags))
        in_doubt: list[tuple[str, ...]] = [()] * m
        rows, columns = np.nonzero(decision.in_doubt(self._probabilities, decider.thresholds, decider.band))
        for i, c in zip(rows.tolist(), columns.tolist(), strict=True):
            in_doubt[i] += (decider.names[c],)
        told: Sequence[dict[str, float] | None] = [None] * m
        if self._tell:
            told = [dict(zip(decider.names, row, strict=True)) for row in _rounded(self._probabilities).tolist()]
        who: Sequence[ModelId | None] = self._decided_by or [None] * m
        all_left = self._left or [False] * m
        made = []
        first = 0
        for text, (start, end), last, doubt, known, by, left in zip(
            self._texts, self._spans, ends[1:], in_doubt, told, who, all_left, strict=True
        ):
            decided = Decided(decider, columns_[first:last], found_[first:last])
            made.append(Sentence.unread(text, start, end, doubt, known, decided, by, left=left))
            first = last
        return made


def documents(
    texts: Sequence[str],
    sources: Sequence[Source | None],
    find: Callable[[list[str], list[list[int]]], Findings],
    model: ModelId,
    *,
    language: str | None,
) -> list[Document]:
    """Split texts into sentences and make a document of each.

    Args:
        texts: without lone surrogates.
        sources: of each, if known.
        find: what is found in the sentences of all texts, from them and their spans.
        model: which finds.
        language: whose rules split them; guessed if None.

    Raises:
        OptionError: a language without rules.
    """
    splits = sentences.split_many(texts, language=language)
    first, spans = splits.first.tolist(), splits.spans.tolist()
    pieces = [
        text[start:end]
        for text, own, after in zip(texts, first, first[1:], strict=False)
        for start, end in spans[own:after]
    ]
    found = find(pieces, spans)
    languages = [LANGUAGES[index].code for index in splits.languages.tolist()]
    return [
        Document.unread(text, code, model, partial(found.sentences, own, after), source)
        for text, source, code, own, after in zip(texts, sources, languages, first, first[1:], strict=False)
    ]


def _rounded(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    return probabilities.astype(np.float64).round(6)
