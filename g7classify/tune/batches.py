"""Batches of sentences of one length, so that hardly a token is padding."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from g7classify.deep.tokens import Tokens


def plan(lengths: NDArray[np.int64], *, rows: int, tokens: int, seed: int) -> list[NDArray[np.int64]]:
    """Every sentence once, in batches of `rows` sentences or as many as `tokens` tokens allow, at least one.

    Sentences are shuffled, then batched by length; what is left over at each length is batched with the next lengths,
    so that 4 % of the sentences of a corpus of 35,000 are padded. Then the batches are shuffled.

    Args:
        lengths: (n,), of each sentence, 1 or more.
        rows: most sentences of a batch.
        tokens: most tokens of a batch of one length.
        seed: of both shuffles; the same gives the same batches.

    Returns:
        The sentences of each batch.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(lengths))
    order = order[np.argsort(lengths[order], kind="stable")]
    batches: list[NDArray[np.int64]] = []
    rest: list[NDArray[np.int64]] = []
    starts = np.flatnonzero(np.diff(lengths[order], prepend=-1))
    for same in np.split(order, starts[1:]):
        if not len(same):
            continue
        size = max(1, min(rows, tokens // int(lengths[same[0]])))
        whole = len(same) - len(same) % size
        batches += np.split(same[:whole], range(size, whole, size)) if whole else []
        rest.append(same[whole:])
    left = np.concatenate(rest) if rest else order
    while len(left):
        size = max(1, min(rows, tokens // int(lengths[left[-1]])))  # the longest that are left decide
        batches.append(left[-size:])
        left = left[:-size]
    return [batches[i] for i in random.permutation(len(batches))]


def gather(tokens: Tokens, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor | None]:
    """Token numbers (b, l) of some sentences and the mask (b, 1, 1, l), True at tokens; None without padding."""
    lengths = tokens.lengths[rows]
    longest = int(lengths.max())
    within = np.arange(longest) < lengths[:, None]
    numbers = np.zeros(within.shape, dtype=np.int64)  # what pads does not matter: the mask hides it
    numbers[within] = tokens.select(rows).numbers
    return torch.from_numpy(numbers), None if within.all() else torch.from_numpy(within)[:, None, None, :]
