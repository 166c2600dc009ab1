"""Read and write one model file.

FORMAT 1 is a safetensors file (https://github.com/huggingface/safetensors: a JSON header, then raw little-endian
arrays; nothing in it can run). Its tensors:

    table int8 (2**bits, k + 1)     scale float32 (k + 1,)
    bias, slope, intercept, thresholds float32 (k,)

Its metadata has one key, `g7classify`, a JSON object of two: `model` (FORMAT, FEATURES, spec, codebook, info, pivot,
band) and `sha256`, the digest of `model` as canonical JSON followed by every tensor's name, shape and bytes in order of
name. What is checked, in this order: size of the file and of its header; the safetensors layout; FORMAT; FEATURES; the
metadata's schema; names, dtypes and shapes of the tensors against spec and codebook; the digest; that numbers
are finite and in range. Only then is a Model made.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from g7classify import atomic
from g7classify.codebook import Codebook
from g7classify.errors import CodebookError, FormatVersionError, ModelFileError, UnreadableFileError
from g7classify.features import FEATURES, FeatureSpec
from g7classify.labels import short
from g7classify.model import Model, ModelInfo

FORMAT: Final = 1
MAX_FILE_BYTES: Final = 1 << 30
MAX_HEADER_BYTES: Final = 1 << 24
MAX_VALUE: Final = 1e6  # of all vectors: far from any that training gives, and no product of three overflows
VECTORS: Final = ("scale", "bias", "slope", "intercept", "thresholds")


class _Metadata(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    FORMAT: int
    FEATURES: int
    spec: dict[str, Any]
    codebook: dict[str, Any]
    info: dict[str, Any]
    pivot: float = Field(ge=0, le=1e6, allow_inf_nan=False)
    band: float = Field(ge=0, le=100, allow_inf_nan=False)


def write(model: Model, path: str | os.PathLike[str]) -> str:
    """Write a model file, whole or not at all, and return its sha256.

    The same model gives the same bytes.

    Raises:
        UnreadableFileError: the folder does not exist or cannot be written.
    """
    metadata: dict[str, Any] = {
        "FORMAT": FORMAT,
        "FEATURES": FEATURES,
        "spec": model.spec.model_dump(mode="json"),
        "codebook": model.codebook.to_dict(),
        "info": model.info.model_dump(mode="json"),
        "pivot": float(model.pivot),  # as reading gives it: 0 and 0.0 are two texts, and so two digests
        "band": float(model.band),
    }
    tensors = {name: np.ascontiguousarray(getattr(model, name)) for name in ("table", *VECTORS)}
    text = _canonical({"model": metadata, "sha256": _digest(metadata, tensors)})
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
    target = Path(path)
    try:
        size = target.stat().st_size
        with target.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            fits = 8 < size <= MAX_FILE_BYTES and length <= min(MAX_HEADER_BYTES, size - 8)
            header = file.read(length) if fits else b""
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        raise UnreadableFileError(f"cannot read the model file {target}: {error}") from error
    if not fits:
        raise _refusal(target, f"no safetensors layout in its {size} bytes (truncated, or another kind of file)")
    _check_header(target, header)
    try:
        with safe_open(target, framework="numpy") as file:
            metadata, digest = _metadata(target, file.metadata())
            spec, codebook, info = _parts(target, metadata)
            _check_shapes(target, file, spec, codebook)
            tensors = {name: file.get_tensor(name) for name in ("table", *VECTORS)}
    except SafetensorError as error:
        raise _refusal(target, f"not a whole safetensors file ({error})") from error
    if _digest(metadata.model_dump(mode="json"), tensors) != digest:
        raise _refusal(target, "its contents do not match the sha256 in its own metadata")
    _check_numbers(target, tensors)
    for array in tensors.values():
        array.flags.writeable = False
    return Model(info=info, codebook=codebook, spec=spec, pivot=metadata.pivot, band=metadata.band, **tensors)


def _check_header(path: Path, header: bytes) -> None:
    """Refuse a key given twice, of which one reader takes the first and another the last."""
    try:
        keys = [key for key, _ in json.loads(header, object_pairs_hook=list)]
        twice = len(set(keys)) < len(keys)
    except (TypeError, ValueError, RecursionError) as error:
        raise _refusal(path, "its header is no JSON object") from error
    if twice:
        raise _refusal(path, "its header holds a key twice")


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


def _metadata(path: Path, found: dict[str, str] | None) -> tuple[_Metadata, str]:
    try:
        text = (found or {})["g7classify"]
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
    try:
        return _Metadata.model_validate(inner), str(digest)
    except ValidationError as error:
        raise _refusal(path, f"its metadata is malformed ({_first(error)})") from error


def _parts(path: Path, metadata: _Metadata) -> tuple[FeatureSpec, Codebook, ModelInfo]:
    try:
        return (
            FeatureSpec.model_validate(metadata.spec),
            Codebook.from_dict(metadata.codebook),
            ModelInfo.model_validate(metadata.info),
        )
    except ValidationError as error:
        raise _refusal(path, f"its metadata is malformed ({_first(error)})") from error
    except CodebookError as error:
        raise _refusal(path, f"its codebook is malformed ({error})") from error


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _check_shapes(path: Path, file: Any, spec: FeatureSpec, codebook: Codebook) -> None:
    k = len(codebook.names)
    expected: dict[str, tuple[str, list[int]]] = {"table": ("I8", [spec.buckets, k + 1]), "scale": ("F32", [k + 1])}
    expected |= {name: ("F32", [k]) for name in VECTORS if name != "scale"}
    if sorted(file.keys()) != sorted(expected):
        raise _refusal(path, f"its tensors are {sorted(file.keys())}, expected {sorted(expected)}")
    for name, (dtype, shape) in expected.items():
        piece = file.get_slice(name)
        if piece.get_dtype() != dtype or list(piece.get_shape()) != shape:
            found = f"{piece.get_dtype()} {list(piece.get_shape())}"
            raise _refusal(path, f"its tensor {name} is {found}, expected {dtype} {shape}")


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
    if (tensors["table"][:, -1] < 0).any():
        raise _refusal(path, "the norm column of its table holds a negative value")
