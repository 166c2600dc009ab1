"""The comparison under settings tells what differs, and fails for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from benchmarks import records, settings
from training import golden


def row(different: int = 0) -> dict[str, Any]:
    compared = [{"name": "g7-base", "values": 10, "different": different, "largest": 0.0}]
    return {"python": "3.11.7", "numpy": "2.4.6", "kernel": "c", "simd": [], "compared": compared}


def test_the_settings_are_those_that_arithmetic_could_depend_on() -> None:
    found = settings.settings()
    assert found["as it is"] == {}
    variables = {name for environment in found.values() for name in environment}
    assert {"OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "G7CLASSIFY_KERNEL", "PYTHONHASHSEED", "LC_ALL"} <= variables
    assert {found[f"{count} threads of BLAS"]["OMP_NUM_THREADS"] for count in (1, 2, 4, 8)} == {"1", "2", "4", "8"}


def test_what_does_not_run_is_no_agreement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "golden.py").write_text("raise SystemExit('nothing here')")
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    with pytest.raises(click.ClickException, match="nothing here"):
        settings.run(sys.executable, deep=False)


@pytest.mark.parametrize("different", [0, 1])
def test_the_command_fails_if_a_value_differs_and_records_when_asked(
    different: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(settings, "settings", lambda: {"as it is": {}, "another": {"PYTHONHASHSEED": "1"}})
    monkeypatch.setattr(settings, "run", lambda *_, **given: row(different if "PYTHONHASHSEED" in given else 0))
    found = CliRunner().invoke(settings.main, [])
    assert found.exit_code == different
    assert found.output.splitlines()[-1] == (
        f"settings: 2 processes with NumPy 2.4.6, 20 golden values, {different} differ"
    )
    assert not list(tmp_path.iterdir())
    CliRunner().invoke(settings.main, ["--record"])
    assert records.read("settings")["different"] == different


def test_a_failed_installation_is_told() -> None:
    with pytest.raises(click.ClickException, match="no way"):
        settings.called([sys.executable, "-c", "raise SystemExit('no way')"])


def test_what_is_recorded_was_under_every_setting_and_two_releases() -> None:
    figures = records.read("settings")
    assert figures["different"] == 0
    assert len(figures["rows"]) == figures["settings"] > 20
    assert "1.26.0" in figures["numpy"]
    assert len(figures["numpy"]) >= 2
    assert figures["largest_of_deep"] < golden.DEEP_TOLERANCE
    assert any("lowest" in name for name in figures["rows"])
