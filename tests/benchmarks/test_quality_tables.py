from __future__ import annotations

import pytest

from benchmarks.quality_risk import COVERAGES
from benchmarks.quality_tables import at_coverages, interval, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1234, ".123"), (-0.1234, "-.123"), (-0.0004, ".000"), (0.0, ".000"), (1.0, "1.000"), (None, "-")],
)
def test_shares_keep_their_sign_and_0_has_none(value: float | None, text: str) -> None:
    assert signed(value) == text


def test_an_interval_stands_in_brackets() -> None:
    assert interval({"value": 0.5, "low": -0.01, "high": None}) == ".500 [-.010, -]"


def test_coverages_are_found_in_a_curve() -> None:
    curve = {"coverage": COVERAGES.tolist(), "risk": list(range(20))}
    assert at_coverages(curve, "risk", (1.0, 0.8, 0.5)) == [19, 15, 9]
    assert at_coverages(curve, "risk", (1.0, 0.95, 0.9)) == [19, 18, 17]
