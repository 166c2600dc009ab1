"""Which words a score comes from: the pooled row of a text, shared out among its words.

Each distinct word, pair of words and n-gram of the unspaced runs counts once in a text, or as often as it occurs if
the model counts repeats. So the rows of every word alone, every pair alone and every n-gram alone are pooled, and then
shared out:

- the rows of a word and of its character n-grams go to the word;
- the row of a pair goes half and half to its two words;
- the row of an unspaced n-gram goes in equal parts to its characters;
- what counts once goes in equal parts to its occurrences.

That is exact, because the canonical form of a canonical text is that text, and because a word, two words with a space
between them and an n-gram are alone the tokens that they are in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import decision

# Of the twins the readable one: the compiled one makes itself ready for many texts, which takes 1.1 ms a call.
from g7classify._fallback import pool, runs
from g7classify.explanation import LabelExplanation, WordContribution
from g7classify.features import FeatureSpec
from g7classify.model import Model
from g7classify.text import UNSPACED, WORD, fold

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

# Japanese mostly changes its script where a reader sees another word: 警察|は|不法移民|を|逮捕|した. Characters of
# scripts that tell no such thing, Thai for one, stay alone.
_OF_ONE_SCRIPT: Final = re.compile("[ぁ-ゟ]+|[゠-ヿㇰ-ㇿ]+|[々-〇㐀-\U0003ffff]+|.")


def explain(
    model: Model, text: str, columns: Sequence[int], thresholds: NDArray[np.float32]
) -> tuple[LabelExplanation, ...]:
    """How the probabilities of some labels come about.

    Args:
        model: which scores the text.
        text: a sentence, without lone surrogates.
        columns: of the labels, in 0..k-1.
        thresholds: (k,), what decides on the tags.
    """
    spans, shares = attribute(text, model.table, model.spec)
    slope, scale = model.slope.astype(np.float64), model.scale.astype(np.float64)
    pooled = shares.sum(axis=0)
    norm = np.sqrt(np.maximum(pooled[-1] * scale[-1], 1e-12))
    weights = slope * scale[:-1] / (model.pivot + norm)
    bias = slope * model.bias + model.intercept
    logits = pooled[:-1] * weights + bias
    probabilities = model.probabilities([text])
    tagged = decision.decide(probabilities, thresholds, model.codebook)[0]

    names, parents = model.codebook.names, model.codebook.parents
    places = [(text[start:end], start, end) for start, end in spans.tolist()]
    explained = []
    for column in columns:
        family = np.append(column, np.flatnonzero(parents == column))
        highest = int(family[logits[family].argmax()])
        contributions = _rounded(shares[:, column] * weights[column]).tolist()
        explained.append(
            LabelExplanation(
                label=names[column],
                tagged=bool(tagged[column]),
                probability=float(_rounded(probabilities[0, column])),
                threshold=float(_rounded(thresholds[column])),
                raised_by=None if highest == column else names[highest],
                logit=float(_rounded(logits[column])),
                bias=float(_rounded(bias[column])),
                words=tuple(WordContribution(*place, c) for place, c in zip(places, contributions, strict=True)),
            )
        )
    return tuple(explained)


def _rounded(values: Any) -> F64:
    rounded: F64 = np.asarray(values, dtype=np.float64).round(6) + 0.0  # no -0.0
    return rounded


def attribute(text: str, table: NDArray[np.int8], spec: FeatureSpec) -> tuple[I64, F64]:
    """The words of a text, and what each gives to the pooled row.

    A word is a run of letters and digits, or of unspaced characters of one script. Words that come of one code point
    are one, as the 1 and the 2 of ½ are.

    Args:
        text: without lone surrogates.
        table: (d, D), one row a bucket.
        spec: which features.

    Returns:
        spans (u, 2), half-open, in code points of the text, in order and apart; and shares (u, D), which add up to the
        pooled row of the text.
    """
    folded, classes, source = fold(np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32))
    canonical = folded.tobytes().decode("utf-32-le")
    words = np.stack(runs(classes, WORD), axis=1)
    unspaced = np.stack(runs(classes, UNSPACED), axis=1).tolist()
    neighbours = np.flatnonzero(np.diff(np.cumsum(classes == UNSPACED)[words[:, 0]]) == 0)

    shares = np.zeros((len(canonical), table.shape[1]))  # a word's at its first character
    shares[words[:, 0]] = _of_words([canonical[start:end] for start, end in words.tolist()], neighbours, table, spec)
    _add_ngrams(shares, canonical, unspaced, table, spec)

    pieces = [piece.span() for start, end in unspaced for piece in _OF_ONE_SCRIPT.finditer(canonical, start, end)]
    units = np.array(sorted([*map(tuple, words.tolist()), *pieces]), dtype=np.int64).reshape(-1, 2)
    # Where each canonical code point ends: an accent, or whatever else folds to nothing, goes with what it follows.
    reach = np.maximum(np.append(source[1:], len(text)), source + 1)
    starts, ends = source[units[:, 0]], reach[units[:, 1] - 1]
    first = np.flatnonzero(starts >= np.append(0, ends[:-1]))  # the others begin in the code point that a unit ends in
    spans = np.stack((starts[first], np.maximum.reduceat(ends, first)), axis=1)
    return spans, np.add.reduceat(shares, units[first, 0], axis=0)


def _of_words(words: Sequence[str], neighbours: I64, table: NDArray[np.int8], spec: FeatureSpec) -> F64:
    """The shares of words, in order; `neighbours` are the indices of those that make a pair with the next one."""
    rows = partial(pool, table=table, characters=spec.characters, unspaced=spec.unspaced, repeats=spec.repeats)
    shares = _shared(words, partial(rows, pairs=False), spec)
    if spec.pairs:
        pairs = [f"{words[i]} {words[i + 1]}" for i in neighbours.tolist()]
        halves = _shared(pairs, lambda texts: rows(texts, pairs=True) - rows(texts, pairs=False), spec) / 2
        shares[neighbours] += halves
        shares[neighbours + 1] += halves
    return shares


def _add_ngrams(
    shares: F64, canonical: str, unspaced: Sequence[Sequence[int]], table: NDArray[np.int8], spec: FeatureSpec
) -> None:
    """Add the shares of the characters of unspaced runs, given as [start, end)."""
    left = np.zeros(len(canonical), dtype=np.int64)  # characters from here to the end of the run
    for start, end in unspaced:
        left[start:end] = np.arange(end - start, 0, -1)
    low, high = spec.unspaced
    for n in range(low, high + 1):
        starts = np.flatnonzero(left >= n)
        ngrams = [canonical[start : start + n] for start in starts.tolist()]
        rows = partial(
            pool, table=table, pairs=False, characters=spec.characters, unspaced=(n, n), repeats=spec.repeats
        )
        parts = _shared(ngrams, rows, spec) / n
        for i in range(n):
            shares[starts + i] += parts


def _shared(texts: Sequence[str], rows: Callable[[Sequence[str]], I64], spec: FeatureSpec) -> F64:
    """The pooled row of each text; without repeats, in equal parts to those that are alike."""
    numbers: dict[str, int] = {}
    which = np.array([numbers.setdefault(text, len(numbers)) for text in texts], dtype=np.int64)
    parts = np.ones(len(numbers)) if spec.repeats else np.bincount(which)
    shares: F64 = (rows(list(numbers)) / parts[:, None])[which]
    return shares
