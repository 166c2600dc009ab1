"""Vectors of n-grams, which training starts from, and their file: see container.py for what all files have in common.

FORMAT 1 of the kind `vectors` holds

    rows  int8 (d, w)    scale float32 (w,)    idf float16 (d,), above 0

and as metadata kind, FORMAT, FEATURES, spec (which n-grams; d is its number of buckets), width (w), norm_step
and info. A bucket's vector is rows * scale.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import container, contents
from g7classify.container import VECTORS, Kind, Make, Plan, Shape, Tensors
from g7classify.features import FEATURES, FeatureSpec
from g7classify.model import ModelInfo

FORMAT: Final = 1
WIDTHS: Final = (1, 1024)


@dataclass(frozen=True, slots=True)
class _Metadata:
    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    kind: str
    FORMAT: int
    FEATURES: int
    spec: dict[str, Any]
    width: int
    norm_step: float
    info: dict[str, Any]

    def __post_init__(self) -> None:
        contents.check_range("width", self.width, least=WIDTHS[0], most=WIDTHS[1])
        contents.check_range("norm_step", self.norm_step, least=1e-9, most=1e9)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Vectors:
    """Vectors of width w for the buckets of n-grams; immutable.

    Attributes:
        info: name, version and what they were distilled from.
        spec: which n-grams.
        idf: (d,), above 0: weights of the buckets, in the text that they were distilled from.
        norm_step: as in learn.linear.Linear.
        rows: (d, w), 0 for a bucket that was rare there.
    """

    info: ModelInfo
    spec: FeatureSpec
    idf: NDArray[np.float64]
    norm_step: float
    rows: NDArray[np.float32]


def write(vectors: Vectors, path: str | os.PathLike[str]) -> str:
    """Write a file, whole or not at all, and return its sha256. Rows are rounded to int8, idf to float16.

    Raises:
        OptionError: it would be a larger file than is read, or have a larger header.
        UnreadableFileError: the folder does not exist or cannot be written.
    """
    metadata: dict[str, Any] = {
        "kind": VECTORS,
        "FORMAT": FORMAT,
        "FEATURES": FEATURES,
        "spec": vectors.spec.to_dict(),
        "width": vectors.rows.shape[1],
        "norm_step": vectors.norm_step,
        "info": asdict(vectors.info),
    }
    scale = np.maximum(np.abs(vectors.rows).max(axis=0) / 127, 1e-9).astype(np.float32)
    rows = np.round(vectors.rows / scale).astype(np.int8)
    return container.write(path, metadata, {"rows": rows, "scale": scale, "idf": vectors.idf.astype(np.float16)})


def read(path: str | os.PathLike[str], *, sha256: str | None = None) -> Vectors:
    """Read a file, checking everything first.

    Args:
        path: of the file.
        sha256: what it has to be: see container.load.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: its FORMAT or FEATURES number is one this version cannot read.
        ModelFileError: it is damaged, contradicts itself, or holds no vectors.
    """
    return load(path, sha256=sha256)[0]


def load(path: str | os.PathLike[str], *, sha256: str | None = None) -> tuple[Vectors, str]:
    """Read a file as `read` does, and return its sha256 beside the vectors."""
    return container.load(path, KIND, sha256=sha256)


def _plan(metadata: dict[str, Any], make: Make) -> Plan[Vectors]:
    said = make(_Metadata, metadata)
    spec, info = make(FeatureSpec, said.spec), make(ModelInfo, said.info)
    shapes = {
        "rows": Shape("I8", (spec.buckets, said.width)),
        "scale": Shape("F32", (said.width,)),
        "idf": Shape("F16", (spec.buckets,)),
    }
    return Plan(shapes, partial(_build, said, spec, info))


def _build(said: _Metadata, spec: FeatureSpec, info: ModelInfo, tensors: Tensors) -> Vectors:
    contents.check_numbers(tensors, ("scale", "idf"), positive=("scale", "idf"))
    return Vectors(
        info=info,
        spec=spec,
        idf=tensors["idf"].astype(np.float64),
        norm_step=said.norm_step,
        rows=tensors["rows"] * tensors["scale"],
    )


KIND: Final = Kind(VECTORS, {"FORMAT": FORMAT, "FEATURES": FEATURES}, _plan)
