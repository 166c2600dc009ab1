"""The mistakes that a model is surest of, and the words that decided."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import OptionError
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluation import Mistake, Word
from g7classify.tagger import Tagger

STRONGEST: Final = 6  # words of a mistake
LONGEST: Final = 10_000  # code points of a text that is explained: each takes about 1 kB meanwhile


def most_confident(
    tagger: Tagger, dataset: Dataset, probabilities: NDArray[np.float32], tags: NDArray[np.bool_], *, count: int
) -> tuple[tuple[Mistake, ...], str]:
    """The mistakes of the least probable truth, and why they are not explained ("" if they are).

    A sentence has one mistake of a kind at most; of equally sure ones that of a sub-type, not of its category.

    Args:
        tagger: which tagged.
        dataset: n labelled sentences.
        probabilities, tags: (n, k), of the tagger, in the dataset's columns.
        count: how many of each kind: tagged and not labelled first, then labelled and not tagged.
    """
    labels, codebook = dataset.labels, dataset.codebook
    subtypes_first = np.argsort(codebook.parents < 0, kind="stable")
    found: list[Mistake] = []
    why = ""
    for tagged in (True, False):
        wrong = tags & ~labels if tagged else labels & ~tags
        doubt = np.where(wrong, 1 - probabilities if tagged else probabilities, np.inf)[:, subtypes_first]
        rows = np.flatnonzero(wrong.any(axis=1))
        rows = rows[np.argsort(doubt[rows].min(axis=1), kind="stable")][:count]
        for row in rows.tolist():
            column = int(subtypes_first[doubt[row].argmin()])
            text, label = dataset.texts[row], codebook.names[column]
            explained: str | None = None
            words: tuple[Word, ...] = ()
            if not why and len(text) <= LONGEST:
                try:
                    explained, words = strongest(tagger, text, label)
                except OptionError as error:  # no table, or a scorer of its own
                    why = str(error)
            found.append(
                Mistake(
                    id=dataset.ids[row],
                    text=text,
                    label=label,
                    tagged=tagged,
                    probability=round(float(probabilities[row, column]), 4),
                    threshold=round(float(tagger.thresholds[tagger.codebook.index(label)]), 4),
                    explained=explained,
                    words=words,
                )
            )
    return tuple(found), why


def strongest(tagger: Tagger, text: str, label: str) -> tuple[str, tuple[Word, ...]]:
    """The label that a label has its probability of, and the words that weigh most in that.

    Raises:
        OptionError: the tagger cannot explain.
    """
    (found,) = tagger.explain(text, labels=[label]).labels
    if found.raised_by is not None:
        (found,) = tagger.explain(text, labels=[found.raised_by]).labels
    by_strength = sorted((word for word in found.words if word.contribution), key=lambda word: -abs(word.contribution))
    words = tuple(Word(text=word.text, contribution=round(word.contribution, 3)) for word in by_strength[:STRONGEST])
    return found.label, words
