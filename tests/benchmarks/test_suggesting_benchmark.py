from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import records
from benchmarks.suggesting import STRATEGIES, needed_for, run, saved, table
from g7classify.learn.dataset import Dataset
from training.build import SEEDS


def curve(*f1: float) -> list[dict[str, float]]:
    return [{"labels": 100.0 * (i + 1), "f": value} for i, value in enumerate(f1)]


def test_what_is_needed_lies_between_points_and_is_unknown_where_never_reached() -> None:
    assert needed_for(curve(0.1, 0.3, 0.2, 0.5), 0.2, f1="f", cost="labels") == pytest.approx(150)
    assert needed_for(curve(0.1, 0.3, 0.2, 0.5), 0.4, f1="f", cost="labels") == pytest.approx(350)
    assert needed_for(curve(0.2, 0.3), 0.1, f1="f", cost="labels") == 100
    assert math.isnan(needed_for(curve(0.2, 0.3), 0.4, f1="f", cost="labels"))


def test_what_is_saved_is_a_share_of_their_labels() -> None:
    assert saved(curve(0.1, 0.4), curve(0.1, 0.2, 0.3, 0.4), 3, f1="f") == pytest.approx(0.5)
    assert saved(curve(0.1, 0.2), curve(0.1, 0.2), 1, f1="f") == 0
    assert saved(curve(0.1, 0.15, 0.2), curve(0.1, 0.2), 1, f1="f") == pytest.approx(-0.5)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_labels_as_many_and_the_same_first(name: str) -> None:
    rows = Dataset.read(SEEDS / "es.jsonl").select(np.arange(300))
    points = run(rows, STRATEGIES[name], 0, first=60, each=20, rounds=1)
    assert [point["labels"] for point in points] == [60, 80]
    first = run(rows, STRATEGIES["random"], 0, first=60, each=20, rounds=0)[0]
    assert points[0] == first


@pytest.mark.skipif(not (records.FOLDER / "suggesting.json").exists(), reason="not measured yet")
def test_the_table_shows_every_strategy() -> None:
    shown = table()
    assert all(f"| {name} |" in shown for name in STRATEGIES)
