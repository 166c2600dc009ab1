from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from g7classify import Tagger, decision, metrics, modelfile
from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import CodebookError, DataError, ForgettingError, OptionError
from g7classify.learn import arriving, fit, linear
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe
from g7classify.learn.updating import update
from g7classify.model import Model

NEW = "body.court"


@pytest.fixture(scope="module")
def older(book: Codebook) -> Codebook:
    return Codebook("toy", "1", tuple(label for label in book.labels if label.name != NEW))


def without(dataset: Dataset, older: Codebook) -> Dataset:
    columns = [dataset.codebook.index(name) for name in older.names]
    return replace(dataset, codebook=older, labels=dataset.labels[:, columns])


@pytest.fixture(scope="module")
def parts(rows: Dataset, older: Codebook) -> tuple[Dataset, Dataset, Dataset]:
    """Rows of before without the new label, new ones, and ones to judge by."""
    which = np.arange(len(rows)) // 2 % 4
    return without(rows.select(which < 2), older), rows.select(which == 2), rows.select(which == 3)


@pytest.fixture(scope="module")
def before(parts: tuple[Dataset, Dataset, Dataset], recipe: Recipe) -> Model:
    return fit.train(parts[0], recipe, n_jobs=1).model


def f1(model: Model, dataset: Dataset) -> dict[str, float]:
    tags = decision.decide(model.probabilities(dataset.texts), model.deciding("balanced")[0], model.codebook)
    labels = dataset.labels[:, [dataset.codebook.index(name) for name in model.codebook.names]]
    return dict(zip(model.codebook.names, metrics.count(labels, tags).f1.tolist(), strict=True))


def test_learns_a_new_label_and_keeps_the_old_ones(
    parts: tuple[Dataset, Dataset, Dataset], before: Model, recipe: Recipe, tmp_path: Path
) -> None:
    old, new, judged = parts
    updated = update(before, new, replay=old, recipe=recipe, n_jobs=1)
    modelfile.write(updated.model, tmp_path / "m.safetensors")
    model = modelfile.read(tmp_path / "m.safetensors")
    assert model.codebook.names == (*before.codebook.names, NEW)
    was, now = f1(before, judged), f1(model, judged)
    assert now[NEW] > 0.85
    assert np.mean([now[name] for name in was]) >= np.mean([*was.values()]) - 0.01
    assert updated.check.new == (NEW,)
    # Each fold decided by the others: by decisions that were fitted on it too it would be above .6.
    assert 0.5 < (updated.check.new_macro or 0) < 0.6
    assert model.info.recipe_sha256 == recipe.sha256
    assert update(before, new, n_jobs=1, force=True).model.info.recipe_sha256 == Recipe().complete().sha256
    assert (model.info.name, model.info.version, model.info.rows) == ("toy", "0.2.0", len(old) + len(new))
    explained = Tagger(model).explain("une audience du tribunal", labels=[NEW]).labels[0]
    assert explained.tagged
    assert explained.words[-1].contribution > 0


def test_the_same_rows_give_the_same_model(
    parts: tuple[Dataset, Dataset, Dataset], before: Model, recipe: Recipe, tmp_path: Path
) -> None:
    old, new, _ = parts
    digests = {
        modelfile.write(update(given, new, replay=old, recipe=recipe, n_jobs=jobs).model, tmp_path / "m.safetensors")
        for given, jobs in ((before, 1), (Tagger(before), 2))
    }
    assert len(digests) == 1


def test_rows_that_say_nothing_of_the_old_labels_leave_their_weights_alone(
    parts: tuple[Dataset, Dataset, Dataset], before: Model, recipe: Recipe
) -> None:
    _, new, _ = parts
    alone = Codebook.from_dict({"name": "more", "version": "1", "labels": [{"name": "sport"}]})
    dataset = replace(new, codebook=alone, labels=new.labels[:, -1:])
    updated = update(before, dataset, recipe=recipe, n_jobs=1)
    k = len(before.codebook)
    assert (updated.model.table[:, :k] == before.table[:, :k]).all()
    assert np.allclose(updated.model.scale[:k], before.scale[:k], rtol=1e-6)
    assert (updated.model.thresholds[:, :k] == before.thresholds).all()
    assert updated.check.unchecked == before.codebook.names
    assert updated.check.macro_before is None


def test_what_makes_it_forget_is_refused_with_the_table_unless_forced(
    parts: tuple[Dataset, Dataset, Dataset], before: Model, recipe: Recipe
) -> None:
    old, new, judged = parts
    column = new.codebook.index("crime.drugs")
    labels = new.labels.copy()
    labels[:, column] ^= True
    wrong = replace(new, labels=labels)
    with pytest.raises(ForgettingError, match=r"macro-F1 of .* crime\.drugs") as caught:
        update(before, wrong, replay=old, recipe=recipe, n_jobs=1)
    table = {change.label: change for change in caught.value.changes}
    assert table["crime.drugs"].fell
    assert table["crime.drugs"].worse > table["crime.drugs"].better
    assert (table["crime.drugs"].after or 0) < (table["crime.drugs"].before or 0)
    assert table[NEW].before is None
    forced = update(before, wrong, replay=old, recipe=recipe, n_jobs=1, force=True)
    assert forced.check.changes == caught.value.changes
    assert f1(forced.model, judged)["crime.drugs"] < f1(before, judged)["crime.drugs"]


def test_rows_that_nobody_learned_from_judge_instead_of_the_replay(
    parts: tuple[Dataset, Dataset, Dataset], before: Model, recipe: Recipe, older: Codebook
) -> None:
    old, new, judged = parts
    unseen = without(judged, older)
    found = update(before, new, replay=old, unseen=unseen, recipe=recipe, n_jobs=1, allowed_loss=1)
    was, now = f1(before, judged), f1(found.model, judged)
    for change in found.check.changes:
        if change.label == NEW:
            assert change.before is None
        else:
            assert (change.before, change.after) == pytest.approx((was[change.label], now[change.label]), abs=1e-4)
            assert change.labelled == unseen.labels[:, older.index(change.label)].sum()
    by_replay = update(before, new, replay=old, recipe=recipe, n_jobs=1)
    assert by_replay.check.by_heart
    assert by_replay.check.changes[-1] == found.check.changes[-1]
    assert (by_replay.model.table == found.model.table).all()


def test_labels_that_are_not_so_are_refused_by_rows_that_nobody_learned_from(
    parts: tuple[Dataset, Dataset, Dataset], before: Model, recipe: Recipe, older: Codebook
) -> None:
    old, new, judged = parts
    shuffled = replace(new, labels=np.random.default_rng(0).permutation(new.labels))
    with pytest.raises(ForgettingError, match="of before goes from"):
        update(before, shuffled, unseen=without(judged, older), replay=old, recipe=recipe, n_jobs=1)


def test_shuffled_labels_are_refused_by_the_new_rows_alone_unless_forced(
    parts: tuple[Dataset, Dataset, Dataset], before: Model, recipe: Recipe
) -> None:
    _, new, _ = parts
    shuffled = replace(new, labels=np.random.default_rng(0).permutation(new.labels))
    with pytest.raises(DataError, match="told no better than by chance"):
        update(before, shuffled, recipe=recipe, n_jobs=1)
    assert update(before, shuffled, recipe=recipe, n_jobs=1, force=True).check.new == (NEW,)


def test_guesses_which_rows_of_before_hold_the_new_label_and_do_not_say_so(
    rows: Dataset, book: Codebook, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = "crime.fraud"
    smaller = Codebook("toy", "1", tuple(label for label in book.labels if label.name != hidden))
    which, truth = np.arange(len(rows)) // 2 % 4, rows.labels[:, book.index(hidden)]
    old, new = without(rows.select(which < 2), smaller), rows.select(which == 2)
    found, whole = [], arriving.hidden

    def watched(*given: Any, **options: Any) -> NDArray[np.float64]:
        found.append(whole(*given, **options))
        return found[-1]

    def silent(scores: NDArray[np.float64], *_: Any, **__: Any) -> NDArray[np.float64]:
        return np.full_like(scores, np.nan)

    before = fit.train(old, recipe, n_jobs=1).model
    tables = []
    for hidden_rows in (watched, silent):
        monkeypatch.setattr(arriving, "hidden", hidden_rows)
        tables.append(update(before, new, replay=old, recipe=recipe, n_jobs=1).model.table)
    guess, truth = found[0][len(new) :, 0], truth[which < 2]
    bare = old.labels[:, smaller.index("crime")] & ~old.labels[:, smaller.index("crime.drugs")]
    assert (np.isnan(guess) == ~bare).all()
    assert guess[bare].mean() == pytest.approx(truth[bare].mean(), abs=0.15)
    changed = (tables[0] != tables[1]).any(axis=0)
    assert changed.tolist() == [False] * len(smaller) + [True, False]  # the old labels, the new one, the norm


def test_a_table_read_back_is_what_was_fitted_to_the_step(trained: fit.Trained, rows: Dataset) -> None:
    counts = linear.count_features(rows.texts, trained.model.spec)
    of_table = linear.of(trained.model)
    assert np.allclose(of_table.scores(counts), trained.model.scores(rows.texts), atol=1e-4)
    table, scale = linear.quantise(of_table)
    assert (table == trained.model.table).all()
    assert np.allclose(scale, trained.model.scale, rtol=1e-6)


def test_what_cannot_be_updated_is_refused(parts: tuple[Dataset, Dataset, Dataset], before: Model) -> None:
    _, new, _ = parts
    with pytest.raises(OptionError, match="allowed_loss: expected 0 to 1, got 2"):
        update(before, new, allowed_loss=2)
    with pytest.raises(OptionError, match="expected a table, got str"):
        update("g7-base", new)  # type: ignore[arg-type]
    other = Codebook.from_dict({"name": "o", "version": "1", "labels": [{"name": "crime.drugs"}]})
    with pytest.raises(CodebookError, match="give it one parent"):
        update(before, replace(new, codebook=other, labels=new.labels[:, :1]))
    with pytest.raises(DataError, match="no label"):
        update(before, new, replay=Dataset.from_rows([], codebook=CODEBOOK))
