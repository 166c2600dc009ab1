from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import carrier
import numpy as np
import pytest

from g7classify.codebook import CODEBOOK
from g7classify.errors import ModelFileError, UnreadableFileError
from training.deep.tuned import Tuned, TunedCard

LABELS = CODEBOOK.names


@pytest.fixture
def make() -> Callable[..., Tuned]:
    def tuned(*, fold: int | None = 0, seed: int = 0, labels: tuple[str, ...] = LABELS) -> Tuned:
        random = np.random.default_rng(seed)
        head = random.normal(0, 1, (len(labels), carrier.SHAPE.width)).astype(np.float32)
        card = TunedCard(
            labels=labels,
            base_sha256="0" * 64,
            longest=16,
            fold=fold,
            folds=3,
            rows=9,
            data_sha256={"rows.jsonl": "1" * 64},
            options={"rate": 0.002},
        )
        return Tuned(carrier.adapters(carrier.SHAPE, rank=2, seed=seed), head, head[:, 0].copy(), card)

    return tuned


@pytest.mark.parametrize("fold", [0, 2, None])
def test_a_file_reads_back_as_it_was(make: Callable[..., Tuned], tmp_path: Path, fold: int | None) -> None:
    tuned, path = make(fold=fold), tmp_path / "a.safetensors"
    tuned.write(path)
    found = Tuned.read(path)
    assert found.card == tuned.card
    assert found.adapters.sha256 == tuned.adapters.sha256
    assert (found.head == tuned.head).all()
    assert (found.bias == tuned.bias).all()


def test_the_same_adapters_give_the_same_bytes(make: Callable[..., Tuned], tmp_path: Path) -> None:
    for name in "ab":
        make().write(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_missing_file_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="finetune writes it"):
        Tuned.read(tmp_path / "none.safetensors")


@pytest.mark.parametrize("length", [0, 7, 100, 3000])
def test_a_file_cut_short_is_refused(make: Callable[..., Tuned], tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.safetensors"
    make().write(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelFileError, match="no tuned adapters"):
        Tuned.read(path)


def test_a_head_that_does_not_fit_is_refused(make: Callable[..., Tuned], tmp_path: Path) -> None:
    path, tuned = tmp_path / "a.safetensors", make()
    replace(tuned, head=tuned.head[:5]).write(path)
    with pytest.raises(ModelFileError, match="expected a finite head"):
        Tuned.read(path)
    replace(tuned, bias=tuned.bias * np.float32("nan")).write(path)
    with pytest.raises(ModelFileError, match="expected a finite head"):
        Tuned.read(path)


def test_a_model_file_is_no_adapters(deep_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no tuned adapters"):
        Tuned.read(deep_path)
