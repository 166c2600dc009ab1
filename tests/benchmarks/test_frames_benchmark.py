from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import frames, records
from g7classify.tagger import Tagger


def test_every_path_tags_every_row(tagger: Tagger) -> None:
    paths = frames.paths(tagger, 40)
    rows = {name: count for name, (_, count) in paths.items()}
    assert rows == dict.fromkeys(rows, 40) | {name: 2 for name in rows if name.startswith("spaCy")}
    made = {name: call() for name, (call, _) in paths.items()}
    assert len(made[frames.ARROW]) == len(made["Python: predict(list)"]) == 40  # type: ignore[arg-type]
    expected = [[tag["label"] for tag in tags] for tags in made[frames.ARROW].to_pylist()]  # type: ignore[attr-defined]
    assert made["polars: frames.tag"]["labels"].to_list() == expected  # type: ignore[index]
    assert made["DuckDB: g7_tags(text)"].column(0).to_pylist() == expected  # type: ignore[attr-defined]
    assert made["spaCy: tokens and tags"] == 2


def test_a_run_is_recorded_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    options = ["--model", "g7-seeds", "--rows", "60", "--turns", "1", "--calls", "1"]
    result = CliRunner().invoke(frames.main, options, catch_exceptions=False)
    assert result.exit_code == 0
    recorded = json.loads((tmp_path / "frames.json").read_text())["figures"]
    assert recorded["rows"] == 60
    assert recorded["paths"][frames.ARROW]["share_of_arrow"]["median"] == 1
    assert all(paths["rows_per_second"]["least"] > 0 for paths in recorded["paths"].values())
    for name in recorded["paths"]:
        assert f"| {name} |" in result.stdout
