"""Sentences to token numbers, as multilingual-e5-small was trained on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.deep.base import Pieces

with extras.needed("deep", by="the deep tier"):
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

# The encoder was trained with a prefix on every text; for classification its authors recommend this one.
PREFIX: Final = "query: "
PREFIXED: Final = 3  # tokens that stand for the start and the prefix


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Token numbers (m,) of n sentences, one after the other; those of sentence i end at offsets[i + 1]."""

    numbers: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each sentence (n,), the special ones included."""
        return np.diff(self.offsets)

    def select(self, rows: NDArray[np.int64]) -> Tokens:
        """Those of some sentences."""
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(self.lengths[rows], out=offsets[1:])
        parts = [self.numbers[self.offsets[i] : self.offsets[i + 1]] for i in rows]
        return Tokens(np.concatenate([np.zeros(0, dtype=np.int32), *parts]), offsets)


class Tokeniser:
    """Splits sentences into the most probable pieces.

    The character map is applied by str.translate, as the `tokenizers` package takes it only in SentencePiece's own
    compiled form.
    """

    def __init__(self, pieces: Pieces) -> None:
        vocabulary = list(zip(pieces.texts, pieces.scores, strict=True))
        self._pieces = pieces
        self._engine = Tokenizer(models.Unigram(vocabulary, pieces.unknown, False))
        self._engine.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
        self._engine.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")

    def __call__(self, texts: Sequence[str], *, longest: int) -> Tokens:
        """The tokens of n sentences, each cut to `longest` (3 or more), the start and end marks included."""
        pieces = self._pieces
        prefixed = [PREFIX + text.translate(pieces.characters) for text in texts]
        rows = [
            [pieces.start, *encoding.ids[: longest - 2], pieces.end]
            for encoding in self._engine.encode_batch_fast(prefixed, add_special_tokens=False)
        ]
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        numbers = np.fromiter((number for row in rows for number in row), dtype=np.int32, count=int(offsets[-1]))
        return Tokens(numbers, offsets)
