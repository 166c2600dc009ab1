"""Scores of a slow model on labelled rows, made elsewhere: what a teacher reaches that a light model learns from.

An .npz file without pickles: `texts_sha256` (n,), the hexadecimal SHA-256 of each sentence in UTF-8; `scores` (n, k),
log-odds; `labels` (k,), their names in the codebook's order. Those of training rows have to come from a teacher that
had not seen the row's fold: the file cannot tell, so its maker answers for it.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from benchmarks.quality_rows import Scores
from g7classify.codebook import Codebook
from g7classify.errors import DataError, UnreadableFileError


@dataclass(frozen=True, slots=True, eq=False)
class TeacherScores:
    """Scores (n, k), and the row of each text's digest."""

    path: Path
    scores: Scores
    places: dict[str, int]

    @classmethod
    def read(cls, path: Path, codebook: Codebook) -> Self:
        """The scores in a file.

        Raises:
            UnreadableFileError: the file is missing, is no .npz file, or lacks an array.
            DataError: its labels are not the codebook's, or the arrays do not fit each other.
        """
        try:
            with path.open("rb") as file, np.load(file) as found:  # of a damaged file NumPy leaves its own open
                texts, labels = found["texts_sha256"].tolist(), tuple(found["labels"].tolist())
                scores = found["scores"].astype(np.float64)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UnreadableFileError(f"cannot read {path} as scores of a teacher: {error}") from error
        if labels != codebook.names:
            raise DataError(f"{path}: its labels are not those of the codebook {codebook.name!r} {codebook.version}")
        if scores.shape != (len(texts), len(labels)) or not np.isfinite(scores).all():
            raise DataError(f"{path}: expected {len(texts)} x {len(labels)} finite scores, got {scores.shape}")
        return cls(path, scores, {text: row for row, text in enumerate(texts)})

    def of(self, texts: Sequence[str]) -> Scores | None:
        """Scores (m, k) of some texts; None if it lacks any."""
        rows = [self.places.get(hashlib.sha256(text.encode()).hexdigest(), -1) for text in texts]
        return None if -1 in rows else self.scores[rows]

    def lacking(self, texts: Sequence[str]) -> str:
        """What it has of the texts, in words."""
        found = sum(hashlib.sha256(text.encode()).hexdigest() in self.places for text in texts)
        return f"{self.path.name} has scores of {found:,} of {len(texts):,} sentences"
