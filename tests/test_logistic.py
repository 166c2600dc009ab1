from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.logistic import logistic


def test_is_the_logistic_function() -> None:
    z = np.linspace(-100, 100, 200_001, dtype=np.float32)
    found = logistic(z)
    assert np.abs(found - 1 / (1 + np.exp(-z.astype(np.float64)))).max() < 2e-7
    assert (found[z > -83] > 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_small_probabilities_are_right_in_proportion() -> None:
    z = np.linspace(-80, -5, 10_001, dtype=np.float32)
    exact = 1 / (1 + np.exp(-z.astype(np.float64)))
    assert np.abs(logistic(z) / exact - 1).max() < 1e-5


@given(st.floats(-1e6, 1e6, width=32))
def test_extremes(z: float) -> None:
    (found,) = logistic(np.array([z], np.float32))
    assert 0 <= found <= 1


@pytest.mark.parametrize(("z", "bits"), [(0.0, 0x3F000000), (1.0, 0x3F3B26A8), (-3.5, 0x3CF02032)])
def test_golden_bits(z: float, bits: int) -> None:
    assert logistic(np.array([z], np.float32)).view(np.uint32)[0] == bits
