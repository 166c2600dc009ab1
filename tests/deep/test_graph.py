from __future__ import annotations

from typing import Any

import carrier
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("onnx", reason="the extra `deep` is not installed")
pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")

from onnxruntime import InferenceSession

from g7classify.deep import graph
from g7classify.deep.base import Weights
from g7classify.deep.embedding import Embedding
from g7classify.errors import OptionError

LENGTHS = np.array([32, 5, 17, 3])


def run(content: bytes, **inputs: NDArray[Any]) -> NDArray[Any]:
    session = InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, inputs)[0])


def test_gives_the_vectors_of_the_adapted_encoder(tiny: Weights) -> None:
    given = carrier.adapters(tiny.shape, rank=4, seed=1)
    random = np.random.default_rng(0)
    sentences = [random.integers(5, tiny.shape.vocabulary, length) for length in LENGTHS]
    tokens = np.zeros((32, len(LENGTHS), tiny.shape.width), dtype=np.float32)
    for row, numbers in enumerate(sentences):
        tokens[: len(numbers), row] = Embedding(tiny)(numbers, np.arange(len(numbers)))
    found = run(graph.build(tiny, given), tokens=tokens, lengths=LENGTHS)
    expected = np.stack([carrier.vector(tiny, given, numbers) for numbers in sentences])
    assert found.dtype == np.float32
    assert carrier.cosines(found, expected).min() > 0.9995  # .99975 measured
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.linalg.norm(expected, axis=1), rtol=0.02)
    other = np.stack([carrier.vector(tiny, carrier.adapters(tiny.shape, rank=4, seed=2), each) for each in sentences])
    assert carrier.cosines(found, other).max() < 0.99  # so that the test would see adapters that were left out


def test_the_same_is_built_again(tiny: Weights) -> None:
    given = carrier.adapters(tiny.shape, rank=4, seed=1)
    assert graph.build(tiny, given) == graph.build(tiny, given)


def test_all_zeros_are_numbers(tiny: Weights) -> None:
    given = carrier.adapters(tiny.shape, rank=4, seed=1)
    tokens = np.zeros((3, 2, tiny.shape.width), dtype=np.float32)
    assert np.isfinite(run(graph.build(tiny, given), tokens=tokens, lengths=np.array([3, 1]))).all()


def test_refuses_the_adapters_of_another_base(tiny: Weights) -> None:
    with pytest.raises(OptionError, match="trained on"):
        graph.build(tiny, carrier.adapters(carrier.Shape(width=16, layers=3, heads=4, inner=64), rank=3, seed=1))


def test_the_probe_multiplies() -> None:
    small = np.random.default_rng(0).integers(0, 100, (5, graph.PROBED), dtype=np.uint8)  # too small to be cut off
    expected = np.repeat(small.sum(axis=1, keepdims=True) * 127.0, graph.PROBED, axis=1)
    np.testing.assert_array_equal(run(graph.probe(), bytes=small), expected)
