"""Which features a sentence has: the frozen specification that training and tagging share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from g7classify import kernel

FEATURES: Final = kernel.FEATURES


def _ordered(low_high: tuple[int, int]) -> tuple[int, int]:
    if low_high[0] > low_high[1]:
        raise ValueError(f"expected low <= high, got {low_high}")
    return low_high


NgramRange = Annotated[
    tuple[Annotated[int, Field(ge=1, le=8)], Annotated[int, Field(ge=1, le=8)]], AfterValidator(_ordered)
]


class FeatureSpec(BaseModel):
    """Words, pairs of words and character n-grams, hashed to 2**bits buckets (Weinberger et al. 2009)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bits: int = Field(default=18, ge=8, le=22, description="binary logarithm of the number of buckets")
    pairs: bool = Field(default=True, description="whether pairs of neighbouring words are features")
    characters: NgramRange = Field(default=(3, 5), description="lengths of the character n-grams of a bordered word")
    unspaced: NgramRange = Field(default=(1, 4), description="lengths of the character n-grams of an unspaced run")

    @property
    def buckets(self) -> int:
        """The number of buckets, d."""
        return 1 << self.bits


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
    keys, offsets = kernel.keys(texts, pairs=spec.pairs, characters=spec.characters, unspaced=spec.unspaced)
    return (keys >> np.uint64(64 - spec.bits)).astype(np.int32), offsets
