from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from g7classify.errors import ModelFileError
from training.teacher import weights
from training.teacher.weights import Weights


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


def pack(model: Weights) -> tuple[bytes, dict[str, NDArray[np.float32]]]:
    """A file of a model, and the tensors that it should read as."""
    s, p = model.shape, model.pieces
    head = b"E5S1" + struct.pack(
        "<I7ifi", 1, s.width, s.layers, s.heads, s.inner, s.vocabulary, s.positions, 2, s.epsilon, 32
    )
    encoded = [text.encode() for text in p.texts]
    head += struct.pack("<5iQ", len(encoded), p.start, p.end, p.padding, p.unknown, sum(map(len, encoded)))
    head += np.cumsum([0, *map(len, encoded)]).astype("<u4").tobytes() + np.array(p.scores, dtype="<f4").tobytes()
    head += b"".join(encoded)
    entries = [struct.pack(f"<IB{len(t)}I", code, len(t), *map(ord, t)) for code, t in p.characters.items()]
    head += struct.pack("<iI", len(entries), sum(map(len, entries))) + b"".join(entries)
    values: dict[str, NDArray[np.float32]] = {}
    blocks: dict[str, bytes] = {}
    for name, tensor in model.tensors.items():
        if tensor.ndim == 2:
            blocks[name], values[name] = quantise(tensor)
        else:
            blocks[name], values[name] = tensor.astype("<f4").tobytes(), tensor
    directory = 4 + sum(2 + len(name) + 21 for name in blocks)
    offset = len(head) + directory
    listing = struct.pack("<i", len(blocks))
    for name, block in blocks.items():
        listing += struct.pack("<H", len(name)) + name.encode()
        listing += struct.pack("<BIQQ", model.tensors[name].ndim == 2, model.tensors[name].size, offset, len(block))
        offset += len(block)
    return head + listing + b"".join(blocks.values()), values


def test_reads_what_was_packed(tiny: Weights, tmp_path: Path) -> None:
    content, values = pack(tiny)
    (tmp_path / "model.bin").write_bytes(content)
    found = weights.read(tmp_path / "model.bin")
    assert found.shape.epsilon == pytest.approx(tiny.shape.epsilon)
    assert (found.shape.width, found.shape.layers, found.shape.inner) == (32, 3, 64)
    assert found.pieces.texts == tiny.pieces.texts
    assert found.pieces.scores == pytest.approx(tiny.pieces.scores)
    assert found.pieces.characters == tiny.pieces.characters
    assert found.tensors.keys() == values.keys()
    for name, value in values.items():
        np.testing.assert_array_equal(found.tensors[name], value, err_msg=name)


def test_refuses_another_file(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"PK\x03\x04 something else")
    with pytest.raises(ModelFileError, match="begins with"):
        weights.read(tmp_path / "model.bin")


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.99])
def test_refuses_a_cut_file(tiny: Weights, tmp_path: Path, share: float) -> None:
    content, _ = pack(tiny)
    (tmp_path / "model.bin").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelFileError, match="damaged"):
        weights.read(tmp_path / "model.bin")
