from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `tune` is not installed")

from g7classify.deep.base import Weights  # noqa: E402
from g7classify.deep.tokens import Tokeniser  # noqa: E402
from g7classify.tune import encoder, reading  # noqa: E402


def test_scores_stand_in_the_order_of_the_sentences(tiny: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ROWS", 4)
    model = encoder.load(tiny, labels=2)
    torch.nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
    tokens = Tokeniser(tiny.pieces)(["a" * (1 + i * 7 % 11) + "b" * (i % 3) for i in range(20)], longest=32)
    together = reading.scores(model, tokens, bfloat16=False)
    alone = [reading.scores(model, tokens.select(np.array([i])), bfloat16=False)[0] for i in range(20)]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    rounded = reading.scores(model, tokens, bfloat16=True)
    assert 0 < np.abs(rounded - together).max() < 0.3


@pytest.mark.parametrize(("cpu", "quick"), [(lambda: True, True), (lambda: False, False), (None, False)])
def test_bfloat16_is_quick_where_the_cpu_has_instructions(
    monkeypatch: pytest.MonkeyPatch, cpu: object, quick: bool
) -> None:
    monkeypatch.setattr(reading, "default_device", lambda: torch.device("cpu"))
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", cpu, raising=False)
    assert reading.quick_bfloat16() is quick
