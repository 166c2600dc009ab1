"""Read and write one model file.

FORMAT 1 is a safetensors file (https://github.com/huggingface/safetensors: a JSON header, then raw little-endian
arrays; nothing in it can run). Its tensors:

    table int8 (2**bits, k + 1)     scale float32 (k + 1,)
    bias, slope, intercept float32 (k,)
    thresholds float32 (3, k), rows for the operating points recall, balanced, precision; no column falls

Its metadata has one key, `g7classify`, a JSON object of two: `model` (FORMAT, FEATURES, spec, codebook, info, pivot,
and bands, one an operating point) and `sha256`, the digest of `model` as canonical JSON followed by every tensor's
name, shape and bytes in order of name. What is checked, in this order: size of the file and of its header; that the
header is JSON; FORMAT; FEATURES; the metadata's schema; names, dtypes, shapes and places of the tensors against spec
and codebook, to the byte; only then is the whole file read; the digest; that numbers are finite and in range. Only then
is a Model made.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from g7classify import atomic
from g7classify.codebook import Codebook
from g7classify.decision import OPERATING_POINTS
from g7classify.errors import CodebookError, FormatVersionError, ModelFileError, UnreadableFileError
from g7classify.features import FEATURES, FeatureSpec
from g7classify.foreign import Malformed, checked
from g7classify.labels import short
from g7classify.model import Model, ModelInfo

T = TypeVar("T")

FORMAT: Final = 1
MAX_FILE_BYTES: Final = 1 << 30
MAX_HEADER_BYTES: Final = 1 << 24
MAX_VALUE: Final = 1e6  # of all vectors: far from any that training gives, and no product of three overflows
VECTORS: Final = ("scale", "bias", "slope", "intercept", "thresholds")


@dataclass(frozen=True, slots=True)
class _Metadata:
    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    FORMAT: int
    FEATURES: int
    spec: dict[str, Any]
    codebook: dict[str, Any]
    info: dict[str, Any]
    pivot: float
    bands: tuple[float, float, float]

    def __post_init__(self) -> None:
        for name, value, most in (("pivot", self.pivot, 1e6), *(("bands", band, 100) for band in self.bands)):
            if not 0 <= value <= most:  # NaN neither
                raise ModelFileError(f"{name}: expected 0 to {most:g}, got {value}")


class _Parts(NamedTuple):
    metadata: dict[str, Any]
    digest: str
    spec: FeatureSpec
    codebook: Codebook
    info: ModelInfo


Make = Callable[[type[Any], dict[str, Any], Path], Any]


def write(model: Model, path: str | os.PathLike[str]) -> str:
    """Write a model file, whole or not at all, and return its sha256.

    The same model gives the same bytes.

    Raises:
        UnreadableFileError: the folder does not exist or cannot be written.
    """
    metadata: dict[str, Any] = {
        "FORMAT": FORMAT,
        "FEATURES": FEATURES,
        "spec": asdict(model.spec),
        "codebook": model.codebook.to_dict(),
        "info": asdict(model.info),
        "pivot": float(model.pivot),  # as reading gives it: 0 and 0.0 are two texts, and so two digests
        "bands": [float(band) for band in model.bands],
    }
    tensors = {name: np.ascontiguousarray(getattr(model, name)) for name in ("table", *VECTORS)}
    text = _canonical({"model": metadata, "sha256": _digest(metadata, tensors)})
    from safetensors.numpy import save  # reading needs none of it

    data = save(tensors, {"g7classify": text})
    atomic.write_bytes(path, data)
    return hashlib.sha256(data).hexdigest()


def read(path: str | os.PathLike[str]) -> Model:
    """Read a model file, checking everything before a Model is made.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: its FORMAT or FEATURES number is one this version cannot read.
        ModelFileError: it is damaged, contradicts itself, or is no model file.
    """
    return load(path)[0]


def load(path: str | os.PathLike[str], *, sha256: str | None = None) -> tuple[Model, str]:
    """Read a model file as `read` does, and return its sha256 beside the model.

    Args:
        path: of the file.
        sha256: what it has to be, as a shipped manifest says. A file that matches is what was checked when it was
            shipped: that spares its own digest, 7 of 17 ms, and the import of pydantic.

    Raises:
        ModelFileError: another sha256; and as `read` does.
    """
    target = Path(path)
    try:
        file = target.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        raise UnreadableFileError(f"cannot read the model file {target}: {error}") from error
    with file:
        try:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(8), "little")
            fits = 8 < size <= MAX_FILE_BYTES and length <= min(MAX_HEADER_BYTES, size - 8)
            header = file.read(length) if fits else b""
            parts = None if sha256 else _parts(target, header, size, _checked)  # before all is read
            file.seek(0)
            data = np.fromfile(file, np.uint8, min(size, MAX_FILE_BYTES))
        except OSError as error:
            raise UnreadableFileError(f"cannot read the model file {target}: {error}") from error
    found = hashlib.sha256(data.data).hexdigest()
    if parts is None:
        if found != sha256:
            message = f"{target} has the sha256 {found}, the manifest says {sha256}; reinstall g7classify"
            raise ModelFileError(message)
        parts = _parts(target, header, size, _trusted)
    if len(data) != size:
        raise _refusal(target, f"it shrank from {size} to {len(data)} bytes")
    tensors = _tensors(data[8 + length :], parts)
    if sha256 is None and _digest(parts.metadata, tensors) != parts.digest:
        raise _refusal(target, "its contents do not match the sha256 in its own metadata")
    _check_numbers(target, tensors)
    pivot, bands = parts.metadata["pivot"], tuple(parts.metadata["bands"])
    return Model(info=parts.info, codebook=parts.codebook, spec=parts.spec, pivot=pivot, bands=bands, **tensors), found


def _header(path: Path, header: bytes, size: int) -> dict[str, Any]:
    """What the header says, if no key is given twice, of which one reader takes the first and another the last."""
    if not header:
        raise _refusal(path, f"no safetensors layout in its {size} bytes (truncated, or another kind of file)")
    try:
        pairs = json.loads(header, object_pairs_hook=list)
        keys = [key for key, _ in pairs]
        found = json.loads(header)
        twice = len(set(keys)) < len(keys)
    except (TypeError, ValueError, RecursionError) as error:
        raise _refusal(path, "its header is no JSON object") from error
    if twice or not isinstance(found, dict):
        raise _refusal(path, "its header holds a key twice" if twice else "its header is no JSON object")
    return found


def _tensors(data: NDArray[np.uint8], parts: _Parts) -> dict[str, np.ndarray[Any, Any]]:
    """The tensors, read-only; the table is a view of the data."""
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    for name, place in _layout(parts.spec, parts.codebook).items():
        part = data[slice(*place["data_offsets"])]
        array = part.view(np.int8) if name == "table" else np.frombuffer(part.tobytes(), "<f4")
        array.flags.writeable = False
        tensors[name] = array.reshape(place["shape"])
    return tensors


def _checked(kind: type[T], values: dict[str, Any], path: Path) -> T:
    try:
        return checked(kind, _canonical(values))  # as JSON, whose lists are tuples even to a strict reader
    except Malformed as error:
        raise _refusal(path, f"its metadata is malformed ({error})") from error


def _trusted(kind: type[T], values: dict[str, Any], _: Path) -> T:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _refusal(path: Path, what: str) -> ModelFileError:
    return ModelFileError(f"{path} is not a sound g7classify model file: {what}; get the file again or retrain it")


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(metadata: dict[str, Any], tensors: dict[str, np.ndarray[Any, Any]]) -> str:
    digest = hashlib.sha256(_canonical(metadata).encode())
    for name in sorted(tensors):
        digest.update(f"\n{name} {tensors[name].shape}\n".encode())
        digest.update(tensors[name].data)
    return digest.hexdigest()


def _metadata(path: Path, found: Any) -> tuple[dict[str, Any], str]:
    try:
        text = found["g7classify"]
        outer = json.loads(text)
        inner, digest = outer["model"], outer["sha256"]
        numbers = {"FORMAT": inner["FORMAT"], "FEATURES": inner["FEATURES"]}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refusal(path, "it has no g7classify metadata") from error
    for name, known in (("FORMAT", FORMAT), ("FEATURES", FEATURES)):
        if numbers[name] != known:
            raise FormatVersionError(
                f"{path}: {name} is {short(numbers[name])}, this version of g7classify reads {known}; "
                "install the version that wrote the file, or retrain it"
            )
    try:
        # What `write` never gives: a key twice, NaN, a lone surrogate, keys beside these two.
        canonical = _canonical({"model": inner, "sha256": digest}).encode()
    except ValueError as error:
        raise _refusal(path, f"its metadata is no canonical JSON ({error})") from error
    if canonical != text.encode():
        raise _refusal(path, "its metadata is no canonical JSON")
    return inner, str(digest)


def _parts(path: Path, text: bytes, size: int, make: Make) -> _Parts:
    """What the header of a file of `size` bytes holds, checked in the order that the module's docstring gives."""
    header = _header(path, text, size)
    metadata, digest = _metadata(path, header.pop("__metadata__", None))
    checked = make(_Metadata, metadata, path)
    spec, info = make(FeatureSpec, checked.spec, path), make(ModelInfo, checked.info, path)
    try:
        codebook = Codebook.from_dict(checked.codebook)
    except CodebookError as error:
        raise _refusal(path, f"its codebook is malformed ({error})") from error
    expected = _layout(spec, codebook)
    if sorted(header) != sorted(expected):
        raise _refusal(path, f"its tensors are {short(sorted(header))}, expected {sorted(expected)}")
    for name, place in expected.items():
        if header[name] != place:
            raise _refusal(path, f"its tensor {name} is {short(header[name])}, expected {place}")
    if size != (end := 8 + len(text) + expected["table"]["data_offsets"][1]):
        raise _refusal(path, f"its {size} bytes are not the {end} that its header tells (truncated, or added to)")
    return _Parts(metadata, digest, spec, codebook, info)


def _layout(spec: FeatureSpec, codebook: Codebook) -> dict[str, dict[str, Any]]:
    """What the header says of each tensor, in the order in which safetensors writes them, without a gap."""
    k = len(codebook)
    shapes = {name: [k] for name in VECTORS}
    shapes |= {"scale": [k + 1], "thresholds": [len(OPERATING_POINTS), k], "table": [spec.buckets, k + 1]}
    layout: dict[str, dict[str, Any]] = {}
    start = 0
    for name in (*sorted(VECTORS), "table"):
        shape = shapes[name]
        dtype, itemsize = ("I8", 1) if name == "table" else ("F32", 4)
        end = start + math.prod(shape) * itemsize
        layout[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
        start = end
    return layout


def _check_numbers(path: Path, tensors: dict[str, np.ndarray[Any, Any]]) -> None:
    for name in VECTORS:
        if not np.isfinite(tensors[name]).all():
            raise _refusal(path, f"its tensor {name} holds NaN or infinity")
        if (np.abs(tensors[name]) > MAX_VALUE).any():
            raise _refusal(path, f"its tensor {name} holds a value beyond {MAX_VALUE:g}")
    for name in ("scale", "slope"):
        if not (tensors[name] > 0).all():
            raise _refusal(path, f"its tensor {name} holds a value that is not positive")
    if not ((tensors["thresholds"] >= 0) & (tensors["thresholds"] <= 1)).all():
        raise _refusal(path, "its tensor thresholds holds a value outside 0..1")
    if (np.diff(tensors["thresholds"], axis=0) < 0).any():
        raise _refusal(path, "its tensor thresholds falls from one operating point to the next")
    if (tensors["table"][:, -1] < 0).any():
        raise _refusal(path, "the norm column of its table holds a negative value")
