"""What the files of all models have in common, and how strictly they are read.

A model file is a safetensors file (https://github.com/huggingface/safetensors: a JSON header, then raw little-endian
arrays; nothing in it can run). Its metadata has one key, `g7classify`, a JSON object of two: `model` (its kind unless
it is a table, the numbers that say how to read it, FORMAT among them, and whatever its kind needs) and `sha256`, the
digest of `model` as canonical JSON followed by every tensor's name, shape and bytes in order of name.

What is checked in which order is listed in docs/reference/model-file.md, which a test holds against this module.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from g7classify import atomic
from g7classify.errors import FormatVersionError, ModelFileError, OptionError, UnreadableFileError
from g7classify.foreign import Malformed, checked
from g7classify.labels import short
from g7classify.plainjson import parsed, too_many

T = TypeVar("T")
Tensors = dict[str, np.ndarray[Any, Any]]
# Makes an object of a dataclass from its values in the metadata; raises Malformed if they are not such values.
Make = Callable[[type[Any], dict[str, Any]], Any]

MAX_FILE_BYTES: Final = 1 << 30
MAX_HEADER_BYTES: Final = 1 << 24
TABLE: Final = "table"  # the kind of a file that names none: there was no other at first
DEEP: Final = "deep"
CASCADE: Final = "cascade"  # goes with a model of each
VECTORS: Final = "vectors"  # of n-grams, which training starts from
KINDS: Final = (TABLE, DEEP)  # of models that read by themselves
DTYPES: Final[dict[str, np.dtype[Any]]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "I8": np.dtype("i1")}


class Shape(NamedTuple):
    """Of a tensor: one of DTYPES, and its sizes."""

    dtype: str
    sizes: tuple[int, ...]


class Plan(NamedTuple, Generic[T]):
    """What the metadata of a file tell: which tensors there are, and what is made of them, or Malformed raised."""

    shapes: dict[str, Shape]
    build: Callable[[Tensors], T]


class Kind(NamedTuple, Generic[T]):
    """A kind of model file.

    Attributes:
        name: as the metadata and the manifest have it.
        numbers: of the metadata, which have to be these.
        plan: from metadata, whose kind and numbers are right, and what makes objects of their parts; may raise
            Malformed.
    """

    name: str
    numbers: dict[str, int]
    plan: Callable[[dict[str, Any], Make], Plan[T]]


def write(path: str | os.PathLike[str], metadata: dict[str, Any], tensors: Tensors) -> str:
    """Write a model file, whole or not at all, and return its sha256. The same model gives the same bytes.

    Raises:
        OptionError: it would be a larger file than is read, or have a larger header; a number is NaN or infinite.
        UnreadableFileError: the folder does not exist or cannot be written.
    """
    tensors = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    try:
        text = _canonical({"model": metadata, "sha256": _digest(metadata, tensors)})
    except ValueError as error:
        raise OptionError(f"{path}: codebook, info or numbers cannot be written ({error}); correct them") from error
    from safetensors.numpy import save  # reading needs none of it

    data = save(tensors, {"g7classify": text})
    header = int.from_bytes(data[:8], "little")
    if header > MAX_HEADER_BYTES or len(data) > MAX_FILE_BYTES or too_many(text):
        raise OptionError(
            f"{path}: a model file of {len(data)} bytes, {header} of them codebook and info: more than is ever read; "
            "shorten the definitions, or take fewer labels or buckets"
        )
    atomic.write_bytes(path, data)
    return hashlib.sha256(data).hexdigest()


def kind_of(path: str | os.PathLike[str]) -> str:
    """Of which kind a file says it is, which need not be one that this version knows. Reads the header alone.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        ModelFileError: it is no model file.
    """
    target = Path(path)
    with _opened(target) as file:
        header, size = _read_header(file)
    with _refusing(target):
        return _kind(_metadata(_header(header, size))[0])


def load(path: str | os.PathLike[str], kind: Kind[T], *, sha256: str | None = None) -> tuple[T, str]:
    """Read a model file, checking everything before a model is made; return its sha256 beside the model.

    Args:
        path: of the file.
        kind: which it has to be.
        sha256: what it has to be, as a shipped manifest says. A file that matches is what was checked when it was
            shipped: that spares its own digest, 7 of 17 ms for a table, and the import of pydantic. Like any other it
            is read and not mapped: who cuts a mapped file short, as `cp` over it does, kills all processes that read
            of it later (SIGBUS), and who writes into it changes their model. That costs 3 of 16 ms for a table of 10
            MB, and each process has its own copy.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: a number is another one than `kind` says.
        ModelFileError: another kind or sha256; it is damaged, contradicts itself, or is no model file.
    """
    target = Path(path)
    with _opened(target) as file, _refusing(target):
        header, size = _read_header(file)
        found = None if sha256 else _said(header, size, kind, _checked, target)  # before all is read
        file.seek(0)
        data = np.fromfile(file, np.uint8, min(size, MAX_FILE_BYTES))
    digest = hashlib.sha256(data.data).hexdigest()
    if sha256 and digest != sha256:
        raise ModelFileError(f"{target} has the sha256 {digest}, the manifest says {sha256}; reinstall g7classify")
    with _refusing(target):
        metadata, stated, places, plan = found or _said(header, size, kind, _trusted, target)
        if len(data) != size:
            raise Malformed(f"it shrank from {size} to {len(data)} bytes")
        tensors = _tensors(data[8 + len(header) :], places)
        if sha256 is None and _digest(metadata, tensors) != stated:
            raise Malformed("its contents do not match the sha256 in its own metadata")
        return plan.build(tensors), digest


class _OtherNumber(Malformed):
    pass


def check_number(name: str, number: object, known: int) -> None:
    """Raise what ends in FormatVersionError unless a number of the metadata is the one that this version reads."""
    if number != known:
        raise _OtherNumber(
            f"{name} is {short(number)}, this version of g7classify reads {known}; "
            "install the version that wrote the file, or retrain it"
        )


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except (ModelFileError, Malformed):
        raise
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        reason = getattr(error, "strerror", None) or error  # without the number and the path again
        raise UnreadableFileError(f"cannot read the model file {path}: {reason}") from error


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except _OtherNumber as error:
        raise FormatVersionError(f"{path}: {error}") from error.__cause__
    except Malformed as error:
        message = f"{path} is not a sound g7classify model file: {error}; get the file again or retrain it"
        raise ModelFileError(message) from error.__cause__


def _read_header(file: BinaryIO) -> tuple[bytes, int]:
    """The header, empty if there can be none, and the size of the file."""
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    fits = 8 < size <= MAX_FILE_BYTES and length <= min(MAX_HEADER_BYTES, size - 8)
    return file.read(length) if fits else b"", size


def _header(header: bytes, size: int) -> dict[str, Any]:
    if not header:
        raise Malformed(f"no safetensors layout in its {size} bytes (truncated, or another kind of file)")
    return parsed(header, what="its header")


def _metadata(header: dict[str, Any]) -> tuple[dict[str, Any], Any, str]:
    """The metadata, the digest and their JSON."""
    beside = header.get("__metadata__")
    if not isinstance(beside, dict) or not isinstance(text := beside.get("g7classify"), str):
        raise Malformed("it has no g7classify metadata")
    if len(beside) > 1:
        raise Malformed(f"it has metadata beside g7classify's: {short(sorted(beside))}")
    outer = parsed(text, what="its g7classify metadata")
    inner = outer.get("model")
    if not isinstance(inner, dict) or "FORMAT" not in inner or "sha256" not in outer:
        raise Malformed("its g7classify metadata hold no model, FORMAT and sha256")
    return inner, outer["sha256"], text


def _kind(metadata: dict[str, Any]) -> str:
    kind = metadata.get("kind", TABLE)
    return kind if isinstance(kind, str) else short(kind)


def _said(
    header: bytes, size: int, kind: Kind[T], make: Make, path: Path
) -> tuple[dict[str, Any], str, dict[str, dict[str, Any]], Plan[T]]:
    """Metadata, their digest, places of the tensors and plan, as the header of a file of `size` bytes has them.

    They are checked in the order that docs/reference/model-file.md lists.
    """
    outer = _header(header, size)
    metadata, digest, text = _metadata(outer)
    if (found := _kind(metadata)) != kind.name:
        message = (
            f"a model of the kind {short(found)}, where {kind.name!r} is expected; g7classify.load tells them apart"
        )
        raise ModelFileError(f"{path} holds {message}")
    for name, known in kind.numbers.items():
        check_number(name, metadata.get(name), known)
    try:
        # What `write` never gives: a lone surrogate, 1e999, 1E5 for 100000.0, keys beside these two.
        canonical = _canonical({"model": metadata, "sha256": digest}).encode()
    except ValueError as error:
        raise Malformed(f"its metadata is no canonical JSON ({error})") from error
    if canonical != text.encode():
        raise Malformed("its metadata is no canonical JSON")
    plan = kind.plan(metadata, make)
    places, end = _places(plan.shapes)
    del outer["__metadata__"]
    if sorted(outer) != sorted(places):
        raise Malformed(f"its tensors are {short(sorted(outer))}, expected {sorted(places)}")
    for name, place in places.items():
        if json.dumps(outer[name], sort_keys=True) != json.dumps(place, sort_keys=True):  # 1 == 1.0 == True
            raise Malformed(f"its tensor {name} is {short(outer[name])}, expected {place}")
    if size != (end := 8 + len(header) + end):
        raise Malformed(f"its {size} bytes are not the {end} that its header tells (truncated, or added to)")
    return metadata, str(digest), places, plan


def _places(shapes: dict[str, Shape]) -> tuple[dict[str, dict[str, Any]], int]:
    """What the header says of each tensor, in the order in which safetensors writes them, without a gap; the end."""
    places: dict[str, dict[str, Any]] = {}
    start = 0
    for name in sorted(shapes, key=lambda name: (-DTYPES[shapes[name].dtype].itemsize, name)):
        dtype, sizes = shapes[name]
        end = start + math.prod(sizes) * DTYPES[dtype].itemsize
        places[name] = {"dtype": dtype, "shape": list(sizes), "data_offsets": [start, end]}
        start = end
    return places, start


def _tensors(data: NDArray[np.uint8], places: dict[str, dict[str, Any]]) -> Tensors:
    """The tensors, read-only; those of bytes are views of the data."""
    tensors: Tensors = {}
    for name, place in places.items():
        part, dtype = data[slice(*place["data_offsets"])], DTYPES[place["dtype"]]
        array = part.view(dtype) if dtype.itemsize == 1 else np.frombuffer(part.tobytes(), dtype)
        array.flags.writeable = False
        tensors[name] = array.reshape(place["shape"])
    return tensors


def _checked(kind: type[T], values: dict[str, Any], /) -> T:
    try:
        return checked(kind, _canonical(values), strict=True)  # as JSON, whose lists are tuples even so
    except Malformed as error:
        raise Malformed(f"its metadata is malformed ({error})") from error


def _trusted(kind: type[T], values: dict[str, Any], /) -> T:
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(metadata: dict[str, Any], tensors: Tensors) -> str:
    digest = hashlib.sha256(_canonical(metadata).encode())
    for name in sorted(tensors):
        digest.update(f"\n{name} {tensors[name].shape}\n".encode())
        digest.update(tensors[name].data)
    return digest.hexdigest()
