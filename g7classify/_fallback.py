"""The readable twin of the compiled kernel: texts to feature keys and to pooled table rows, in NumPy.

A whole batch is one array of code points, so that every step is a few array operations whatever the number of
sentences. Arithmetic is modulo 2**64; the compiled kernel must give the same keys bit for bit (golden vectors in
tests/data/keys.json). The features of a text:

- each distinct word (a run of WORD code points);
- each distinct pair of neighbouring words, across separators but not across an unspaced run;
- the character n-grams of each distinct word, with a space put before and after it: all occurrences, so that they
  depend on the word alone and a kernel may keep their sum;
- each distinct character n-gram of the unspaced runs (Japanese), without borders.

With `repeats`, nothing is distinct: each occurrence of a word (with its n-grams), of a pair and of an unspaced n-gram
is a feature.

The polynomial hash of the string c_1..c_m is sum(c_i * P**(m - i)), of a pair of words with hashes a and b it is
a * PAIR + b. A feature's key is that hash plus kind * KIND, finished by an xor-shift and a multiply. The top bits
of the key name the bucket (multiplicative hashing: Knuth, The Art of Computer Programming 3, 6.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from g7classify.arguments import check_calibration, check_ngrams, check_table, check_vectors, texts_of_utf8
from g7classify.logistic import logistic
from g7classify.text import UNSPACED, WORD, check_texts, fold

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

NAME: str = "numpy"

# Raised whenever the folding table, the tokenisation or the hash changes: a model of another number is refused.
FEATURES: Final = 1

# Raised whenever the arguments of these functions change: a compiled kernel of another number is left.
INTERFACE: Final = 2

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

# Odd multipliers of good spectral quality: Steele & Vigna 2021, "Computationally easy, spectrally good multipliers".
P: Final = np.uint64(0xD1342543DE82EF95)
P_INVERSE: Final = np.uint64(pow(0xD1342543DE82EF95, -1, 2**64))
PAIR: Final = np.uint64(0xF1357AEA2E62A9C5)
KIND: Final = np.uint64(0xAEF17502108EF2D9)
FINISH: Final = np.uint64(0x9E3779B97F4A7C15)
BORDER: Final = 0x20

WORD_KIND: Final = 1
PAIR_KIND: Final = 2
CHARACTERS_KIND: Final = 16  # plus n
UNSPACED_KIND: Final = 32  # plus n

# Texts are taken in batches of about this many code points: it bounds the memory of the intermediate arrays.
BATCH: Final = 1 << 18


def canonical(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint8], I64]:
    """The canonical code points of all texts in a row, their classes, and the text that each belongs to.

    Each text ends with one SEPARATOR, so that no token spans two texts.
    """
    joined = "\n".join(texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
    ends = np.cumsum([len(text) + 1 for text in texts])
    owner = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0))
    folded, classes, source = fold(codes)
    return folded, classes, owner[source]


def runs(classes: NDArray[np.uint8], wanted: int) -> tuple[I64, I64]:
    """Start and end of every maximal run of one class."""
    inside = np.concatenate(([False], classes == wanted, [False]))
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    return edges[0::2], edges[1::2]


def spread(starts: I64, lengths: I64) -> I64:
    """The positions start, start + 1, ... of all runs in a row."""
    offsets = np.cumsum(lengths) - lengths
    positions: I64 = np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)
    return positions


def finish(hashes: U64, kind: int) -> U64:
    """Hashes of one kind of feature to keys."""
    keys = hashes + np.uint64(kind * int(KIND) % 2**64)
    return (keys ^ (keys >> np.uint64(32))) * FINISH


def windows(codes: U64, lengths: I64, low_high: tuple[int, int], *, kind: int) -> Iterator[tuple[U64, I64]]:
    """Keys of the n-grams that do not leave their token, n after n, with the index where each starts.

    `codes` holds the tokens in a row, `lengths` their lengths.
    """
    low, high = low_high
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))  # code points from here to the token's end
    rolling = codes
    for n in range(1, min(high, len(codes)) + 1):
        if n > 1:
            rolling = rolling[:-1] * P + codes[n - 1 :]
        if n >= low:
            inside = np.flatnonzero(left[: len(rolling)] >= n)
            yield finish(rolling[inside], kind + n), inside


def counted(owner: I64, hashes: U64, *, repeats: bool) -> I64:
    """Indices, ascending, of the occurrences that count: all, or the first of every hash within its text."""
    if repeats:
        return np.arange(len(owner))
    order = np.lexsort((hashes, owner))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (hashes[order[1:]] != hashes[order[:-1]]) | (owner[order[1:]] != owner[order[:-1]])
    return np.sort(order[new])


def hash_tokens(codes: U64, lengths: I64) -> U64:
    """The polynomial hash of each token; `codes` holds the tokens in a row.

    A token's hash is a difference of sums of c_i * P**-i, scaled back: that needs no loop over tokens.
    """
    powers = np.full(len(codes), P_INVERSE)
    powers[0] = 1
    sums = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(codes * np.multiply.accumulate(powers))))
    back = np.full(len(codes), P)
    back[0] = 1
    stop = np.cumsum(lengths)
    hashes: U64 = (sums[stop] - sums[stop - lengths]) * np.multiply.accumulate(back)[stop - 1]
    return hashes


def batch_keys(
    texts: Sequence[str], *, pairs: bool, characters: tuple[int, int], unspaced: tuple[int, int], repeats: bool
) -> Iterator[tuple[U64, I64]]:
    """Keys of one kind of feature and the text of each, kind after kind; texts never decrease within a kind."""
    codes, classes, owner = canonical(texts)

    starts, ends = runs(classes, WORD)
    if len(starts):
        lengths = ends - starts
        words = hash_tokens(codes[spread(starts, lengths)].astype(np.uint64), lengths)
        of_text = owner[starts]
        if pairs and len(words) > 1:
            unspaced_before = np.cumsum(classes == UNSPACED)[starts]
            near = np.flatnonzero((of_text[1:] == of_text[:-1]) & (unspaced_before[1:] == unspaced_before[:-1]))
            hashes, pair_text = words[near] * PAIR + words[near + 1], of_text[near]
            which = counted(pair_text, hashes, repeats=repeats)
            yield finish(hashes[which], PAIR_KIND), pair_text[which]
        which = counted(of_text, words, repeats=repeats)
        starts, lengths, of_text = starts[which], lengths[which], of_text[which]
        yield finish(words[which], WORD_KIND), of_text
        padded = np.full(lengths.sum() + 2 * len(starts), BORDER, dtype=np.uint64)
        padded[spread(np.cumsum(lengths + 2) - lengths - 1, lengths)] = codes[spread(starts, lengths)]
        for keys, inside in windows(padded, lengths + 2, characters, kind=CHARACTERS_KIND):
            yield keys, np.repeat(of_text, lengths + 2)[inside]

    starts, ends = runs(classes, UNSPACED)
    if len(starts):
        where = spread(starts, ends - starts)
        for keys, inside in windows(codes[where].astype(np.uint64), ends - starts, unspaced, kind=UNSPACED_KIND):
            gram_text = owner[where[inside]]
            which = counted(gram_text, keys, repeats=repeats)
            yield keys[which], gram_text[which]


def batches(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Consecutive slices of about BATCH code points, with the index of each slice's first text."""
    start, size = 0, 0
    for stop, text in enumerate(texts, 1):
        size += len(text)
        if size >= BATCH or stop == len(texts):
            yield start, texts[start:stop]
            start, size = stop, 0


def keys(
    texts: Sequence[str], *, pairs: bool, characters: tuple[int, int], unspaced: tuple[int, int], repeats: bool
) -> tuple[U64, I64]:
    """The feature keys of each text.

    Args:
        texts: n texts.
        pairs: whether pairs of neighbouring words are features.
        characters: least and greatest n of the character n-grams of a word, 1 <= low <= high <= 8.
        unspaced: the same for unspaced runs.
        repeats: whether words, pairs and unspaced n-grams count as often as they occur, not once a text.

    Returns:
        keys (m,), and offsets (n + 1,): the keys of text i are keys[offsets[i] : offsets[i + 1]]. Their order
        within a text is not defined.

    Raises:
        InputTypeError: `texts` is not a sequence of str.
        TextError: a text holds a lone surrogate.
        OptionError: a range of n-grams beyond 1..8.
    """
    check_ngrams(characters, unspaced)
    check_texts(texts)
    texts = tuple(texts)  # a set has no slices, and some objects tell a wrong length
    found: list[U64] = []
    owners: list[I64] = []
    for start, batch in batches(texts):
        for batch_of_keys, owner in batch_keys(
            batch, pairs=pairs, characters=characters, unspaced=unspaced, repeats=repeats
        ):
            found.append(batch_of_keys)
            owners.append(owner + start)
    owner = np.concatenate([np.empty(0, dtype=np.int64), *owners])
    offsets = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(texts)))))
    order = np.argsort(owner, kind="stable")
    return np.concatenate([np.empty(0, dtype=np.uint64), *found])[order], offsets


def pool(
    texts: Sequence[str],
    table: NDArray[np.int8],
    *,
    pairs: bool,
    characters: tuple[int, int],
    unspaced: tuple[int, int],
    repeats: bool,
) -> NDArray[np.int64]:
    """The sum of the table rows of each text's features.

    Args:
        texts: n texts.
        table: (2**b, D), one row a bucket.
        pairs: as in `keys`.
        characters: as in `keys`.
        unspaced: as in `keys`.
        repeats: as in `keys`.

    Returns:
        (n, D), 64-bit because a sentence of some megabytes overflows 32.

    Raises:
        InputTypeError: `texts` is not a sequence of str, or `table` not an array of int8.
        TextError: a text holds a lone surrogate.
        OptionError: a range of n-grams beyond 1..8, or another shape of table.
    """
    check_ngrams(characters, unspaced)
    check_texts(texts)
    texts = tuple(texts)  # as in `keys`
    check_table(table)
    shift = np.uint64(65 - len(table).bit_length())
    pooled = np.zeros((len(texts), table.shape[1]), dtype=np.int64)
    for start, batch in batches(texts):
        for batch_of_keys, owner in batch_keys(
            batch, pairs=pairs, characters=characters, unspaced=unspaced, repeats=repeats
        ):
            for at in range(0, len(owner), BATCH):  # a text alone may be larger than a batch
                part = owner[at : at + BATCH]
                rows = table[batch_of_keys[at : at + BATCH] >> shift]
                first = np.flatnonzero(np.diff(part, prepend=-1))
                pooled[start + part[first]] += np.add.reduceat(rows, first, axis=0, dtype=np.int64)
    return pooled


def calibrate(
    scores: NDArray[np.float32],
    slope: NDArray[np.float32],
    intercept: NDArray[np.float32],
    parents: NDArray[np.int64],
) -> None:
    """Turn scores into probabilities, in place: the logistic curve of each label, then categories raised.

    Args:
        scores: (n, k), contiguous.
        slope: (k,)
        intercept: (k,)
        parents: (k,), the column of each label's category, -1 for a category; as in Codebook.

    Raises:
        InputTypeError: an array of another type.
        OptionError: an array of another shape or that may not be written to, or a parent that is no column.
    """
    check_calibration(scores, slope, intercept, parents)
    scores[:] = logistic(slope * scores + intercept)
    for column, parent in enumerate(parents.tolist()):
        if parent >= 0:
            np.maximum(scores[:, parent], scores[:, column], out=scores[:, parent])


class Table:
    """A table of rows that add up to the scores of a text; safe to share between threads.

    score = scale[:k] * pooled[:k] / (pivot + sqrt(scale[k] * pooled[k])) + bias

    in float64, rounded to float32 at the end.

    Args:
        table: int8 (2**b, k + 1), one row a bucket; the last column is the norm's. It is not to be changed later.
        scale: float32 (k + 1,)
        bias: float32 (k,)
        pivot: added to the norm, finite and >= 0.
        pairs: as in `keys`.
        characters: as in `keys`.
        unspaced: as in `keys`.
        repeats: as in `keys`.

    Raises:
        InputTypeError: an array of another type.
        OptionError: an array of another shape, or a range of n-grams beyond 1..8.
    """

    def __init__(
        self,
        table: NDArray[np.int8],
        scale: NDArray[np.float32],
        bias: NDArray[np.float32],
        *,
        pivot: float,
        pairs: bool,
        characters: tuple[int, int],
        unspaced: tuple[int, int],
        repeats: bool,
    ) -> None:
        check_ngrams(characters, unspaced)
        check_table(table)
        check_vectors(table, scale, bias)
        self._table, self._scale, self._bias, self._pivot = table, scale, bias, pivot
        self._pairs, self._characters, self._unspaced, self._repeats = pairs, characters, unspaced, repeats

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The scores (n, k) of n texts.

        Raises:
            InputTypeError: `texts` is not a sequence of str.
            TextError: a text holds a lone surrogate.
        """
        pooled = pool(
            texts,
            self._table,
            pairs=self._pairs,
            characters=self._characters,
            unspaced=self._unspaced,
            repeats=self._repeats,
        ).astype(np.float64)
        norm = np.sqrt(np.maximum(pooled[:, -1:] * self._scale[-1], 1e-12))
        scores: NDArray[np.float32] = (pooled[:, :-1] * self._scale[:-1] / (self._pivot + norm) + self._bias).astype(
            np.float32
        )
        return scores

    def scores_utf8(
        self, data: Buffer, offsets: Buffer, validity: Buffer | None = None, *, first: int = 0
    ) -> NDArray[np.float32]:
        """The scores (n, k) of the n texts of an Arrow column of strings, without a copy of it.

        Args:
            data: the UTF-8 of all texts.
            offsets: int32 or int64 (n + 1,): text i is data[offsets[i] : offsets[i + 1]].
            validity: bits, least significant first; text i is taken as empty, whatever its bytes are, if bit
                first + i is 0.
            first: see `validity`.

        Raises:
            InputTypeError: not contiguous buffers, or offsets of another type.
            OptionError: no offsets, too few bits, or a negative `first`.
            TextError: offsets that fall or leave the data; bytes that are not UTF-8.
        """
        return self.scores(texts_of_utf8(data, offsets, validity, first=first))
