"""Read and write the file of a table: see container.py for what all model files have in common.

FORMAT 1 holds the tensors

    table int8 (2**bits, k + 1)     scale float32 (k + 1,)
    bias, slope, intercept float32 (k,)
    thresholds float32 (3, k), rows for the operating points recall, balanced, precision; no column falls

and as metadata FORMAT, FEATURES, spec, codebook, info, pivot, and bands, one an operating point.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar, Final

from g7classify import container, contents
from g7classify.codebook import Codebook
from g7classify.container import TABLE, Kind, Make, Plan, Shape, Tensors
from g7classify.decision import OPERATING_POINTS
from g7classify.features import FEATURES, FeatureSpec
from g7classify.model import Model, ModelInfo

FORMAT: Final = 1
VECTORS: Final = ("scale", "bias", "slope", "intercept", "thresholds")


@dataclass(frozen=True, slots=True)
class _Metadata:
    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    FORMAT: int
    FEATURES: int
    spec: dict[str, Any]
    codebook: dict[str, Any]
    info: dict[str, Any]
    pivot: float
    bands: tuple[float, float, float]

    def __post_init__(self) -> None:
        contents.check_range("pivot", self.pivot, most=1e6)
        for band in self.bands:
            contents.check_range("bands", band, most=100)


def write(model: Model, path: str | os.PathLike[str]) -> str:
    """Write a model file, whole or not at all, and return its sha256.

    The same model gives the same bytes.

    Raises:
        OptionError: it would be a larger file than is read, or have a larger header.
        UnreadableFileError: the folder does not exist or cannot be written.
    """
    metadata: dict[str, Any] = {
        "FORMAT": FORMAT,
        "FEATURES": FEATURES,
        "spec": model.spec.to_dict(),
        "codebook": model.codebook.to_dict(),
        "info": asdict(model.info),
        "pivot": float(model.pivot),  # as reading gives it: 0 and 0.0 are two texts, and so two digests
        "bands": [float(band) for band in model.bands],
    }
    return container.write(path, metadata, {name: getattr(model, name) for name in ("table", *VECTORS)})


def read(path: str | os.PathLike[str]) -> Model:
    """Read a model file, checking everything before a Model is made.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: its FORMAT or FEATURES number is one this version cannot read.
        ModelFileError: it is damaged, contradicts itself, is no table, or no model file.
    """
    return load(path)[0]


def load(path: str | os.PathLike[str], *, sha256: str | None = None) -> tuple[Model, str]:
    """Read a model file as `read` does, and return its sha256 beside the model.

    Args:
        path: of the file.
        sha256: what it has to be: see container.load.

    Raises:
        ModelFileError: another sha256; and as `read` does.
    """
    return container.load(path, KIND, sha256=sha256)


def _plan(metadata: dict[str, Any], make: Make) -> Plan[Model]:
    said = make(_Metadata, metadata)
    spec, info = make(FeatureSpec, said.spec), make(ModelInfo, said.info)
    codebook = contents.codebook(said.codebook)
    k = len(codebook)
    shapes = {name: Shape("F32", (k,)) for name in VECTORS}
    shapes |= {
        "scale": Shape("F32", (k + 1,)),
        "thresholds": Shape("F32", (len(OPERATING_POINTS), k)),
        "table": Shape("I8", (spec.buckets, k + 1)),
    }
    return Plan(shapes, partial(_build, info, codebook, spec, said.pivot, said.bands))


def _build(
    info: ModelInfo,
    codebook: Codebook,
    spec: FeatureSpec,
    pivot: float,
    bands: tuple[float, float, float],
    tensors: Tensors,
) -> Model:
    contents.check_numbers(tensors, VECTORS, positive=("scale", "slope"))
    contents.check_thresholds(tensors)
    contents.check_norms(tensors["table"])
    return Model(info=info, codebook=codebook, spec=spec, pivot=pivot, bands=bands, **tensors)


KIND: Final = Kind(TABLE, {"FORMAT": FORMAT, "FEATURES": FEATURES}, _plan)
