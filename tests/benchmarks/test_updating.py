from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra `train` is not installed")

from benchmarks import updating
from g7classify.features import FeatureSpec
from g7classify.learn import split
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe

RECIPE = Recipe(spec=FeatureSpec(bits=12), cost=20, epochs=5, folds=3)


@pytest.fixture
def dataset(write_rows: Callable[..., None], tmp_path: Path) -> Dataset:
    write_rows(240, languages=("fr", "de"))
    return Dataset.read([tmp_path / "seeds" / "fr.jsonl"])


def test_parts_share_no_row_and_hide_or_lack_the_new_label(dataset: Dataset) -> None:
    held_out = split.folds(dataset, count=4, near_duplicate=0.7, seed=0) == 0
    common = dataset.codebook.names[int((dataset.labels & (dataset.codebook.parents >= 0)).sum(axis=0).argmax())]
    column = dataset.codebook.index(common)
    hidden, absent = (updating.part(dataset, held_out, [common], hidden=hidden, each=10) for hidden in (True, False))
    for parts in (hidden, absent):
        assert parts.new.labels[:, column].sum() == len(parts.new) == 10
        ids = [*parts.before.ids, *parts.new.ids, *parts.judged.ids]
        assert len(ids) == len(set(ids))
    assert hidden.before.labels[:, column].any()
    assert not absent.before.labels[:, column].any()
    assert common not in updating.without(hidden.before, [common]).codebook.names


def test_measures_what_the_files_tag(dataset: Dataset) -> None:
    held_out = split.folds(dataset, count=4, near_duplicate=0.7, seed=0) == 0
    common = dataset.codebook.names[int((dataset.labels & (dataset.codebook.parents >= 0)).sum(axis=0).argmax())]
    parts = updating.part(dataset, held_out, [common], hidden=False, each=20)
    told = updating.measure(parts, [common], RECIPE, replayed=100)
    assert told["new_f1"]["before"] == [0]
    assert told["new_f1"]["updated"][0] > 0.5
    assert told["new_share"] == pytest.approx(told["new_f1"]["updated"][0] / told["new_f1"]["scratch"][0], abs=1e-3)
    f1 = told["old_macro_f1"]
    assert told["old_loss"] == pytest.approx(f1["before"] - f1["updated"], abs=2e-4)
    low, high = told["old_loss_interval"]
    assert low <= told["old_loss"] <= high
    assert np.isfinite([*f1.values()]).all()
