"""What the files of all models hold, checked: a codebook, calibration, thresholds, bands of doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import Codebook
from g7classify.container import Tensors
from g7classify.errors import CodebookError, ModelFileError
from g7classify.foreign import Malformed
from g7classify.labels import short

MAX_VALUE: Final = 1e6  # of all vectors: far from any that training gives, and no product of three overflows


def codebook(values: dict[str, Any]) -> Codebook:
    """The codebook in a file's metadata. Raises Malformed if there is none."""
    try:
        return Codebook.from_dict(values)
    except CodebookError as error:
        raise Malformed(f"its codebook is malformed ({error})") from error


def check_range(name: str, value: float, *, least: float = 0, most: float) -> None:
    """Raise ModelFileError unless a number of the metadata is in least..most."""
    if not least <= value <= most:  # NaN neither
        raise ModelFileError(f"{name}: expected {least:g} to {most:g}, got {short(value)}")


def check_digest(name: str, value: str) -> None:
    """Raise ModelFileError unless a text of the metadata is a sha256."""
    if not re.fullmatch("[0-9a-f]{64}", value):
        raise ModelFileError(f"{name}: expected 64 hexadecimal digits, got {short(value)}")


def check_numbers(tensors: Tensors, names: Iterable[str], *, positive: tuple[str, ...]) -> None:
    """Raise Malformed unless the named tensors are finite, no value is huge, and those of `positive` are above 0."""
    for name in names:
        if not np.isfinite(tensors[name]).all():
            raise Malformed(f"its tensor {name} holds NaN or infinity")
        if tensors[name].itemsize > 2 and (np.abs(tensors[name]) > MAX_VALUE).any():  # no float16 is so large
            raise Malformed(f"its tensor {name} holds a value beyond {MAX_VALUE:g}")
    for name in positive:
        if not (tensors[name] > 0).all():
            raise Malformed(f"its tensor {name} holds a value that is not positive")


def check_norms(table: NDArray[np.int8]) -> None:
    """Raise Malformed unless the norm column of a table (d, k + 1), its last, holds no negative value."""
    if (table[:, -1] < 0).any():
        raise Malformed("the norm column of its table holds a negative value")


def check_thresholds(tensors: Tensors) -> None:
    """Raise Malformed unless the tensor `thresholds` (3, k) is in 0..1, and no column falls."""
    if not ((tensors["thresholds"] >= 0) & (tensors["thresholds"] <= 1)).all():
        raise Malformed("its tensor thresholds holds a value outside 0..1")
    if (np.diff(tensors["thresholds"], axis=0) < 0).any():
        raise Malformed("its tensor thresholds falls from one operating point to the next")
