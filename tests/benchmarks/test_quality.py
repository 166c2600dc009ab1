"""The quality benchmark, whole, on a small corpus."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import quality, records


@pytest.fixture
def house(tmp_path: Path, write_rows: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(120, languages=("it", "fr"))
    (tmp_path / "toy.toml").write_text('name = "toy"\nfolds = 2\nspec = { bits = 10 }\n')
    monkeypatch.setattr(quality, "SEEDS", tmp_path / "seeds")
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_systems_are_measured_on_the_same_rows(house: Path) -> None:
    command = ["--recipe", "toy.toml", "--held-out", "seeds/fr.jsonl", "--model", "g7-seeds"]
    result = CliRunner().invoke(quality.main, command, catch_exceptions=False)
    assert result.exit_code == 0
    figures = json.loads((house / "quality.json").read_text())["figures"]
    assert figures["recipe"] == "toy.toml"
    crossed = figures["cross_validation"]
    values = [crossed[name]["overall"]["subtype_macro_f1"]["value"] for name in (quality.OURS, quality.BASELINE)]
    assert all(value > 0.8 for value in values)
    assert figures["cross_validation_lead"]["value"] == pytest.approx(values[0] - values[1], abs=2e-4)
    assert [evaluation["overall"]["rows"] for evaluation in crossed.values()] == [120, 120]
    assert next(iter(figures["held_out"])).startswith("g7-seeds@")
    assert figures["held_out"][quality.OURS]["overall"]["subtype_macro_f1"]["value"] > 0.9


def test_figures_without_held_out_rows_are_printed_and_not_recorded(house: Path) -> None:
    result = CliRunner().invoke(quality.main, ["--recipe", "toy.toml"], catch_exceptions=False)
    assert "cross-validation" in result.output
    assert "not recorded" in result.output
    assert not (house / "quality.json").exists()


def test_a_model_that_is_not_shipped_is_known_before_anything_is_trained(house: Path) -> None:
    held_out = house / "seeds" / "fr.jsonl"
    result = CliRunner().invoke(quality.main, ["--recipe", "toy.toml", "--held-out", str(held_out)])
    assert "no shipped model is called 'toy@0.1.0'" in str(result.exception)
    assert "fold" not in result.output
