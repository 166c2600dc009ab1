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


def written(folder: Path, scores: dict[str, Any], name: str = "scores.npz") -> Path:
    path = folder / name
    np.savez(path, **scores)
    return path


def test_reads_sentences_with_the_scores_of_every_teacher(tmp_path: Path, texts: Path, scores: dict[str, Any]) -> None:
    one = written(tmp_path, scores)
    scores["scores"][1, 4] = 3
    two = written(tmp_path, scores | {"unseen_fold": np.array(0)}, "other.npz")
    found, digests = taught.read([one, two], texts, CODEBOOK)
    assert found.texts == ("Deux.", "三。", "Un.")
    assert found.scores[:, 1, 4].tolist() == [0, 3]
    assert found.folds == (2, 0)
    assert digests == {name: sha256(texts / name) for name in ("a-fr.txt.gz", "b-ja.txt.gz")} | {
        "scores.npz": sha256(one),
        "other.npz": sha256(two),
    }


def test_files_of_one_name_are_told_by_their_folders(tmp_path: Path, texts: Path, scores: dict[str, Any]) -> None:
    for fold in (0, 1):
        (tmp_path / str(fold)).mkdir()
        written(tmp_path / str(fold), scores | {"unseen_fold": np.array(fold)})
    _, digests = taught.read([tmp_path / "0" / "scores.npz", tmp_path / "1" / "scores.npz"], texts, CODEBOOK)
    assert {"0/scores.npz", "1/scores.npz"} < digests.keys()


def test_teachers_that_read_other_sentences(tmp_path: Path, texts: Path, scores: dict[str, Any]) -> None:
    one = written(tmp_path, scores)
    two = written(tmp_path, scores | {"lines": np.array([1, 1, 3]), "unseen_fold": np.array(0)}, "other.npz")
    with pytest.raises(DataError, match="other sentences"):
        taught.read([one, two], texts, CODEBOOK)


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
        taught.read([written(tmp_path, scores | {name: value})], texts, CODEBOOK)


def test_a_file_that_is_none(tmp_path: Path, texts: Path, scores: dict[str, Any]) -> None:
    (tmp_path / "none.npz").write_text("no archive")
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "cut.npz").write_bytes(written(tmp_path, scores).read_bytes()[:-40])
    written(tmp_path, {"scores": scores["scores"], "rows": np.arange(3)}, "rows.npz")  # as score --rows writes it
    for name in ("none.npz", "empty.npz", "cut.npz", "rows.npz", "missing.npz"):
        with pytest.raises(UnreadableFileError, match=name):
            taught.read([tmp_path / name], texts, CODEBOOK)


def test_teachers_that_held_out_a_fold_of_other_rows_are_refused(
    tmp_path: Path, texts: Path, scores: dict[str, Any]
) -> None:
    path = written(tmp_path, scores | {"folds_sha256": np.array("3" * 64)})
    older = written(tmp_path, scores | {"unseen_fold": np.array(0)}, "older.npz")
    assert taught.read([path, older], texts, CODEBOOK, folds_sha256="3" * 64)[0].folds == (2, 0)
    assert taught.read([path], texts, CODEBOOK)[0].folds == (2,)
    with pytest.raises(DataError, match=r"scores\.npz: its teacher held out a fold of other rows"):
        taught.read([older, path], texts, CODEBOOK, folds_sha256="4" * 64)
