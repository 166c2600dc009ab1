from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the extra `tune` is not installed")
pytest.importorskip("tokenizers", reason="the extra `tune` is not installed")

from g7classify.deep.tokens import Tokens
from g7classify.tune import batches

lengths_of = st.lists(st.integers(1, 20), max_size=80).map(lambda values: np.array(values, dtype=np.int64))


@given(lengths_of, st.integers(1, 9), st.integers(1, 60), st.integers(0, 3))
def test_every_sentence_is_in_one_batch(lengths: np.ndarray, rows: int, tokens: int, seed: int) -> None:
    planned = batches.plan(lengths, rows=rows, tokens=tokens, seed=seed)
    assert sorted(np.concatenate([np.zeros(0, dtype=np.int64), *planned]).tolist()) == list(range(len(lengths)))
    for batch in planned:
        assert 1 <= len(batch) <= rows
        assert len(batch) == 1 or len(batch) * lengths[batch].max() <= tokens
    again = batches.plan(lengths, rows=rows, tokens=tokens, seed=seed)
    assert [batch.tolist() for batch in planned] == [batch.tolist() for batch in again]


def test_hardly_a_token_is_padding() -> None:
    lengths = np.random.default_rng(0).integers(10, 90, 5000)
    planned = batches.plan(lengths, rows=32, tokens=32 * 96, seed=0)
    padded = sum(len(batch) * int(lengths[batch].max()) for batch in planned)
    assert padded < 1.05 * lengths.sum()
    assert len(planned) < 5000 / 32 * 1.05


def test_gathers_tokens_and_hides_padding() -> None:
    tokens = Tokens(np.array([7, 8, 9, 5, 6, 4], dtype=np.int32), np.array([0, 3, 5, 6]))
    numbers, mask = batches.gather(tokens, np.array([2, 0]))
    assert mask is not None
    assert mask[:, 0, 0].tolist() == [[True, False, False], [True, True, True]]
    assert numbers[1].tolist() == [7, 8, 9]
    assert numbers[0, 0] == 4
    assert batches.gather(tokens, np.array([1]))[1] is None
