"""Which texts to pick so that they cover what all texts say: words and n-grams that many of them have and few picks do.

The value of a set of texts is a sum over features of popularity * sqrt(picked texts that have it), a submodular
function, so that picking the best text again and again comes within 1 - 1/e of the best set (Nemhauser, Wolsey & Fisher
1978); as values only fall, most need not be computed again (Minoux 1978). Functions of features instead of pairs of
texts keep the work linear: Wei, Iyer & Bilmes 2015, "Submodularity in data subset selection and active learning".
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from g7classify import features
from g7classify.learn.data.duplicates import SHINGLES

Floats = NDArray[np.float64]


class Coverage:
    """n texts, what of them was picked so far, and how much each other text would add.

    Args:
        texts: to pick from.
        known: texts that count as picked before.
        near_duplicate: 0..1, Jaccard similarity of features from which a text is not picked beside a picked one.
    """

    def __init__(self, texts: Sequence[str], known: Sequence[str] = (), *, near_duplicate: float) -> None:
        self._sets = _sets(texts)
        frequency = np.bincount(np.concatenate(self._sets), minlength=SHINGLES.buckets) if len(texts) else np.zeros(1)
        # What one text alone has tells nothing of the others.
        self._popularity: Floats = np.where(frequency > 1, np.sqrt(frequency), 0.0)
        self._near_duplicate = near_duplicate
        self._covered = np.zeros(SHINGLES.buckets)
        self._picked: list[NDArray[np.int32]] = []
        self._marked = np.zeros(SHINGLES.buckets, dtype=bool)
        self._left = np.array([len(one) > 0 for one in self._sets], dtype=bool)
        for one in _sets(known):
            self._take(one)

    def pick(self, quality: Floats) -> Iterator[tuple[int, float]]:
        """Text after text, the most valuable first, and what it adds: quality (n,) times what it covers.

        What it covers is divided by its number of features, lest length count, and the root is taken, lest it count
        more than quality. Of French and English seeds, two runs, sentences so picked saved 31 % of the labels that
        random choice needed for its F1 with 800 and 30 % of those with 1,400, and 13 % of the characters to read;
        without the root 33, 28 and 15 %, divided by the root of the number and without that of the whole 34, 27 and
        3 %, by quality alone 24, 27 and 9 %.
        """
        heap = [(-quality[i] * self._novelty(self._sets[i]), i) for i in np.flatnonzero(self._left).tolist()]
        heapq.heapify(heap)
        while heap:
            _, text = heapq.heappop(heap)
            if not self._left[text]:
                continue
            value = float(quality[text] * self._novelty(self._sets[text]))
            if heap and -value > heap[0][0]:
                heapq.heappush(heap, (-value, text))
                continue
            self._left[text] = False
            if not self._repeats(self._sets[text]):
                self._take(self._sets[text])
                yield text, value

    def _novelty(self, one: NDArray[np.int32]) -> float:
        covered = self._covered[one]
        gained = np.sqrt(covered + 1) - np.sqrt(covered)
        return float(np.sqrt(self._popularity[one] @ gained / len(one)))

    def _take(self, one: NDArray[np.int32]) -> None:
        self._covered[one] += 1
        if len(one):
            self._picked.append(one)

    def _repeats(self, one: NDArray[np.int32]) -> bool:
        self._marked[one] = True
        size = len(one)
        # Of sets of such different sizes that they cannot be so similar, the overlap need not be counted.
        least, most = size * self._near_duplicate, size / self._near_duplicate
        near = any(
            least <= len(other) <= most
            and (shared := int(np.count_nonzero(self._marked[other])))
            >= self._near_duplicate * (size + len(other) - shared)
            for other in self._picked
        )
        self._marked[one] = False
        return near


def _sets(texts: Sequence[str]) -> list[NDArray[np.int32]]:
    found, offsets = features.buckets(texts, SHINGLES)
    return [np.unique(found[start:end]) for start, end in pairwise(offsets)]
