from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.quality_teacher import TeacherScores
from g7classify.codebook import CODEBOOK
from g7classify.errors import DataError, UnreadableFileError

TEXTS = ("Un.", "二。", "Three.")


def written(folder: Path, **changes: Any) -> Path:
    arrays = {
        "texts_sha256": [hashlib.sha256(text.encode()).hexdigest() for text in TEXTS],
        "scores": np.arange(3 * len(CODEBOOK), dtype=np.float16).reshape(3, -1),
        "labels": CODEBOOK.names,
    }
    path = folder / "teacher.npz"
    np.savez(path, **{name: array for name, array in (arrays | changes).items() if array is not None})
    return path


def test_scores_are_found_by_text_in_any_order(tmp_path: Path) -> None:
    found = TeacherScores.read(written(tmp_path), CODEBOOK)
    assert found.of(["二。", "Un.", "二。"]).tolist() == found.scores[[1, 0, 1]].tolist()  # type: ignore[union-attr]
    assert found.of(["Un.", "Quatre."]) is None
    assert found.lacking(["Un.", "Quatre."]) == "teacher.npz has scores of 1 of 2 sentences"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"labels": ["a"] * len(CODEBOOK)}, DataError, "not those of the codebook"),
        ({"scores": np.zeros((2, len(CODEBOOK)))}, DataError, "expected 3 x 38 finite scores"),
        ({"scores": np.full((3, len(CODEBOOK)), np.nan)}, DataError, "finite"),
        ({"scores": None}, UnreadableFileError, "scores"),
        ({"scores": np.array([{}])}, UnreadableFileError, "pickle"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        TeacherScores.read(written(tmp_path, **changes), CODEBOOK)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}")
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "cut.npz").write_bytes(written(tmp_path).read_bytes()[:-40])
    for name in ("rows.jsonl", "empty.npz", "cut.npz", "missing.npz"):
        with pytest.raises(UnreadableFileError, match=name):
            TeacherScores.read(tmp_path / name, CODEBOOK)
