from __future__ import annotations

import carrier
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `tune` is not installed")

from g7classify.deep.base import Weights  # noqa: E402
from g7classify.tune import adapters, start  # noqa: E402
from g7classify.tune.options import Options  # noqa: E402
from g7classify.tune.start import Start  # noqa: E402

LABELS = np.arange(40 * 3).reshape(40, 3) % np.array([2, 5, 40]) == 1


def test_the_head_says_how_frequent_the_labels_are(tiny: Weights) -> None:
    model = start.prepared(tiny, LABELS, Options(), None)
    said = torch.sigmoid(model.head.bias).detach().numpy()
    assert said == pytest.approx(LABELS.mean(axis=0), abs=0.02)
    assert not model.head.weight.any()


def test_trained_adapters_and_their_head_are_taken_over(tiny: Weights) -> None:
    trained = carrier.adapters(tiny.shape, rank=2, seed=1)
    for array in trained.tensors().values():
        array.flags.writeable = False  # as those of a model file are
    head = np.random.default_rng(0).normal(0, 1, (3, tiny.shape.width)).astype(np.float32)
    head.flags.writeable = False
    model = start.prepared(tiny, LABELS, Options(rank=2), Start(trained, head, head[:, 0]))
    found = adapters.tuned(model, tiny).tensors()
    for name, kept in trained.tensors().items():
        np.testing.assert_allclose(found[name], kept, atol=1e-3, err_msg=name)
    assert (adapters.array(model.head.weight) == head).all()
    assert (adapters.array(model.head.bias) == head[:, 0]).all()


def test_what_is_frozen_is_not_tuned(tiny: Weights) -> None:
    model = start.prepared(tiny, LABELS, Options(frozen=2), None)
    tuned = {name.split(".")[0:2][-1] for name, p in model.named_parameters() if p.requires_grad and "layers" in name}
    assert tuned == {"2"}
    assert not model.word.weight.requires_grad
    whole = start.prepared(tiny, LABELS, Options(rank=2), None)
    assert not whole.layers[0].attend.weight.requires_grad
    assert whole.layers[0].attend.up.requires_grad
