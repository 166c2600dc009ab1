"""The benchmark of peers, whole, on a small corpus: processes, cache, table, and systems that are not there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import figures, peers, quality_rows, records
from benchmarks.peer_lines import spaced, vowpal_line
from benchmarks.peer_measure import folder_of
from benchmarks.peer_systems import OURS, SYSTEMS


@pytest.fixture
def house(tmp_path: Path, write_rows: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(400, languages=("fr",))
    for module in (peers, quality_rows):
        monkeypatch.setattr(module, "SEEDS", tmp_path / "seeds")
    monkeypatch.setattr(peers, "FOLDER", tmp_path / "peers")
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    # Whether it is installed here or not, it cannot be imported.
    (tmp_path / "fakes").mkdir()
    (tmp_path / "fakes" / "vowpalwabbit.py").write_text("raise ImportError('made up')")
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'fakes'}{os.pathsep}{before}")
    return tmp_path


def test_a_run_measures_what_is_there_and_reports_what_is_not(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SYSTEMS.keys() - {OURS, "Vowpal Wabbit"}:
        monkeypatch.delitem(SYSTEMS, name)
    result = CliRunner().invoke(peers.main, ["--turns", "2"], catch_exceptions=False)
    assert "Vowpal Wabbit is not available: ImportError: made up" in result.output
    found = json.loads((house / "peers.json").read_text())["figures"]
    assert found["unavailable"] == {"Vowpal Wabbit": "ImportError: made up"}
    assert list(found["systems"]) == [OURS]
    ours = found["systems"][OURS]
    assert ours["subtype_macro_f1"]["value"] > 0.8
    assert sum(found["rows"].values()) == 400
    assert ours["train_rows"] == found["rows"]["train"]
    assert ours["judged_rows"] == found["rows"]["held_out"]
    assert ours["model_bytes"] == (folder_of(OURS, house / "peers") / "model" / "model.safetensors").stat().st_size
    speed = ours["sentences_per_second"]
    assert 0 < speed["min"] <= speed["median"] <= speed["max"]
    # Bare Python takes some 10 MB, the process of this test more than 150.
    assert 10e6 < ours["peak_rss_bytes"]["median"] < 150e6
    table = figures.peer_table(found)
    assert f"| {OURS} " in table
    assert "ImportError: made up" in table
    # Trained once for the same rows, and anew for others.
    record = folder_of(OURS, house / "peers") / "trained.json"
    trained = record.stat().st_mtime_ns
    again = ["--systems", OURS, "--turns", "0"]
    assert "not recorded" in CliRunner().invoke(peers.main, again, catch_exceptions=False).output
    assert record.stat().st_mtime_ns == trained
    with (house / "seeds" / "fr.jsonl").open("a") as seeds:
        seeds.write('\n{"lang": "fr", "labels": [], "text": "rien de neuf"}')
    CliRunner().invoke(peers.main, again, catch_exceptions=False)
    assert record.stat().st_mtime_ns > trained


def test_an_unknown_system_is_refused_before_anything_is_read(house: Path) -> None:
    result = CliRunner().invoke(peers.main, ["--systems", "nothing"])
    assert result.exit_code == 1
    assert "no system is called 'nothing'" in result.output
    assert not (house / "peers").exists()


def test_lines_keep_every_visible_character_apart_from_what_means_something() -> None:
    assert spaced("L'État, 国家だ!") == "l ' état , 国 家 だ !"
    assert vowpal_line("À 8:30 |a", "1,2") == "1,2 |w à 8 30 a |c à _ 8 _ 3 0 _ a"


def test_peers_are_pinned_in_the_extra() -> None:
    extra = (records.ROOT / "pyproject.toml").read_text().split("peers = [")[1].split("]\n")[0]
    ours = {"g7classify", "scikit-learn", "scipy"}
    for package in {package for system in SYSTEMS.values() for package in system.packages} - ours:
        assert f'"{package}==' in extra, package
