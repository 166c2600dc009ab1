"""The labelled rows that are learned from, and those that are held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from g7classify.codebook import Codebook
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import best_tags, chief_f1


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Labelled rows and how they are parted.

    Attributes:
        dataset: n rows.
        sha256: of each file.
        held_out: (n,), the rows that are not learned from.
        judged: (n,), those of them that figures are of after each epoch; may be none.
        folds_sha256: learn.split.digest of the rows and their folds; "" where no fold is held out.
    """

    dataset: Dataset
    sha256: dict[str, str]
    held_out: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    folds_sha256: str = ""


class Figures(BaseModel):
    """F1 at the best threshold of each label on the very rows: what the scores can tell, not what a product reaches."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    rows: int
    subtype_macro_f1: float | None
    subtype_micro_f1: float | None
    category_macro_f1: float | None


def figures(labels: NDArray[np.bool_], scores: NDArray[np.float32], codebook: Codebook) -> Figures:
    """How well scores (n, k) rank the sentences of each label (n, k)."""
    return Figures(rows=len(labels), **chief_f1(labels, best_tags(labels, scores), codebook))
