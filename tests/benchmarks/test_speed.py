"""The speed benchmark, whole, on a few sentences."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import figures, records, samples, speed, speed_paths, turns
from benchmarks.samples import CORPUS, Sample
from g7classify.model import Model
from g7classify.tagger import Tagger


def test_every_path_is_measured_printed_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tagger: Tagger, model: Model
) -> None:
    monkeypatch.setattr(turns, "BUDGET_SECONDS", 0.0)
    monkeypatch.setattr(speed_paths, "BATCHES", (1, 32, 2_000))
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    real = tmp_path / "real.jsonl"
    real.write_text('{"text": "Europol a démantelé un réseau."}\n', encoding="utf-8")
    measured = json.dumps(speed_paths.measure(tagger, model, samples.read(300, [real])))
    monkeypatch.setattr(speed, "fresh", lambda *_, **__: subprocess.CompletedProcess([], 0, measured))
    result = CliRunner().invoke(speed.main, ["--turns", "2"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    recorded = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))["figures"]
    assert recorded["kernels"]["c"] == recorded["kernels"]["numpy"]
    kinds = recorded["kernels"]["c"]
    assert list(kinds) == [CORPUS, "long lines", "Japanese", "ASCII only", "real sentences"]
    rates = [path for path, one in kinds[CORPUS].items() if "sentences_per_second" in one]
    assert len(rates) == 12
    for paths in kinds.values():
        assert paths[speed_paths.PLAIN]["share_of_plain"]["median"] == pytest.approx(1)
        for one in paths.values():
            assert all(0 < spread["least"] <= spread["median"] <= spread["most"] for spread in one.values())
    for name in ("predict_proba", "tag_sentence"):
        p50, p95, p99 = (kinds[CORPUS][f"one sentence, {name}"][f"p{p}_us"]["median"] for p in (50, 95, 99))
        assert p50 <= p95 <= p99
    assert figures.speed().count("\n") == 2 + len(rates)
    assert figures.latency().count("\n") == 2 + 3
    assert "real sentences: tag_many, to_dict" in figures.speed_by_text()


def test_a_kernel_measures_itself_in_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {CORPUS: Sample(["La police."], ["La police. La loi."])}
    monkeypatch.setattr(turns, "BUDGET_SECONDS", 0.0)
    monkeypatch.setattr(speed_paths, "BATCHES", (1,))
    monkeypatch.setattr(samples, "read", lambda most, data: kinds if (most, data) == (7, ()) else {})
    result = CliRunner().invoke(speed.main, ["--model", "g7-seeds", "--here", "7"], catch_exceptions=False)
    assert list(json.loads(result.output)) == [CORPUS]


def test_a_kernel_that_cannot_run_is_said_to_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(speed, "KERNELS", {"odd": "perhaps"})
    monkeypatch.setattr(speed, "SENTENCES", {"odd": 1})
    result = CliRunner().invoke(speed.main, ["--turns", "1"])
    assert result.exit_code == 1
    assert "kernel odd was not measured" in result.output
    assert "expected auto, yes or no" in result.output
    assert not (tmp_path / "speed.json").exists()
