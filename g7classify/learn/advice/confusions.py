"""Pairs of labels that a model takes for each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from g7classify.codebook import Codebook
from g7classify.decision import logit
from g7classify.learn.advice.suggesting import lowest

LEAST: Final = 5  # sentences with one label alone, for either, and sentences confused in all


@dataclass(frozen=True, slots=True)
class Confusion:
    """How well a model tells two labels apart, on the sentences that have one of them and not the other.

    Attributes:
        label, other: the pair.
        only_label, only_other: sentences that have the first and not the second, and the other way round.
        taken_for_other: sentences of `only_label` that were tagged with `other` and not with `label`.
        taken_for_label: sentences of `only_other` that were tagged with `label` and not with `other`.
        share: 0..1, of those sentences that were taken for the wrong one.
        separation: 0..1, how often the difference of the two logits ranks a sentence of the first above one of the
            second (the area under the ROC curve); 0.5 is chance: the model cannot tell them apart.
    """

    label: str
    other: str
    only_label: int
    only_other: int
    taken_for_other: int
    taken_for_label: int
    share: float
    separation: float


def find(
    labels: NDArray[np.bool_], tags: NDArray[np.bool_], probabilities: NDArray[np.float32], codebook: Codebook
) -> list[Confusion]:
    """The pairs of labels without sub-types that were confused LEAST times or more, the most confused first.

    Args:
        labels, tags, probabilities: (n, k), the latter by a model that did not see the row.
        codebook: the k labels.
    """
    logits = logit(probabilities)
    found = []
    for a, b in combinations(np.flatnonzero(lowest(codebook)).tolist(), 2):
        first, second = labels[:, a] & ~labels[:, b], labels[:, b] & ~labels[:, a]
        to_second = int((first & tags[:, b] & ~tags[:, a]).sum())
        to_first = int((second & tags[:, a] & ~tags[:, b]).sum())
        if min(first.sum(), second.sum(), to_second + to_first) < LEAST:
            continue
        one = first | second
        found.append(
            Confusion(
                label=codebook.names[a],
                other=codebook.names[b],
                only_label=int(first.sum()),
                only_other=int(second.sum()),
                taken_for_other=to_second,
                taken_for_label=to_first,
                share=round((to_second + to_first) / int(one.sum()), 4),
                separation=round(float(roc_auc_score(first[one], (logits[:, a] - logits[:, b])[one])), 4),
            )
        )
    return sorted(found, key=lambda confusion: -confusion.share)
