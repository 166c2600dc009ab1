from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from g7classify import modelfile
from g7classify.errors import ModelFileError, UnreadableFileError
from g7classify.model import Model

TEXTS = ["La police a saisi des armes.", "", "警察が動いた。", "ransomware & sanctions " * 30, "rien"]


def test_a_file_read_back_is_the_same_model(model: Model, model_path: Path) -> None:
    again = modelfile.read(model_path)
    for field in (field for field in fields(Model) if field.init):
        was, now = getattr(model, field.name), getattr(again, field.name)
        if isinstance(was, np.ndarray):
            assert was.dtype == now.dtype
            assert np.array_equal(was, now)
        else:
            assert was == now
    assert np.array_equal(model.scores(TEXTS), again.scores(TEXTS))
    assert np.array_equal(model.probabilities(TEXTS), again.probabilities(TEXTS))


def test_the_same_model_gives_the_same_bytes(model_path: Path, tmp_path: Path) -> None:
    digest = modelfile.write(modelfile.read(model_path), tmp_path / "again.safetensors")
    content = (tmp_path / "again.safetensors").read_bytes()
    assert content == model_path.read_bytes()
    assert digest == hashlib.sha256(content).hexdigest()


def test_whole_numbers_are_read_back_too(make_model: Callable[..., Model], tmp_path: Path) -> None:
    path = tmp_path / "whole.safetensors"
    modelfile.write(replace(make_model(bits=8), pivot=0, bands=(0, 1, 2)), path)
    assert modelfile.read(path).bands == (0.0, 1.0, 2.0)


def test_a_file_is_loaded_with_its_sha256_and_not_with_another(model_path: Path) -> None:
    digest = hashlib.sha256(model_path.read_bytes()).hexdigest()
    for sha256 in (None, digest):
        model, found = modelfile.load(model_path, sha256=sha256)
        assert (model.info.name, found) == ("hand-made", digest)
    with pytest.raises(ModelFileError, match="the manifest says 000"):
        modelfile.load(model_path, sha256="0" * 64)


@pytest.mark.parametrize("change", [{"pivot": 1e6}, {"pivot": 0.0}, {"bands": (0.0, 100.0, 0.0)}])
def test_pivot_and_bands_may_be_at_their_bounds(
    make_model: Callable[..., Model], tmp_path: Path, change: dict[str, Any]
) -> None:
    modelfile.write(replace(make_model(bits=8), **change), tmp_path / "m")
    again = modelfile.read(tmp_path / "m")
    assert {name: getattr(again, name) for name in change} == change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"pivot": math.nextafter(1e6, math.inf)}, "pivot: expected 0 to 1e+06, got "),
        ({"pivot": -5e-324}, "pivot: expected 0 to 1e+06, got -"),
        ({"bands": (0.0, 0.0, math.nextafter(100, math.inf))}, "bands: expected 0 to 100, got 100.0000"),
        ({"bands": (-5e-324, 0.0, 0.0)}, "bands: expected 0 to 100, got -"),
    ],
)
def test_pivot_and_bands_beyond_their_bounds_are_refused(
    make_model: Callable[..., Model], tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    modelfile.write(replace(make_model(bits=8), **change), tmp_path / "m")
    with pytest.raises(ModelFileError, match=re.escape(told)):
        modelfile.read(tmp_path / "m")


def test_another_model_gives_other_bytes(make_model: Callable[..., Model], tmp_path: Path) -> None:
    digests = {
        modelfile.write(make_model(bits=8, seed=seed), tmp_path / f"{seed}.safetensors") for seed in (0, 1, 1, 2)
    }
    assert len(digests) == 3


def test_a_model_that_counts_repeats_says_so_and_others_are_written_as_they_always_were(
    make_model: Callable[..., Model], tmp_path: Path
) -> None:
    once = make_model(bits=8)
    often = replace(once, spec=replace(once.spec, repeats=True))
    for model, name in ((once, "once"), (often, "often")):
        modelfile.write(model, tmp_path / name)
        again = modelfile.read(tmp_path / name)
        assert again.spec == model.spec
        assert np.array_equal(again.scores(TEXTS), model.scores(TEXTS))
    assert b"repeats" not in (tmp_path / "once").read_bytes()
    assert b"repeats" in (tmp_path / "often").read_bytes()
    assert not np.array_equal(once.scores(TEXTS), often.scores(TEXTS))


def test_what_was_read_cannot_be_changed(model_path: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        modelfile.read(model_path).table[0, 0] = 1


def test_the_path_may_be_a_str(model_path: Path) -> None:
    assert modelfile.read(os.fspath(model_path)).info.name == "hand-made"


def test_a_failing_rename_leaves_the_old_file(
    make_model: Callable[..., Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.safetensors"
    modelfile.write(make_model(bits=8), path)
    before = path.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(UnreadableFileError, match="Permission denied"):
        modelfile.write(make_model(bits=8, seed=1), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["model.safetensors"]


@pytest.mark.parametrize("where", ["missing/model.safetensors", "."])
def test_a_path_that_cannot_be_written(make_model: Callable[..., Model], tmp_path: Path, where: str) -> None:
    with pytest.raises(UnreadableFileError):
        modelfile.write(make_model(bits=8), tmp_path / where)
    assert list(tmp_path.iterdir()) == []
