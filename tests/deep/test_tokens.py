from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("tokenizers", reason="the extra `deep` is not installed")

from g7classify.deep.base import Weights
from g7classify.deep.tokens import Tokeniser


def test_tokens_are_marked_cut_and_canonical(tiny: Weights) -> None:
    pieces = tiny.pieces
    tokeniser = Tokeniser(pieces)
    tokens = tokeniser(["ab é\t c", "abe", "x" * 50, ""], longest=16)
    assert tokens.lengths.max() == 16
    text = ["".join(pieces.texts[i] for i in tokens.select(np.array([row])).numbers) for row in range(4)]
    assert text[0] == "<s>▁query:▁ab▁e▁c</s>"  # two spaces made of a tab are one
    assert text[1] == "<s>▁query:▁abe</s>"
    assert text[2] == f"<s>▁query:▁{'x' * 6}</s>"
    assert text[3].startswith("<s>▁query:")


def test_no_sentences_have_no_tokens(tiny: Weights) -> None:
    tokens = Tokeniser(tiny.pieces)([], longest=16)
    assert len(tokens) == 0
    assert len(tokens.numbers) == 0


def test_what_is_not_in_the_vocabulary_is_unknown(tiny: Weights) -> None:
    tokens = Tokeniser(tiny.pieces)(["a 警 b"], longest=32)
    assert (tokens.numbers == tiny.pieces.unknown).sum() == 1
