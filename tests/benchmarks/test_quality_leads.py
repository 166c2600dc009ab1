from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality_leads import lead
from g7classify.learn.dataset import Dataset, Row

ROWS = Dataset.from_rows(
    Row(f"t{i}", ("threat.terrorism",) if i % 2 else ("actor.state",), id=str(i), group=f"g{i // 3}") for i in range(90)
)


def missing(share: float) -> np.ndarray:
    """The labels, less a share of the sentences."""
    kept = np.random.default_rng(1).random(len(ROWS)) >= share
    tags: np.ndarray = ROWS.labels & kept[:, None]
    return tags


def test_a_system_does_not_lead_itself() -> None:
    for figure in lead(ROWS, missing(0.3), missing(0.3)).values():
        assert figure == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_the_better_one_leads_and_the_interval_excludes_0() -> None:
    for sign, found in ((1, lead(ROWS, ROWS.labels, missing(0.5))), (-1, lead(ROWS, missing(0.5), ROWS.labels))):
        for figure in found.values():
            assert figure["value"] * sign > 0.2  # type: ignore[operator]
            assert figure["low"] * sign > 0 < figure["high"] * sign  # type: ignore[operator]


def test_the_macro_mean_is_of_the_labels_that_occur() -> None:
    tags = ROWS.labels.copy()
    tags[:, ROWS.codebook.index("threat.terrorism")] = False
    found = lead(ROWS, ROWS.labels, tags)
    assert found["subtype_macro_f1"]["value"] == pytest.approx(0.5)
    assert found["subtype_micro_f1"]["value"] == pytest.approx(1 - 2 / 3, abs=1e-3)
