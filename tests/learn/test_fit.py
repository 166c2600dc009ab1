from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from g7classify import Tagger, decision, modelfile
from g7classify.errors import DataError, RecipeError
from g7classify.learn import fit, joining, linear
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


def test_what_a_label_of_a_row_weighs(rows: Dataset, recipe: Recipe) -> None:
    names = rows.codebook.names
    equal = fit.row_costs(rows, recipe)
    assert (equal == recipe.cost).all()
    table = fit.row_costs(rows, recipe.changed(weights={names[2]: 3}))
    assert (table[:, 2] == np.where(rows.labels[:, 2], 3, 1) * recipe.cost).all()
    assert (np.delete(table, 2, axis=1) == recipe.cost).all()
    known = np.random.RandomState(0).rand(*rows.labels.shape) < 0.8
    balanced = fit.row_costs(rows, recipe.changed(weights="balanced"), known=known)
    holding, lacking = (np.where(side & known, balanced, 0).sum(axis=0) for side in (rows.labels, ~rows.labels))
    assert holding == pytest.approx(lacking, rel=1e-4)
    assert holding + lacking == pytest.approx(recipe.cost * known.sum(axis=0), rel=1e-4)
    assert not balanced[~known].any()
    with pytest.raises(RecipeError, match="weights: 'sport' is no label of the codebook 'toy'"):
        fit.row_costs(rows, recipe.changed(weights={"sport": 2}))


def test_weights_that_favour_a_label_make_it_score_higher(rows: Dataset, recipe: Recipe) -> None:
    counts, every = linear.count_features(rows.texts, recipe.spec), np.ones(len(rows), dtype=bool)
    low = recipe.changed(cost=0.05)
    plain = fit.fit(counts, rows, every, low).scores(counts)
    heavy = fit.fit(counts, rows, every, low.changed(weights={"crime.drugs": 10})).scores(counts)
    column = rows.codebook.index("crime.drugs")
    assert (heavy[:, column] > plain[:, column]).all()
    # All labels of a row take as many steps of Newton's method as the slowest.
    assert np.allclose(np.delete(heavy, column, axis=1), np.delete(plain, column, axis=1), atol=1e-3)


def single(rows: Dataset) -> Dataset:
    """The rows that have exactly one sub-type."""
    return rows.select(rows.labels[:, 2:].sum(axis=1) == 1)


def test_a_single_label_task_tags_one_label_and_says_so_in_the_file(
    rows: Dataset, recipe: Recipe, tmp_path: Path
) -> None:
    # Of one category each, as sub-types of one and the same would need the other to be bare.
    one = single(rows)
    modelfile.write(fit.train(one, recipe.changed(task="single-label"), n_jobs=1).model, tmp_path / "m.safetensors")
    tagger = Tagger.load(tmp_path / "m.safetensors")
    assert tagger.codebook.exclusive
    tags = tagger.predict(one.texts)
    under = tags[:, 2:]
    assert (under.sum(axis=1) <= 1).all()
    assert (under == one.labels[:, 2:])[under.any(axis=1)].all(axis=1).mean() > 0.85
    assert under.any(axis=1).mean() > 0.85
    explanation = tagger.explain(one.texts[0])
    assert [label.label for label in explanation.labels if label.tagged] == [
        name for name, tagged in zip(tagger.labels, tags[0], strict=True) if tagged
    ] or {label.label for label in explanation.labels if label.tagged} == set(np.array(tagger.labels)[tags[0]])


def test_a_row_of_two_labels_is_none_of_a_single_label_task(rows: Dataset, recipe: Recipe) -> None:
    with pytest.raises(DataError, match=r"r\d+: labelled .* and \d+ more rows have not exactly one label"):
        fit.train(rows, recipe.changed(task="single-label"))


def test_rows_beside_teach_but_neither_calibrate_nor_judge(rows: Dataset, recipe: Recipe) -> None:
    few, many = rows.select(np.arange(len(rows)) < 60), rows.select(np.arange(len(rows)) >= 60)
    alone, both = fit.train(few, recipe, n_jobs=1), fit.train(few, recipe, beside=[many], n_jobs=1)
    f1 = [found.evaluation.overall.subtype_macro_f1.value or 0 for found in (alone, both)]
    assert f1[1] > f1[0]
    assert both.scores.shape == alone.scores.shape == few.labels.shape
    assert both.evaluation.overall.rows == alone.evaluation.overall.rows
    assert both.model.info.rows == len(rows)


def test_rows_beside_are_not_seen_where_they_repeat_what_is_judged(rows: Dataset, recipe: Recipe) -> None:
    """The same rows with turned labels beside: near-duplicates share a fold, so they cannot teach what is judged."""
    few = rows.select(np.arange(len(rows)) < 90)
    turned = dataclasses.replace(few, labels=~few.labels, groups=np.array([f"other {i}" for i in range(len(few))]))
    trained = fit.train(few, recipe, beside=[turned], n_jobs=1)
    whole, known = joining.join(few.codebook, [few, turned])
    counts = linear.count_features(whole.texts, recipe.spec)
    for fold in range(recipe.folds):
        judged = trained.folds == fold
        seen = ~np.concatenate((judged, judged))
        expected = fit.fit(counts, whole, seen, recipe, known=known).scores(counts[: len(few)][judged])
        assert (trained.scores[judged] == expected).all()
