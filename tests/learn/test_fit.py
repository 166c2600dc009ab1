from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from g7classify import decision, modelfile
from g7classify.learn import fit, linear
from g7classify.learn.dataset import Dataset
from g7classify.learn.fit import Trained
from g7classify.learn.recipe import Recipe


def test_learns_and_knows_how_well(trained: Trained, rows: Dataset) -> None:
    overall = trained.evaluation.overall
    assert overall.rows == (rows.samples == "natural").sum()
    assert overall.subtype_macro_f1.value is not None
    assert overall.subtype_macro_f1.value > 0.8
    probabilities = trained.model.probabilities(["une saisie de cocaïne au tribunal", "une matin dans la ville"])
    tags = decision.decide(probabilities, trained.model.deciding("balanced")[0], trained.model.codebook)
    assert [trained.model.codebook.names[i] for i in np.flatnonzero(tags[0])] == [
        "crime",
        "body",
        "crime.drugs",
        "body.court",
    ]
    assert not tags[1].any()


def test_same_rows_and_recipe_give_the_same_bytes_on_any_number_of_jobs(
    trained: Trained, rows: Dataset, recipe: Recipe, tmp_path: Path
) -> None:
    again = fit.train(rows, recipe, n_jobs=2)
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    assert modelfile.write(trained.model, one) == modelfile.write(again.model, other)
    assert one.read_bytes() == other.read_bytes()
    assert (trained.scores == again.scores).all()


def test_file_read_back_scores_as_the_estimator_did(
    trained: Trained, rows: Dataset, recipe: Recipe, tmp_path: Path
) -> None:
    modelfile.write(trained.model, tmp_path / "m.safetensors")
    model = modelfile.read(tmp_path / "m.safetensors")
    assert (model.scores(rows.texts) == trained.model.scores(rows.texts)).all()
    counts = linear.count_features(rows.texts, recipe.spec)
    exact = fit.fit(counts, rows, np.ones(len(rows), dtype=bool), recipe).scores(counts)
    assert np.abs(model.scores(rows.texts) - exact).max() < 0.05 * exact.std()


def test_scores_are_out_of_fold(trained: Trained, rows: Dataset, recipe: Recipe) -> None:
    counts = linear.count_features(rows.texts, recipe.spec)
    for fold in range(recipe.folds):
        held_out = trained.folds == fold
        assert (fit.fit(counts, rows, ~held_out, recipe).scores(counts[held_out]) == trained.scores[held_out]).all()


def test_calibrates_on_the_telling_rows_or_on_all(rows: Dataset, recipe: Recipe) -> None:
    assert (fit.telling_rows(rows, recipe) == (rows.samples == "natural")).all()
    unmarked = dataclasses.replace(rows, samples=np.array([""] * len(rows)))
    assert fit.telling_rows(unmarked, recipe).all()


def test_no_row_sees_its_own_label(trained: Trained, rows: Dataset, recipe: Recipe) -> None:
    """Turning the labels of one fold around must not change what that fold is given, only what the others are."""
    judged = trained.folds == 0
    turned = dataclasses.replace(rows, labels=np.where(judged[:, None], ~rows.labels, rows.labels))
    before, _, _ = fit.cross_decide(trained.scores, trained.folds, rows, recipe)
    after, _, _ = fit.cross_decide(trained.scores, trained.folds, turned, recipe)
    assert (before[judged] == after[judged]).all()
    assert (before[~judged] != after[~judged]).any()


def test_reports_progress_to_the_end(rows: Dataset, recipe: Recipe) -> None:
    seen: list[tuple[int, int, str]] = []
    fit.train(rows, recipe, n_jobs=1, progress=lambda *step: seen.append(step))
    assert [done for done, _, _ in seen] == list(range(recipe.folds + 3))
    assert seen[-1][0] == seen[-1][1]


def test_model_knows_where_it_comes_from(trained: Trained, rows: Dataset, recipe: Recipe) -> None:
    info = trained.model.info
    assert (info.name, info.rows, info.languages) == ("toy", len(rows), ("fr", "it"))
    assert info.recipe_sha256 == recipe.sha256
    assert info.metrics["subtype_macro_f1"] == pytest.approx(trained.evaluation.overall.subtype_macro_f1.value)
