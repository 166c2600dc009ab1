from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from g7classify.codebook import CODEBOOK
from g7classify.errors import DataError, UnreadableFileError
from g7classify.registry import sha256
from training import taught


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, content in (("a-fr.txt.gz", "Un.\n\n Deux. \n"), ("b-ja.txt.gz", "三。\n")):
        (folder / name).write_bytes(gzip.compress(content.encode()))
    return folder


@pytest.fixture
def scores(texts: Path) -> dict[str, Any]:
    names = sorted(path.name for path in texts.iterdir())
    return {
        "labels": np.array(CODEBOOK.names),
        "names": np.array(names),
        "sha256": np.array([sha256(texts / name) for name in names]),
        "files": np.array([0, 1, 0]),
        "lines": np.array([3, 1, 1]),
        "scores": np.zeros((3, len(CODEBOOK)), np.float16),
        "unseen_fold": np.array(2),
    }


def written(folder: Path, scores: dict[str, Any]) -> Path:
    path = folder / "scores.npz"
    np.savez(path, **scores)
    return path


def test_reads_sentences_with_their_probabilities(tmp_path: Path, texts: Path, scores: dict[str, Any]) -> None:
    scores["scores"][1, 4] = 3
    found, digests = taught.read(written(tmp_path, scores), texts, CODEBOOK)
    assert found.texts == ("Deux.", "三。", "Un.")
    assert found.targets[0, 0] == 0.5
    assert found.targets[1, 4] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)
    assert found.unseen_fold == 2
    assert digests == {name: sha256(texts / name) for name in ("a-fr.txt.gz", "b-ja.txt.gz")} | {
        "scores.npz": sha256(tmp_path / "scores.npz")
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("labels", np.array(["a", "b"]), "not those of the codebook"),
        ("sha256", np.array(["0" * 64] * 2), "but the teacher read"),
        ("unseen_fold", np.array(-1), "learned from all labelled rows"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, texts: Path, scores: dict[str, Any], name: str, value: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        taught.read(written(tmp_path, scores | {name: value}), texts, CODEBOOK)


def test_a_file_that_is_none(tmp_path: Path, texts: Path) -> None:
    (tmp_path / "none.npz").write_text("no archive")
    for name in ("none.npz", "missing.npz"):
        with pytest.raises(UnreadableFileError, match=name):
            taught.read(tmp_path / name, texts, CODEBOOK)
