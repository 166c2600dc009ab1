"""The quality benchmark, whole, on a small corpus."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchmarks import figures, quality, quality_rows, records
from benchmarks.peer_systems import SYSTEMS
from benchmarks.quality_peers import TEACHER
from benchmarks.quality_systems import BASELINE, OURS, TAUGHT
from g7classify.codebook import CODEBOOK
from g7classify.learn.dataset import Dataset
from g7classify.learn.soft import Soft

HASHING = "scikit-learn hashing"


@pytest.fixture
def house(tmp_path: Path, write_rows: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(160, languages=("it", "fr"))
    (tmp_path / "toy.toml").write_text('name = "toy"\nfolds = 2\nspec = { bits = 10 }\n')
    monkeypatch.setattr(quality_rows, "SEEDS", tmp_path / "seeds")
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(quality, "FOLDER", tmp_path / "peers")
    for name in SYSTEMS.keys() - {HASHING, "Vowpal Wabbit"}:
        monkeypatch.delitem(SYSTEMS, name)
    # Whether it is installed here or not, it cannot be imported.
    (tmp_path / "fakes").mkdir()
    (tmp_path / "fakes" / "vowpalwabbit.py").write_text("raise ImportError('made up')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'fakes'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.chdir(tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "seeds" / "fr.jsonl").read_text().splitlines()]
    held_out = [
        {**row, "text": f"{row['text']} fin", "pass_a": row["labels"], "pass_b": row["labels"][:1]} for row in rows
    ]
    (tmp_path / "dev.jsonl").write_text("\n".join(json.dumps({**row, "source": "press"}) for row in held_out))
    return tmp_path


def run(*options: str) -> Result:
    return CliRunner().invoke(quality.main, ["--recipe", "toy.toml", *options], catch_exceptions=False)


def recorded(folder: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((folder / "quality.json").read_text())["figures"]
    return figures


def teacher_scores(folder: Path, rows: Dataset) -> Path:
    """A teacher that knows it all, but for one row in ten."""
    random = np.random.default_rng(0)
    scores = np.where(rows.labels ^ (random.random((len(rows), 1)) < 0.1), 4.0, -4.0)
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in rows.texts]
    np.savez(folder / "teacher.npz", texts_sha256=digests, scores=scores, labels=CODEBOOK.names)
    return folder / "teacher.npz"


def test_a_whole_run_is_recorded_with_every_part(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Dataset.read([house / "seeds", house / "dev.jsonl"])
    scores = teacher_scores(house, both)
    learned = Dataset.read(house / "seeds")
    soft = Soft(learned.texts, np.where(learned.labels, 3, -3).astype(np.float16)[None].repeat(2, axis=0), (0, 1))
    monkeypatch.setattr(quality.taught, "read", lambda *_: (soft, {}))
    (house / "texts").mkdir()
    given = ["--soft", str(scores), "--texts", "texts", "--teacher-scores", str(scores)]
    result = run("--held-out", "dev.jsonl", "--model", "g7-seeds", *given)
    assert result.exit_code == 0
    found = recorded(house)
    assert (found["recipe"], found["rows"], found["folds"]) == ("toy.toml", 160, [1, 2])

    crossed = found["cross_validation"]
    assert list(crossed["evaluations"]) == [OURS, TAUGHT, BASELINE, TEACHER]
    values = {name: one["overall"]["subtype_macro_f1"]["value"] for name, one in crossed["evaluations"].items()}
    assert all(value > 0.8 for value in values.values())
    assert {one["overall"]["rows"] for one in crossed["evaluations"].values()} == {160}
    assert crossed["chief"] == TAUGHT
    lead = crossed["leads"][BASELINE]["subtype_macro_f1"]
    assert lead["value"] == pytest.approx(values[TAUGHT] - values[BASELINE], abs=2e-4)
    assert lead["low"] <= lead["value"] <= lead["high"]
    assert list(crossed["reliability"][OURS]) == ["actor", "measure", "threat", "role", "sub-types"]

    tested = found["held_out"]
    assert tested["chief"].startswith("g7-seeds@")
    assert tested["evaluations"][OURS]["overall"]["subtype_macro_f1"]["value"] > 0.9
    assert tested["sources"][OURS]["press"]["rows"] == 160
    assert found["robustness"]["lower case"]["changed"] == 0
    assert set(found["robustness"]["typos"]["lost"]) == {tested["chief"], BASELINE}

    points = found["learning_curve"]["points"][OURS]
    assert [point["learned"] for point in points] == sorted(point["learned"] for point in points)
    assert points[-1]["learned"] == (160 - found["learning_curve"]["rows"])
    assert points[0]["subtype_macro_f1"]["value"] < points[-1]["subtype_macro_f1"]["value"]
    ways = found["transfer"]["it"]["systems"][OURS]
    assert ways["without"]["learned"] < ways["with"]["learned"]
    assert set(found["transfer"]) == {"it"}

    peers = found["peers"]
    assert peers["unavailable"] == {"Vowpal Wabbit": "ImportError: made up"}
    assert set(peers["parts"]["first_fold"]) == {OURS, TAUGHT, BASELINE, HASHING, TEACHER}
    assert "behind" in peers["parts"]["test"][HASHING]
    assert "behind" not in peers["parts"]["test"][TAUGHT]
    assert found["agreement"]["rows"] == 160
    assert 0 < found["agreement"]["kappa"]["measure"] < 1  # the second pass has the first label alone

    for shown in ("cross-validation", "transfer", "learning curve", "lead of", "made up", "kappa of measure"):
        assert shown in result.output
    assert len(list(house.glob("quality-*.svg"))) == 4
    assert "## " not in figures.TABLES["cross-validation"]()


def test_figures_without_held_out_rows_are_printed_and_not_recorded(house: Path) -> None:
    result = run("--part", "accuracy", "--part", "agreement")
    assert "cross-validation" in result.output
    assert "held-out rows" not in result.output
    assert "not recorded" in result.output
    assert not (house / "quality.json").exists()


@pytest.mark.usefixtures("house")
def test_what_is_not_there_is_known_before_anything_is_trained() -> None:
    for options, message in (
        (["--held-out", "dev.jsonl"], "no model is called 'toy@0.1.0'"),
        (["--teacher-scores", "dev.jsonl"], "cannot read dev.jsonl as scores of a teacher"),
        (["--soft", "dev.jsonl"], "--soft and --texts go together"),
    ):
        result = CliRunner().invoke(quality.main, ["--recipe", "toy.toml", *options])
        assert result.exit_code
        assert message in result.output
        assert "fold" not in result.output.replace("folder", "")
