from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import carrier
import numpy as np
import pytest

from benchmarks import tuning
from g7classify.deep import base
from g7classify.deep.base import Weights
from g7classify.deep.model import BaseId, DeepModel
from g7classify.errors import OptionError


def test_genres_are_labels_that_no_model_was_trained_for() -> None:
    dataset = tuning.genres()
    assert len(dataset) > 5000
    assert {"law", "speech", "headline"} <= set(dataset.codebook.names)
    assert (dataset.labels.sum(axis=1) == 1).all()
    assert dataset.labels.sum(axis=0).min() >= tuning.FREQUENT


@pytest.fixture
def shipped(
    tiny: Weights, tiny_path: Path, make_deep: Callable[..., DeepModel], monkeypatch: pytest.MonkeyPatch
) -> DeepModel:
    pytest.importorskip("torch", reason="the extra `tune` is not installed")
    pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")
    monkeypatch.setattr(base, "path", lambda: tiny_path)
    on_tiny = BaseId(base.PACKAGE, base.VERSION, tiny.sha256)
    trained = carrier.adapters(tiny.shape, rank=2, seed=1)
    return replace(make_deep(), base=on_tiny, adapters=trained, longest=tiny.shape.positions)


def test_both_are_judged_on_the_same_rows(shipped: DeepModel) -> None:
    some = tuning.genres().select(np.arange(0, 7000, 20))
    said: list[str] = []
    found = tuning.compare(some, shipped, rows=100, judged=40, seed=0, say=said.append, epochs=1)
    assert (found["rows"], found["judged"], found["options"]["epochs"]) == (100, 40, 1)
    for name in ("head", "tuned"):
        assert 0 <= found[name]["micro_f1"] <= 1
        assert found[name]["seconds"] > 0
    with pytest.raises(OptionError, match="--rows 100000: there are"):
        tuning.compare(some, shipped, rows=100_000, judged=40, seed=0, say=said.append)
