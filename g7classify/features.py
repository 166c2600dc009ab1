"""Which features a sentence has: the frozen specification that training and tagging share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import kernel
from g7classify.arguments import check_ngrams
from g7classify.errors import OptionError
from g7classify.labels import short

FEATURES: Final = kernel.FEATURES


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """Words, pairs of words and character n-grams, hashed to 2**bits buckets (Weinberger et al. 2009).

    Attributes:
        bits: binary logarithm of the number of buckets, 8 to 22.
        pairs: whether pairs of neighbouring words are features.
        characters: shortest and longest character n-gram of a bordered word, 1 to 8.
        unspaced: shortest and longest character n-gram of an unspaced run, 1 to 8.
        repeats: whether words, pairs and unspaced n-grams count as often as they occur, not once a text.

    Raises:
        OptionError: a value outside its range.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    bits: int = 18
    pairs: bool = True
    characters: tuple[int, int] = (3, 5)
    unspaced: tuple[int, int] = (1, 4)
    repeats: bool = False

    def __post_init__(self) -> None:
        if not 8 <= self.bits <= 22:
            raise OptionError(f"bits: expected 8 to 22, got {short(self.bits)}")
        check_ngrams(self.characters, self.unspaced)

    @property
    def buckets(self) -> int:
        """The number of buckets, d."""
        return 1 << self.bits

    def to_dict(self) -> dict[str, Any]:
        """For model files and the digests of recipes, which stay what they were before there was `repeats`."""
        stated = asdict(self)
        if not self.repeats:
            del stated["repeats"]
        return stated


def summed(
    spec: FeatureSpec, table: NDArray[np.int8], scale: NDArray[np.float32], bias: NDArray[np.float32], *, pivot: float
) -> kernel.Table:
    """What sums the rows of a table (d, k + 1) over the features of a text: see kernel.Table, which raises."""
    return kernel.Table(
        table,
        scale,
        bias,
        pivot=pivot,
        pairs=spec.pairs,
        characters=spec.characters,
        unspaced=spec.unspaced,
        repeats=spec.repeats,
    )


def buckets(texts: Sequence[str], spec: FeatureSpec) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The buckets of each text's features, one for every occurrence.

    Args:
        texts: n texts.
        spec: which features, and how many buckets.

    Returns:
        buckets (m,) in 0..d-1, and offsets (n + 1,): those of text i are buckets[offsets[i] : offsets[i + 1]].

    Raises:
        InputTypeError: `texts` is not a sequence of str.
        TextError: a text holds a lone surrogate.
    """
    keys, offsets = kernel.keys(
        texts, pairs=spec.pairs, characters=spec.characters, unspaced=spec.unspaced, repeats=spec.repeats
    )
    return (keys >> np.uint64(64 - spec.bits)).astype(np.int32), offsets
