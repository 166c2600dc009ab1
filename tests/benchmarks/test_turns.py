from __future__ import annotations

import sys

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import turns
from benchmarks.turns import best, fresh, merge, rounded, spread


@given(st.lists(st.floats(1e-6, 1e9), min_size=1))
def test_a_spread_holds_its_median_between_least_and_most(values: list[float]) -> None:
    found = spread(values)
    assert found["least"] <= found["median"] <= found["most"]
    assert found["least"] == pytest.approx(min(values), rel=1e-3)


def test_rounding_keeps_four_digits_and_whole_numbers() -> None:
    assert [rounded(value) for value in (123456.0, 0.00123456, 123456)] == [123500.0, 0.001235, 123456]


def test_trees_merge_leaf_by_leaf() -> None:
    trees = [{"a": {"x_ms": float(value)}, "b_ms": 10.0 * value} for value in (3, 1, 2)]
    assert merge(trees) == {
        "a": {"x_ms": {"median": 2.0, "least": 1.0, "most": 3.0}},
        "b_ms": {"median": 20.0, "least": 10.0, "most": 30.0},
    }


def test_a_short_call_is_warmed_up_and_repeated_and_a_long_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "BUDGET_SECONDS", 0.0)
    calls: list[int] = []
    assert best(lambda: calls.append(1)) >= 0
    assert len(calls) == 2
    monkeypatch.setattr(turns, "LONG_SECONDS", 0.0)
    best(lambda: calls.append(1))
    assert len(calls) == 3


def test_a_fresh_process_gets_input_and_environment() -> None:
    code = "import os, sys; print(os.environ['COLOUR'] + sys.stdin.read())"
    assert fresh([sys.executable, "-c", code], given="é", COLOUR="red").stdout.strip() == "redé"


def test_a_failed_process_is_told_with_its_last_line() -> None:
    with pytest.raises(click.ClickException, match=r"ended with 3: bad luck"):
        fresh([sys.executable, "-c", "import sys; print('bad luck', file=sys.stderr); sys.exit(3)"])
