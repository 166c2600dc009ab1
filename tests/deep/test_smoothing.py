from __future__ import annotations

import hashlib
from pathlib import Path

import carrier
import numpy as np
import pytest

from g7classify.deep import adapters, base, smoothing
from g7classify.deep.base import Weights

LOUD = 5  # a channel


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """A base one of whose channels is far louder than the others after every norm, as real ones have some."""
    tensors = carrier.tensors(carrier.SHAPE, seed=0)
    for i in range(carrier.SHAPE.layers):
        for part in ("aln", "oln"):
            tensors[f"l{i}.{part}.w"][LOUD] = 20
        for part in ("q", "k", "v", "fi"):
            tensors[f"l{i}.{part}.w"][:, LOUD] /= 20
    path: Path = tmp_path_factory.mktemp("loud") / "loud.bin"
    path.write_bytes(carrier.pack(carrier.SHAPE, carrier.vocabulary(), tensors)[0])
    return base.read(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def test_loud_channels_are_divided_the_most(loud: Weights) -> None:
    nothing = carrier.adapters(loud.shape, rank=0, seed=0)
    found = smoothing.factors(loud, adapters.merge(loud, nothing))
    np.testing.assert_array_equal(found[0].attend, 1)
    for each in (*(factors.widen for factors in found), *(factors.attend for factors in found[1:])):
        assert each.argmax() == LOUD
        assert each[LOUD] > 4 * np.median(each)
        assert (each > 0).all()


def test_vectors_are_nearer_to_those_of_float64(loud: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx", reason="the extra `deep` is not installed")
    session = pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed").InferenceSession
    from g7classify.deep import graph

    nothing = carrier.adapters(loud.shape, rank=0, seed=0)
    numbers = np.random.default_rng(1).integers(5, 90, 30)
    tokens = smoothing.Embedding(loud)(numbers, np.arange(30))[:, None]
    exact = carrier.vector(loud, nothing, numbers)

    def distance() -> float:
        run = session(graph.build(loud, nothing), providers=["CPUExecutionProvider"]).run
        return float(np.linalg.norm(run(None, {"tokens": tokens, "lengths": np.array([30])})[0][0] - exact))

    with_factors = distance()
    ones = np.ones(loud.shape.width, dtype=np.float32)
    monkeypatch.setattr(smoothing, "factors", lambda _, layers: [smoothing.Factors(ones, ones)] * len(layers))
    assert with_factors < 0.7 * distance()
