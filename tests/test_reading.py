from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from g7classify import container, reading
from g7classify.deep import model as deep_model
from g7classify.deep.model import DeepModel
from g7classify.errors import FormatVersionError, MissingExtraError, ModelFileError, UnreadableFileError
from g7classify.model import Model


@pytest.mark.usefixtures("encoders")
def test_the_file_says_which_reader_it_needs(model_path: Path, deep_path: Path) -> None:
    for path, kind in ((model_path, Model), (deep_path, DeepModel)):
        model, sha256 = reading.load(path)
        assert isinstance(model, kind)
        assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.usefixtures("encoders")
def test_a_kind_that_is_asked_for_has_to_be_the_file_s(model_path: Path, deep_path: Path) -> None:
    for path, kind, other in ((model_path, "table", "deep"), (deep_path, "deep", "table")):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        assert reading.load(path, kind=kind, sha256=sha256)[1] == sha256
        for given in (None, sha256):
            with pytest.raises(ModelFileError, match=f"kind {kind!r}, where {other!r} is expected"):
                reading.load(path, kind=other, sha256=given)


def test_a_kind_of_a_later_version(tmp_path: Path) -> None:
    path = tmp_path / "later.safetensors"
    container.write(path, {"kind": "forest", "FORMAT": 1}, {"trees": np.zeros(1)})  # without any, safetensors 0.4 errs
    with pytest.raises(FormatVersionError, match="kind is 'forest', this version of g7classify reads table, deep"):
        reading.load(path)


def test_what_is_no_model_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    for content in (b"", b"x" * 1000):
        path.write_bytes(content)
        with pytest.raises(ModelFileError, match="not a sound"):
            reading.load(path)
    with pytest.raises(UnreadableFileError):
        reading.load(tmp_path)


def test_a_deep_model_without_the_extra(deep_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep_model, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'g7classify\[deep\]'"):
        reading.load(deep_path)
