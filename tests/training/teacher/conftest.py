"""A tiny encoder with random weights, as it comes out of a file, and a vocabulary of single characters."""

from __future__ import annotations

import string

import numpy as np
import pytest
from numpy.typing import NDArray

from training.teacher.weights import Pieces, Shape, Weights

SHAPE = Shape(width=32, layers=3, heads=4, inner=64, vocabulary=5 + len(string.printable), positions=32)


def vocabulary() -> Pieces:
    texts = ("<s>", "<pad>", "</s>", "<unk>", "▁", *string.printable.strip())
    scores = (0.0, 0.0, 0.0, 0.0, *(-2.0 - i / 100 for i in range(len(texts) - 4)))
    return Pieces(texts, scores, {ord("é"): "e", ord("\t"): " "}, start=0, end=2, padding=1, unknown=3)


def tensors(shape: Shape, seed: int) -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(seed)

    def matrix(outputs: int, inputs: int) -> NDArray[np.float32]:
        return random.normal(0, 0.2, (outputs, inputs)).astype(np.float32)

    def vector(size: int, mean: float = 0.0) -> NDArray[np.float32]:
        return random.normal(mean, 0.1, size).astype(np.float32)

    found = {
        "emb.word": matrix(shape.vocabulary, shape.width),
        "emb.pos": vector(shape.positions * shape.width),
        "emb.type": vector(2 * shape.width),
        "emb.ln.w": vector(shape.width, 1.0),
        "emb.ln.b": vector(shape.width),
    }
    for i in range(shape.layers):
        for part in ("q", "k", "v", "ao"):
            found |= {f"l{i}.{part}.w": matrix(shape.width, shape.width), f"l{i}.{part}.b": vector(shape.width)}
        for part in ("aln", "oln"):
            found |= {f"l{i}.{part}.w": vector(shape.width, 1.0), f"l{i}.{part}.b": vector(shape.width)}
        found |= {f"l{i}.fi.w": matrix(shape.inner, shape.width), f"l{i}.fi.b": vector(shape.inner)}
        found |= {f"l{i}.fo.w": matrix(shape.width, shape.inner), f"l{i}.fo.b": vector(shape.width)}
    return found


@pytest.fixture(scope="session")
def tiny() -> Weights:
    return Weights("0" * 64, SHAPE, vocabulary(), tensors(SHAPE, seed=0))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Threads cost more than they save on so small a model, the more so on a machine that does other work."""
    try:
        import torch
    except ModuleNotFoundError:
        return
    torch.set_num_threads(1)
