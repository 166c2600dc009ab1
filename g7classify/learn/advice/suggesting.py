"""Which unlabelled sentences to label next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.codebook import Codebook
from g7classify.errors import DataError, OptionError
from g7classify.labels import short
from g7classify.tagger import Tagger

with extras.needed("train", by="suggesting"):
    from g7classify.learn.advice.coverage import Coverage
from g7classify.learn.dataset import Dataset

REASONS = 3  # labels that a suggestion names


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a model thinks of one label of a sentence.

    Attributes:
        label: its name.
        probability: 0..1, calibrated.
        threshold: 0..1, from which the model tags it.
        uncertainty: 0..1 bits, of whether it holds.
    """

    label: str
    probability: float
    threshold: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A sentence to label.

    Attributes:
        row: its place among the texts, from 0.
        text: the sentence.
        uncertainty: bits over all labels, a rare label weighing more.
        value: uncertainty times what the sentence has that many others have and those known or suggested before lack;
            comparable within one call only.
        quota: the label for whose quota it was taken; None otherwise.
        doubts: the labels that weigh most in its uncertainty, the weightiest first.
    """

    row: int
    text: str
    uncertainty: float
    value: float
    quota: str | None
    doubts: tuple[Doubt, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain dicts, lists, strings and numbers, for JSON."""
        return asdict(self)


def suggest(
    tagger: Tagger,
    texts: Sequence[str],
    n: int,
    *,
    labelled: Dataset | None = None,
    quotas: Mapping[str, int] | None = None,
    near_duplicate: float = 0.7,
) -> list[Suggestion]:
    """The n sentences that teach most, if labelled next, the best first; fewer where so many are not to be had.

    A sentence is worth its uncertainty, the entropy of its calibrated probabilities (Shannon 1948; Lewis & Gale 1994
    sample by it), times what it covers beside those that are labelled or suggested already: see coverage.py. A label
    weighs 1 / sqrt(1 + sentences known to have it), as macro-F1 is a mean of labels and each learns most from its first
    sentences; categories do not count beside their sub-types. With 1,000 labels of the French and English seeds, random
    choice gave a sub-type macro-F1 of .479, closeness to the thresholds so weighed .507, entropy .531, with what was
    covered .539, of two runs each, by models that started from no vectors of n-grams. No suggestion repeats another or
    a labelled sentence. The same arguments give the same suggestions. `benchmarks/suggesting.py` measures what they
    save.

    Args:
        tagger: the model as it is now.
        texts: unlabelled sentences; time and memory grow with their number.
        n: how many are wanted.
        labelled: what the model has learned from. Without it the frequency of labels is taken from `texts`, as the
            model sees them, and what was labelled may be suggested again if it is among them.
        quotas: label -> how many of the n are to be taken for that label's own uncertainty; the rest is taken for all.
        near_duplicate: 0..1, Jaccard similarity of features from which two texts are the same.

    Raises:
        OptionError: n below 1, quotas below 0 or above n together, or a similarity out of its range.
        UnknownLabelError: a quota of a label outside the codebook.
        DataError: `labelled` has another codebook than the tagger.
        InputTypeError: `texts` is not a sequence of str.
        TextError: a text holds a lone surrogate.
    """
    codebook = tagger.codebook
    wanted = _check(codebook, n, labelled, quotas or {}, near_duplicate)
    probabilities = tagger.predict_proba(texts).astype(np.float64)
    doubt = entropy(probabilities)
    expected = probabilities.sum(axis=0) if labelled is None else labelled.labels.sum(axis=0)
    weights = lowest(codebook) / np.sqrt(1.0 + expected)
    coverage = Coverage(texts, labelled.texts if labelled is not None else (), near_duplicate=near_duplicate)
    thresholds = tagger.thresholds

    def told(row: int, value: float, quota: str | None) -> Suggestion:
        shares = doubt[row] * weights
        first = [] if quota is None else [codebook.index(quota)]
        others = [i for i in np.argsort(-shares, kind="stable").tolist() if i not in first and shares[i] > 0]
        doubts = tuple(
            Doubt(
                codebook.names[i],
                round(float(probabilities[row, i]), 4),
                round(float(thresholds[i]), 4),
                round(float(doubt[row, i]), 4),
            )
            for i in (first + others)[:REASONS]
        )
        return Suggestion(row, texts[row], round(float(shares.sum()), 4), round(value, 4), quota, doubts)

    found: list[Suggestion] = []
    for label, count in wanted.items():
        picks = coverage.pick(doubt[:, codebook.index(label)])
        found += [told(row, value, label) for _, (row, value) in zip(range(count), picks, strict=False)]
    picks = coverage.pick(doubt @ weights)
    found += [told(row, value, None) for _, (row, value) in zip(range(n - len(found)), picks, strict=False)]
    return found


def entropy(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of yes or no, in bits, elementwise."""
    inside = np.clip(probabilities, 1e-7, 1 - 1e-7)
    bits: NDArray[np.float64] = -(inside * np.log2(inside) + (1 - inside) * np.log2(1 - inside))
    return bits


def lowest(codebook: Codebook) -> NDArray[np.bool_]:
    """The labels (k,) that have no sub-types."""
    chosen = np.ones(len(codebook), dtype=bool)
    chosen[codebook.parents[codebook.parents >= 0]] = False
    return chosen


def _check(
    codebook: Codebook, n: Any, labelled: Dataset | None, quotas: Mapping[str, Any], near_duplicate: float
) -> dict[str, int]:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise OptionError(f"n: expected how many sentences to suggest, 1 or more, got {short(n)}")
    if not 0 < near_duplicate <= 1:
        raise OptionError(f"near_duplicate: expected a similarity above 0, up to 1, got {short(near_duplicate)}")
    for label, count in quotas.items():
        codebook.index(label)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise OptionError(f"quotas: expected how many sentences for {label!r}, 0 or more, got {short(count)}")
    if sum(quotas.values()) > n:
        raise OptionError(f"quotas: {sum(quotas.values())} sentences in all, and n is {n}; raise n or lower the quotas")
    if labelled is not None and labelled.codebook.names != codebook.names:
        raise DataError(
            f"the rows are labelled with the codebook {labelled.codebook.name!r}, the model tags with {codebook.name!r}"
            "; read the rows with the model's codebook"
        )
    return dict(quotas)
