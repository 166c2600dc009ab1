"""Arrays kept between runs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from g7classify.atomic import write_bytes


def write_array(path: Path, array: NDArray[Any]) -> None:
    """A .npy file, whole or not at all."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    write_bytes(path, buffer.getvalue())
