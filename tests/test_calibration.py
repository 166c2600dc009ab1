from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from g7classify import calibration

finite = st.floats(-1e4, 1e4, width=32)


@given(st.lists(finite, min_size=2, max_size=20), st.floats(0.0078125, 8, width=32), st.floats(-20, 20, width=32))
def test_probabilities_keep_the_order_of_scores(scores: list[float], slope: float, intercept: float) -> None:
    column = np.sort(np.array(scores, dtype=np.float32))[:, None]
    p = calibration.calibrate(column, np.array([slope], np.float32), np.array([intercept], np.float32))
    assert p.dtype == np.float32
    assert ((p >= 0) & (p <= 1)).all()
    assert (np.diff(p[:, 0]) >= 0).all()


def test_logistic_values() -> None:
    p = calibration.calibrate(
        np.array([[0.0, 0.0], [1e30, -1e30]], np.float32), np.array([1, 2], np.float32), np.array([0, 1], np.float32)
    )
    assert np.allclose(p, [[0.5, 1 / (1 + np.exp(-1))], [1, 0]])
