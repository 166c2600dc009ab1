from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import records


def test_figures_of_another_program_are_kept_with_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    (tmp_path / "found.json").write_text('{"symbols": 3, "missing": []}', encoding="utf-8")
    records.main("consumer", str(tmp_path / "found.json"))
    assert records.read("consumer") == {"symbols": 3, "missing": []}
    assert records.machine_of("consumer") == records.machine()
    assert records.date("consumer") == records.machine()["date"]
