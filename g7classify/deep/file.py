"""Read and write the file of a deep model: see g7classify/container.py for what all model files have in common.

FORMAT 1 of the kind `deep` holds the tensors of deep.adapters.Adapters, float16, and

    head float32 (k, w)     bias, slope, intercept float32 (k,)
    thresholds float32 (3, k), rows for the operating points recall, balanced, precision; no column falls

and, where n-grams add to the scores, as in the file of a table

    table int8 (2**bits, k + 1)     scale float32 (k + 1,)

and as metadata kind, FORMAT, ENCODING (how a text becomes a vector: pieces, prefix, mean), base, adapters (layers L,
width w, inner width f, rank r), longest, codebook, info, bands, one an operating point, and with n-grams `grams`:
FEATURES, spec and pivot.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar, Final

from g7classify import container, contents
from g7classify.codebook import Codebook
from g7classify.container import DEEP, Kind, Make, Plan, Shape, Tensors
from g7classify.decision import OPERATING_POINTS
from g7classify.deep import adapters, base
from g7classify.deep.adapters import Adapters
from g7classify.deep.model import BaseId, DeepModel, Grams
from g7classify.errors import OptionError
from g7classify.features import FEATURES, FeatureSpec
from g7classify.foreign import Malformed
from g7classify.model import ModelInfo

FORMAT: Final = 1
ENCODING: Final = 1
VECTORS: Final = ("head", "bias", "slope", "intercept", "thresholds")
RANKS: Final = (1, 128)
LONGEST: Final = (5, 512)
"""From start, the two pieces of the prefix, one of the text and end to as many positions as the base has."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Of adapters. Caps keep a header of a few bytes from asking for all the memory there is."""

    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    layers: int
    width: int
    inner: int
    rank: int

    def __post_init__(self) -> None:
        for name, (low, high) in (("layers", (1, 48)), ("width", (1, 4096)), ("inner", (1, 16384)), ("rank", RANKS)):
            contents.check_range(name, getattr(self, name), least=low, most=high)


@dataclass(frozen=True, slots=True)
class _Metadata:
    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    kind: str
    FORMAT: int
    ENCODING: int
    base: dict[str, str]
    adapters: dict[str, Any]
    longest: int
    codebook: dict[str, Any]
    info: dict[str, Any]
    bands: tuple[float, float, float]
    grams: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        contents.check_range("longest", self.longest, least=LONGEST[0], most=LONGEST[1])
        for band in self.bands:
            contents.check_range("bands", band, most=100)


@dataclass(frozen=True, slots=True)
class _Grams:
    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    FEATURES: int
    spec: dict[str, Any]
    pivot: float

    def __post_init__(self) -> None:
        contents.check_range("pivot", self.pivot, most=1e6)


def write(model: DeepModel, path: str | os.PathLike[str]) -> str:
    """Write a model file, whole or not at all, and return its sha256.

    The same model gives the same bytes.

    Raises:
        OptionError: it would be a larger file than is read, or have a larger header.
        UnreadableFileError: the folder does not exist or cannot be written.
    """
    layers, rank, width = model.adapters.attend_down.shape
    metadata: dict[str, Any] = {
        "kind": DEEP,
        "FORMAT": FORMAT,
        "ENCODING": ENCODING,
        "base": asdict(model.base),
        "adapters": {"layers": layers, "width": width, "inner": model.adapters.widen_bias.shape[1], "rank": rank},
        "longest": model.longest,
        "codebook": model.codebook.to_dict(),
        "info": asdict(model.info),
        "bands": [float(band) for band in model.bands],
    }
    tensors: Tensors = {**model.adapters.tensors(), **{name: getattr(model, name) for name in VECTORS}}
    if model.grams is not None:
        spec, pivot = model.grams.spec.to_dict(), float(model.grams.pivot)
        metadata["grams"] = {"FEATURES": FEATURES, "spec": spec, "pivot": pivot}
        tensors |= {"table": model.grams.table, "scale": model.grams.scale}
    return container.write(path, metadata, tensors)


def read(path: str | os.PathLike[str]) -> DeepModel:
    """Read a model file, checking everything before a DeepModel is made. Needs nothing of the extra.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: its FORMAT or ENCODING number is one this version cannot read.
        ModelFileError: it is damaged, contradicts itself, is no deep model, or no model file.
    """
    return load(path)[0]


def load(path: str | os.PathLike[str], *, sha256: str | None = None) -> tuple[DeepModel, str]:
    """Read a model file as `read` does, and return its sha256 beside the model.

    Args:
        path: of the file.
        sha256: what it has to be: see container.load.

    Raises:
        ModelFileError: another sha256; and as `read` does.
    """
    return container.load(path, KIND, sha256=sha256)


def _plan(metadata: dict[str, Any], make: Make) -> Plan[DeepModel]:
    said = make(_Metadata, metadata)
    sizes, info, base_id = make(_Sizes, said.adapters), make(ModelInfo, said.info), make(BaseId, said.base)
    codebook = contents.codebook(said.codebook)
    k = len(codebook)
    encoder = base.Shape(width=sizes.width, layers=sizes.layers, inner=sizes.inner)
    shapes = {name: Shape("F16", found) for name, found in adapters.shapes(encoder, rank=sizes.rank).items()}
    shapes |= {name: Shape("F32", (k,)) for name in VECTORS}
    shapes |= {"head": Shape("F32", (k, sizes.width)), "thresholds": Shape("F32", (len(OPERATING_POINTS), k))}
    grams = None
    if said.grams is not None:
        added = make(_Grams, said.grams)
        container.check_number("FEATURES", added.FEATURES, FEATURES)
        spec = make(FeatureSpec, added.spec)
        grams = spec, added.pivot
        shapes |= {"table": Shape("I8", (spec.buckets, k + 1)), "scale": Shape("F32", (k + 1,))}
    return Plan(shapes, partial(_build, said, info, codebook, base_id, grams))


def _build(
    said: _Metadata,
    info: ModelInfo,
    codebook: Codebook,
    base_id: BaseId,
    grams: tuple[FeatureSpec, float] | None,
    tensors: Tensors,
) -> DeepModel:
    contents.check_numbers(tensors, VECTORS, positive=("slope",))
    contents.check_thresholds(tensors)
    vectors = {name: tensors.pop(name) for name in VECTORS}
    added = None
    if grams is not None:
        contents.check_numbers(tensors, ("scale",), positive=("scale",))
        table, scale = tensors.pop("table"), tensors.pop("scale")
        contents.check_norms(table)
        added = Grams(spec=grams[0], table=table, scale=scale, pivot=grams[1])
    try:
        trained = Adapters(**tensors)
    except OptionError as error:
        raise Malformed(f"its adapters are unsound ({error})") from error
    return DeepModel(
        info=info,
        codebook=codebook,
        base=base_id,
        adapters=trained,
        bands=said.bands,
        longest=said.longest,
        grams=added,
        **vectors,
    )


KIND: Final = Kind(DEEP, {"FORMAT": FORMAT, "ENCODING": ENCODING}, _plan)
