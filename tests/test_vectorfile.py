from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from g7classify import registry, vectorfile
from g7classify.errors import FormatVersionError, ModelFileError, UnknownModelError
from g7classify.features import FeatureSpec
from g7classify.model import ModelInfo
from g7classify.vectorfile import Vectors


def some(*, seed: int = 0, width: int = 5) -> Vectors:
    random = np.random.default_rng(seed)
    spec = FeatureSpec(bits=8)
    rows = random.normal(size=(spec.buckets, width)).astype(np.float32)
    rows[::3] = 0
    idf = random.uniform(1, 9, spec.buckets).astype(np.float16).astype(np.float64)
    return Vectors(info=ModelInfo("some-vectors", "0.1.0", rows=7), spec=spec, idf=idf, norm_step=0.5, rows=rows)


def test_vectors_read_back_are_the_same_to_int8(tmp_path: Path) -> None:
    vectors, path = some(), tmp_path / "v.safetensors"
    digest = vectorfile.write(vectors, path)
    for sha256 in (None, digest):
        again, found = vectorfile.load(path, sha256=sha256)
        assert found == digest
        assert (again.info, again.spec, again.norm_step) == (vectors.info, vectors.spec, vectors.norm_step)
        assert np.array_equal(again.idf, vectors.idf)
        step = np.abs(vectors.rows).max(axis=0) / 127
        assert (np.abs(again.rows - vectors.rows) <= step * 0.501).all()
        assert (again.rows[::3] == 0).all()
    assert vectorfile.write(again, tmp_path / "again.safetensors") == digest


def test_another_number_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORMAT", "FEATURES"):
        with monkeypatch.context() as patch:
            patch.setattr(vectorfile, name, 99)
            vectorfile.write(some(), tmp_path / "v.safetensors")
        with pytest.raises(FormatVersionError, match=f"{name} is 99"):
            vectorfile.read(tmp_path / "v.safetensors")


def test_unsound_vectors_are_refused(tmp_path: Path, model_path: Path) -> None:
    path, vectors = tmp_path / "v.safetensors", some()
    for changed, message in (
        (replace(vectors, idf=np.zeros_like(vectors.idf)), "not positive"),
        (replace(vectors, idf=np.full_like(vectors.idf, np.inf)), "NaN or infinity"),
        (replace(vectors, norm_step=-1.0), "norm_step"),
        (replace(vectors, rows=np.zeros((256, 2000), np.float32)), "width"),
        (replace(vectors, spec=FeatureSpec(bits=9)), "idf is"),
    ):
        vectorfile.write(changed, path)
        with pytest.raises(ModelFileError, match=message):
            vectorfile.read(path)
    with pytest.raises(ModelFileError, match="vectors"):
        vectorfile.read(model_path)
    vectorfile.write(vectors, path)
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="sha256"):
        vectorfile.read(path)


def test_the_registry_names_the_shipped_ones() -> None:
    entry = registry.vectors()
    assert entry == registry.vectors(entry.name) == registry.vectors(str(entry.id))
    assert (registry.root() / entry.card).is_file()
    with pytest.raises(UnknownModelError, match=f"'nope'.*{entry.id}"):
        registry.vectors("nope")
    assert str(entry.id) in {verdict.name for verdict in registry.verify() if not verdict.problem}
