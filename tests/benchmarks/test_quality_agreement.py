from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.quality_agreement import agreement, passes
from g7classify.codebook import CODEBOOK
from g7classify.errors import UnknownLabelError
from g7classify.learn.dataset import Dataset

LABELS = [["threat.terrorism"], ["actor.state"], [], ["threat.cybercrime", "actor.state"]] * 5


def written(folder: Path, second: list[list[str]]) -> Path:
    rows = [
        {"text": f"t{i}", "labels": one, "pass_a": one, "pass_b": other}
        for i, (one, other) in enumerate(zip(LABELS, second, strict=True))
    ]
    path = folder / "dev.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    return path


def test_the_same_annotation_twice_agrees(tmp_path: Path) -> None:
    path = written(tmp_path, LABELS)
    both = passes(path, CODEBOOK)
    assert both is not None
    found = agreement(Dataset.read(path), *both)
    assert found["rows"] == 20
    assert found["subtype_macro_f1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert found["kappa"]["threat"] == found["subtype_mean_kappa"] == 1.0
    assert found["kappa"]["role"] is None


def test_disagreement_costs_f1_and_kappa_and_chance_is_taken_out(tmp_path: Path) -> None:
    path = written(tmp_path, [["threat.terrorism"], ["actor.company"], [], ["actor.state"]] * 5)
    both = passes(path, CODEBOOK)
    assert both is not None
    found = agreement(Dataset.read(path), *both)
    # Of threat (10 and 5 of 20, 5 in both): observed .75, by chance .5.
    assert found["kappa"]["threat"] == pytest.approx((0.75 - 0.5) / 0.5)
    assert found["kappa"]["actor"] == 1.0
    # terrorism 1, state 2/3, cybercrime 0; company is not in the first.
    assert found["subtype_macro_f1"]["value"] == pytest.approx((1 + 2 / 3 + 0) / 3, abs=1e-4)


def test_rows_without_two_annotations_tell_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", "labels": [], "pass_a": []}\n')
    assert passes(path, CODEBOOK) is None


def test_a_label_outside_the_codebook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownLabelError):
        passes(written(tmp_path, [["threat.rain"]] * 20), CODEBOOK)
