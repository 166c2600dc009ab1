from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from benchmarks import figures_quality, quality_plots, records


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    return records.read("quality")


def test_the_same_figures_give_the_same_bytes(recorded: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = quality_plots.draw(recorded, tmp_path)
    with matplotlib.rc_context({"font.size": 30, "svg.hashsalt": None}):
        again = quality_plots.draw(recorded, tmp_path / "again")
    assert {path.name for path in first} == {f"quality-{name}.svg" for name in figures_quality.PICTURES}
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        assert b"<dc:date>" not in one.read_bytes()
        assert one.stat().st_size < 100_000


def test_other_figures_give_another_picture(recorded: dict[str, Any], tmp_path: Path) -> None:
    changed = json.loads(json.dumps(recorded))
    chief = changed["cross_validation"]["chief"]
    label = changed["cross_validation"]["evaluations"][chief]["labels"][0]
    label["f1"] = {"value": 0.123, "low": None, "high": None}
    for name, figures in (("a", recorded), ("b", changed)):
        quality_plots.picture(tmp_path / f"{name}.svg", quality_plots.labels, (6.4, 7.6), figures)
    assert (tmp_path / "a.svg").read_bytes() != (tmp_path / "b.svg").read_bytes()
    assert label["label"].encode() in (tmp_path / "b.svg").read_bytes()


def test_every_label_and_every_system_is_named(recorded: dict[str, Any], tmp_path: Path) -> None:
    drawn = {path.stem: path.read_text() for path in quality_plots.draw(recorded, tmp_path)}
    chief = recorded["cross_validation"]["evaluations"][recorded["cross_validation"]["chief"]]
    assert all(row["label"] in drawn["quality-labels"] for row in chief["labels"] if row["f1"]["value"] is not None)
    assert all(name in drawn["quality-coverage-risk"] for name in recorded["cross_validation"]["evaluations"])
