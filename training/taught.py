"""What a teacher has read: `training.teacher.score` writes it, `training.build` learns from it."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from g7classify.codebook import Codebook
from g7classify.errors import DataError, UnreadableFileError
from g7classify.learn.soft import Soft
from g7classify.logistic import logistic
from g7classify.registry import sha256


def read(path: Path, folder: Path, codebook: Codebook) -> tuple[Soft, dict[str, str]]:
    """The sentences with their probabilities, and the sha256 of every file that they come from.

    Args:
        path: the .npz file of scores.
        folder: of the text files that it names.
        codebook: its labels have to be the file's.

    Raises:
        UnreadableFileError: a file is missing or may not be read.
        DataError: a text file is not the one that was read, the labels are others, or the teacher knew all rows.
    """
    try:
        found = np.load(path)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"cannot read {path}: {error}") from error
    if tuple(found["labels"].tolist()) != codebook.names:
        raise DataError(f"{path}: its labels are not those of the codebook {codebook.name!r} {codebook.version}")
    digests = {path.name: sha256(path)}
    lines = []
    for name, digest in zip(found["names"].tolist(), found["sha256"].tolist(), strict=True):
        digests[name] = sha256(folder / name)
        if digests[name] != digest:
            raise DataError(f"{folder / name}: sha256 {digests[name]}, but the teacher read {digest}")
        lines.append(gzip.decompress((folder / name).read_bytes()).decode().split("\n"))
    places = zip(found["files"].tolist(), found["lines"].tolist(), strict=True)
    texts = tuple(lines[file][line - 1].strip() for file, line in places)
    fold = int(found["unseen_fold"])
    if fold < 0:
        raise DataError(f"{path}: its teacher learned from all labelled rows, so that nothing could be measured")
    return Soft(texts, logistic(found["scores"].astype(np.float32)), fold), digests
