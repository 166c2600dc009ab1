from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import quality_risk
from benchmarks.quality_rows import Judged
from g7classify.codebook import CODEBOOK
from g7classify.learn.dataset import Dataset, Row


def judged(probabilities: np.ndarray) -> Judged:
    found = probabilities.astype(np.float32)
    return Judged(found, found >= 0.5, np.zeros(found.shape, dtype=bool))


@pytest.fixture(scope="module")
def honest() -> tuple[Dataset, Judged]:
    """Sentences whose labels hold as often as their probabilities say."""
    random = np.random.default_rng(0)
    probabilities = random.random((20_000, len(CODEBOOK)))
    dataset = Dataset.from_rows(Row("un", (), id=str(i)) for i in range(len(probabilities)))
    dataset.labels[:] = random.random(probabilities.shape) < probabilities
    return dataset, judged(probabilities)


def test_honest_probabilities_lie_on_the_diagonal(honest: tuple[Dataset, Judged]) -> None:
    found = quality_risk.reliability(*honest)
    assert list(found) == ["actor", "measure", "threat", "role", quality_risk.SUBTYPES]
    for name, curve in found.items():
        assert curve["calibration_error"] < 0.02
        assert curve["probability"] == pytest.approx(curve["frequency"], abs=0.05)
        columns = 34 if name == quality_risk.SUBTYPES else 1
        assert sum(curve["decisions"]) == 20_000 * columns


def test_boasting_is_told(honest: tuple[Dataset, Judged]) -> None:
    dataset, modest = honest
    boast = judged(np.where(modest.probabilities > 0.5, 1.0, 0.0))
    assert quality_risk.reliability(dataset, boast)["threat"]["calibration_error"] == pytest.approx(0.25, abs=0.02)


def test_leaving_out_the_uncertain_lowers_the_risk(honest: tuple[Dataset, Judged]) -> None:
    curve = quality_risk.coverage_risk(*honest)["decisions"]
    assert curve["risk"] == sorted(curve["risk"])
    assert curve["risk"][-1] == pytest.approx(0.25, abs=0.01)
    assert curve["least_area"] < curve["area"] < curve["risk"][-1]
    assert curve["subtype_micro_f1"] == sorted(curve["subtype_micro_f1"], reverse=True)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=60))
def test_area_lies_between_the_best_and_the_worst_order(rows: list[tuple[bool, int]]) -> None:
    wrong, certainty = (np.array(column) for column in zip(*rows, strict=True))
    curve = quality_risk.curve(wrong, certainty.astype(float))
    worst = np.cumsum(np.sort(wrong)[::-1]) / np.arange(1, len(wrong) + 1)
    assert curve["least_area"] - 1e-4 <= curve["area"] <= worst.mean() + 1e-4
    assert curve["risk"][-1] == pytest.approx(wrong.mean(), abs=1e-4)
    order = np.random.default_rng(0).permutation(len(wrong))
    assert quality_risk.curve(wrong[order], certainty[order].astype(float)) == curve, "ties have no order"


def test_nothing_wrong_and_everything_wrong() -> None:
    for value in (False, True):
        curve = quality_risk.curve(np.full(5, value), np.arange(5.0))
        assert curve["area"] == curve["least_area"] == float(value)
