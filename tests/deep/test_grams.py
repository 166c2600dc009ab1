"""What n-grams add to a deep model's scores."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from g7classify import container
from g7classify.deep import file
from g7classify.deep.model import DeepModel, Grams
from g7classify.errors import FormatVersionError, ModelFileError
from g7classify.features import FeatureSpec
from g7classify.model import Model

Make = Callable[..., DeepModel]


@pytest.fixture
def grams(make_model: Callable[..., Model]) -> Grams:
    table = make_model()
    return Grams(spec=table.spec, table=table.table, scale=table.scale, pivot=table.pivot)


@pytest.mark.usefixtures("encoders")
def test_scores_are_the_sum_of_both(make_deep: Make, make_model: Callable[..., Model], grams: Grams) -> None:
    texts = ["police and sanctions", "nothing here", "", "東京の警察"]
    plain, table = make_deep(), make_model()
    both = replace(plain, grams=grams)
    expected = plain.scores(texts) + (table.scores(texts) - table.bias)
    np.testing.assert_allclose(both.scores(texts), expected, rtol=1e-5, atol=1e-5)
    assert np.abs(both.scores(texts) - plain.scores(texts)).max() > 0.1
    copied = pickle.loads(pickle.dumps(both))
    assert np.array_equal(copied.scores(texts), both.scores(texts))


@pytest.mark.usefixtures("encoders")
def test_a_file_read_back_gives_the_same_scores(make_deep: Make, grams: Grams, tmp_path: Path) -> None:
    both = replace(make_deep(), grams=grams)
    digest = file.write(both, tmp_path / "m.safetensors")
    assert digest != file.write(make_deep(), tmp_path / "plain.safetensors")
    again = file.read(tmp_path / "m.safetensors")
    texts = ["police and sanctions", "x"]
    assert np.array_equal(again.scores(texts), both.scores(texts))
    assert file.write(again, tmp_path / "again.safetensors") == digest


def test_features_of_another_number_are_refused(
    make_deep: Make, grams: Grams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(file, "FEATURES", 99)
        file.write(replace(make_deep(), grams=grams), tmp_path / "m.safetensors")
    with pytest.raises(FormatVersionError, match="FEATURES is 99"):
        file.read(tmp_path / "m.safetensors")


def test_unsound_tables_are_refused(make_deep: Make, grams: Grams, tmp_path: Path) -> None:
    path, negative = tmp_path / "m.safetensors", grams.table.copy()
    negative[3, -1] = -1
    for changed, message in (
        (replace(grams, table=negative), "negative"),
        (replace(grams, scale=np.full_like(grams.scale, np.nan)), "NaN"),
        (replace(grams, scale=np.zeros_like(grams.scale)), "not positive"),
        (replace(grams, pivot=1e9), "pivot"),
    ):
        file.write(replace(make_deep(), grams=changed), path)
        with pytest.raises(ModelFileError, match=message):
            file.read(path)


def test_a_table_of_another_size_is_refused(make_deep: Make, grams: Grams, tmp_path: Path) -> None:
    other = object.__new__(Grams)  # as a file may say one spec and hold another's table
    for name, value in (("spec", FeatureSpec(bits=9)), ("table", grams.table), ("scale", grams.scale), ("pivot", 0.0)):
        object.__setattr__(other, name, value)
    assert other.spec.buckets != len(grams.table)
    file.write(replace(make_deep(), grams=other), tmp_path / "m.safetensors")
    with pytest.raises(ModelFileError, match="table"):
        file.read(tmp_path / "m.safetensors")
    assert container.kind_of(tmp_path / "m.safetensors") == container.DEEP
