"""What teachers have read: `training.teacher.score` writes it, `training.build` learns from it."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from g7classify.codebook import Codebook
from g7classify.errors import DataError, UnreadableFileError
from g7classify.learn.dataset import digests
from g7classify.learn.soft import Soft
from g7classify.registry import sha256

FOLDS = "folds_sha256"
PLACES = ("names", "sha256", "files", "lines")  # of the sentences


def read(
    paths: Sequence[Path], folder: Path, codebook: Codebook, *, folds_sha256: str = ""
) -> tuple[Soft, dict[str, str]]:
    """The sentences with their scores, and the sha256 of every file that they come from.

    Args:
        paths: .npz files of scores, one a teacher, of the same sentences.
        folder: of the text files that they name.
        codebook: its labels have to be the files'.
        folds_sha256: learn.split.digest of the labelled rows beside which they are learned from, and of their folds,
            which have to be the teachers'; "" = not to be checked. Files of earlier versions do not tell, and pass.

    Raises:
        UnreadableFileError: a file is missing, may not be read, or holds no scores of texts.
        DataError: a text file is not the one that was read, the labels are others, the teachers read other sentences,
            or one of them knew all rows, or held out a fold of other rows.
    """
    found = digests(paths)
    teachers = [_scores(path, codebook) for path in paths]
    for path, teacher in zip(paths, teachers, strict=True):
        if folds_sha256 and str(teacher.get(FOLDS, "")) not in ("", folds_sha256):
            raise DataError(f"{path}: its teacher held out a fold of other rows, or of another division of these")
    first = teachers[0]
    for path, other in zip(paths, teachers, strict=True):
        if any(not np.array_equal(first[name], other[name]) for name in PLACES):
            raise DataError(f"{path} is of other sentences than {paths[0]}; have the teachers read the same ones")
    lines = []
    for name, digest in zip(first["names"].tolist(), first["sha256"].tolist(), strict=True):
        found[name] = sha256(folder / name)
        if found[name] != digest:
            raise DataError(f"{folder / name}: sha256 {found[name]}, but the teacher read {digest}")
        lines.append(gzip.decompress((folder / name).read_bytes()).decode().split("\n"))
    places = zip(first["files"].tolist(), first["lines"].tolist(), strict=True)
    texts = tuple(lines[file][line - 1].strip() for file, line in places)
    scores = np.stack([teacher["scores"] for teacher in teachers])
    return Soft(texts, scores, tuple(int(teacher["unseen_fold"]) for teacher in teachers)), found


def _scores(path: Path, codebook: Codebook) -> dict[str, Any]:
    try:
        with path.open("rb") as file, np.load(file) as archive:  # of a damaged file NumPy leaves its own open
            found = {name: archive[name] for name in (*PLACES, "scores", "labels", "unseen_fold")}
            if FOLDS in archive:
                found[FOLDS] = archive[FOLDS]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableFileError(
            f"cannot read {path}: {error}; training.teacher.score --texts writes such a file"
        ) from error
    if tuple(found["labels"].tolist()) != codebook.names:
        raise DataError(f"{path}: its labels are not those of the codebook {codebook.name!r} {codebook.version}")
    if int(found["unseen_fold"]) < 0:
        raise DataError(f"{path}: its teacher learned from all labelled rows, so that nothing could be measured")
    return found
