from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import carrier
import numpy as np
import pytest

from g7classify import registry
from g7classify.deep import base, file, model
from g7classify.deep.base import Weights
from g7classify.deep.model import BaseId
from g7classify.errors import OptionError
from g7classify.learn import split
from g7classify.learn.dataset import Dataset
from training.deep import build
from training.deep.tuned import Tuned, TunedCard

pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")

RECIPE = 'name = "my-deep"\nversion = "0.1.0"\nrank = 2\nlongest = 16\nfolds = 3\nnear_duplicate = 1.0\n'


@pytest.fixture
def given(tiny: Weights, tiny_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Rows, a recipe, adapters of every fold and of all rows, all on the tiny base."""
    on_tiny = BaseId(base.PACKAGE, base.VERSION, tiny.sha256)
    monkeypatch.setattr(base, "path", lambda: tiny_path)
    for module in (build, model):
        monkeypatch.setattr(module, "BASE", on_tiny)
    seeds = Dataset.read(build.SEEDS)
    (tmp_path / "seeds").mkdir()
    lines = sorted(build.files(build.SEEDS)[0].read_text(encoding="utf-8").splitlines())[:90]
    rows = tmp_path / "seeds" / "rows.jsonl"
    rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr(build, "SEEDS", tmp_path / "seeds")
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    paths = {"recipe": tmp_path / "recipe.toml", "rows": rows}
    for fold in (0, 1, 2, None):
        random = np.random.default_rng(9 if fold is None else fold)
        head = random.normal(0, 0.3, (len(seeds.codebook), tiny.shape.width)).astype(np.float32)
        card = TunedCard(
            labels=seeds.codebook.names,
            base_sha256=tiny.sha256,
            longest=16,
            fold=fold,
            folds=3,
            rows=90,
            data_sha256={"rows.jsonl": registry.sha256(rows)},
            options={},
        )
        adapters = carrier.adapters(tiny.shape, rank=2, seed=9 if fold is None else fold)
        paths[str(fold)] = tmp_path / f"{fold}.safetensors"
        Tuned(adapters, head, head[:, 0].copy(), card).write(paths[str(fold)])
    return paths


def test_the_candidate_has_the_adapters_of_all_rows_and_decisions_of_the_folds(
    given: dict[str, Path], tmp_path: Path
) -> None:
    tuned = [given[name] for name in ("1", "None", "0", "2")]
    candidate = build.build(given["recipe"], [], tuned, tmp_path / "out")
    found, whole = file.read(candidate.path), Tuned.read(given["None"])
    assert found.adapters.sha256 == whole.adapters.sha256
    assert (found.head == whole.head).all()
    assert candidate.evaluation.overall.rows == 90
    assert found.info.rows == 90
    assert (np.diff(found.thresholds, axis=0) >= 0).all()
    assert build.build(given["recipe"], [], tuned[::-1], tmp_path / "again").sha256 == candidate.sha256


def test_each_fold_is_scored_by_the_adapters_that_did_not_see_it(given: dict[str, Path]) -> None:
    tuned = {fold: Tuned.read(given[str(fold)]) for fold in (0, 1)}
    texts = ["One text.", "Another one.", "A third."]
    found = build.cross_score(tuned, np.array([1, 0, 1]), texts)
    swapped = build.cross_score({0: tuned[1], 1: tuned[0]}, np.array([0, 1, 0]), texts)
    assert found == pytest.approx(swapped, abs=1e-4)
    assert np.abs(found - build.cross_score(tuned, np.array([0, 1, 0]), texts)).max() > 0.1


def test_what_was_tuned_on_other_rows_is_refused(given: dict[str, Path], tmp_path: Path) -> None:
    with given["rows"].open("a", encoding="utf-8") as rows:
        rows.write('{"text": "One more.", "labels": [], "lang": "en"}\n')
    with pytest.raises(OptionError, match="rows' files"):
        build.build(given["recipe"], [], [given["0"], given["1"], given["None"]], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["0", "1", "2"], "of all rows and of two folds"),
        (["0", "None"], "of all rows and of two folds"),
        (["0", "0", "None"], "were given already"),
    ],
)
def test_too_few_adapters_are_refused(given: dict[str, Path], tmp_path: Path, names: list[str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        build.build(given["recipe"], [], [given[name] for name in names], tmp_path / "out")


def test_adapters_of_another_rank_are_refused(given: dict[str, Path], tmp_path: Path) -> None:
    given["recipe"].write_text(RECIPE.replace("rank = 2", "rank = 3"), encoding="utf-8")
    with pytest.raises(OptionError, match="rank: expected 3, got 2"):
        build.build(given["recipe"], [], [given["0"], given["1"], given["None"]], tmp_path / "out")


def test_adapters_of_other_folds_of_the_same_rows_are_refused(given: dict[str, Path], tmp_path: Path) -> None:
    dataset = Dataset.read(given["rows"])
    folds = split.folds(dataset, count=3, near_duplicate=1.0, seed=0)
    names = ["0", "1", "None"]
    for digest, refused in ((split.digest(dataset, folds), False), (split.digest(dataset, 2 - folds), True)):
        tuned = Tuned.read(given["1"])
        card = tuned.card.model_copy(update={"folds_sha256": digest})
        replace(tuned, card=card).write(given["1"])
        paths = [given[name] for name in names]
        if refused:
            with pytest.raises(OptionError, match=r"1\.safetensors: sha256 of the folds"):
                build.build(given["recipe"], [], paths, tmp_path / "other")
        else:
            assert build.build(given["recipe"], [], paths, tmp_path / "out").path.exists()
