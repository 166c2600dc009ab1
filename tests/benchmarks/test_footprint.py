"""The footprint benchmark without the wheel: in the environment of the tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import figures, footprint, records
from benchmarks.footprint import Installed, own_times
from g7classify import registry

REPORT = """\
import time: self [us] | cumulative | imported package
import time:      1500 |       1500 |   _io
something else
import time:       250 |       1750 | zipimport
"""


def test_own_times_are_read_in_milliseconds() -> None:
    assert own_times(REPORT) == {"_io": 1.5, "zipimport": 0.25}


def test_every_stage_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = Installed(sys.executable, (sys.executable, "-m", "g7classify"), wheel_bytes=1_234)
    monkeypatch.setattr(footprint, "install", lambda _: installed)
    monkeypatch.setattr(footprint, "SENTENCES", 20)
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    result = CliRunner().invoke(footprint.main, ["--turns", "1"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "footprint.json").read_text(encoding="utf-8"))["figures"]
    assert list(found["processes"]) == ["python -c pass", "python -c 'import numpy'", "python -c 'import g7classify'"]
    assert all(one["wall_ms"]["least"] > 0 for one in found["processes"].values())
    assert list(found["models"]) == [str(entry.id) for entry in registry.models()]
    for name, one in found["models"].items():
        assert one["model_bytes"] == registry.path(registry.find(name)).stat().st_size
        # Peaks only grow, and numpy is in the first of them.
        peaks = [one[f"{stage}_peak_mb"]["median"] for stage in ("numpy", "import", "load", "tag")]
        assert peaks[0] > 5
        assert peaks == sorted(peaks)
        times = ("command_line_ms", "load_ms", "first_tag_ms", "first_tag_bare_cache_ms")
        assert min(one[key]["median"] for key in times) > 0
        assert one["tag_above_numpy_mb"]["median"] == pytest.approx(peaks[3] - peaks[0], abs=0.1)
    costs = [one["self_ms"]["median"] for one in found["import_profile"].values()]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) == footprint.PROFILED < found["imported_modules"]
    assert "| wheel with all models, bytes | 1,234 |" in figures.footprint()
    assert figures.import_profile().count("\n") == 2 + footprint.PROFILED
