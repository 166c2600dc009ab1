from __future__ import annotations

from typing import Any

import carrier
import numpy as np
import pytest

from g7classify.deep import adapters
from g7classify.deep.adapters import Adapters
from g7classify.deep.base import Weights
from g7classify.errors import OptionError


def test_adds_what_was_trained(tiny: Weights) -> None:
    given = carrier.adapters(tiny.shape, rank=3, seed=1)
    merged = adapters.merge(tiny, given)
    assert len(merged) == tiny.shape.layers
    for i, layer in enumerate(merged):
        before = tiny.layer(i)
        for part in ("attend", "attended", "widen", "narrow"):
            up, down = getattr(given, f"{part}_up")[i], getattr(given, f"{part}_down")[i]
            low_rank = np.einsum("or,ri->oi", up.astype(np.float64), down.astype(np.float64))
            expected = getattr(before, f"{part}_weight") + low_rank
            np.testing.assert_allclose(getattr(layer, f"{part}_weight"), expected, rtol=1e-5, atol=1e-6)
        for name in ("attend_bias", "narrow_bias", "norm_weight", "norm_bias", "attended_norm_weight"):
            expected = getattr(before, name) + getattr(given, name)[i].astype(np.float32)
            np.testing.assert_array_equal(getattr(layer, name), expected, err_msg=name)


def test_the_digest_is_of_every_value(tiny: Weights) -> None:
    given = carrier.adapters(tiny.shape, rank=3, seed=1)
    assert given.sha256 == carrier.adapters(tiny.shape, rank=3, seed=1).sha256
    for name, array in given.tensors().items():
        changed = array.copy()
        changed.flat[-1] += np.float16(0.5)
        assert Adapters(**given.tensors() | {name: changed}).sha256 != given.sha256, name


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("attend_up", lambda a: a[:, :-1], r"attend_up: expected float16 \(3, 96, 3\), got float16 \(3, 95, 3\)"),
        ("attend_down", lambda a: a[0], "expected float16"),
        ("narrow_bias", lambda a: a.astype(np.float32), "narrow_bias: expected float16"),
        ("widen_bias", lambda a: a[:, 0], "widen_bias|widen_up"),
        ("norm_weight", lambda a: a * np.float16(np.nan), "norm_weight: expected finite"),
    ],
)
def test_refuses_arrays_that_do_not_fit(tiny: Weights, name: str, change: Any, message: str) -> None:
    tensors = carrier.adapters(tiny.shape, rank=3, seed=1).tensors()
    with pytest.raises(OptionError, match=message):
        Adapters(**tensors | {name: change(tensors[name])})


def test_refuses_the_adapters_of_another_base(tiny: Weights) -> None:
    other = carrier.Shape(width=16, layers=3, heads=4, inner=64)
    with pytest.raises(OptionError, match=r"width 16.*trained on"):
        adapters.merge(tiny, carrier.adapters(other, rank=3, seed=1))
