from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from g7classify.codebook import Codebook
from g7classify.errors import OptionError
from g7classify.features import FeatureSpec
from g7classify.learn import searching
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe


class Clock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_finds_a_better_recipe_than_a_bad_one(rows: Dataset, recipe: Recipe) -> None:
    bad = recipe.changed(cost=0.001)
    seen: list[tuple[int, int, str]] = []
    found = searching.search(rows, bad, seconds=30, n_jobs=1, progress=lambda *step: seen.append(step), clock=Clock())
    assert found.tried[0].recipe == bad
    whole = [tried for tried in found.tried if tried.folds == bad.folds]
    best = max(whole, key=lambda tried: tried.f1)
    assert found.recipe == best.recipe
    assert best.f1 > found.tried[0].f1
    assert len(seen) == len(found.tried) > 5
    assert all(done <= total == 30 for done, total, _ in seen)
    kept = {"name", "folds", "seed", "calibrate_on", "task"}
    assert found.recipe.model_dump(include=kept) == bad.model_dump(include=kept)
    assert found.recipe.spec.bits == bad.spec.bits


def test_the_same_seed_tries_the_same_recipes(rows: Dataset, recipe: Recipe) -> None:
    one, two = (searching.search(rows, recipe, seconds=12, n_jobs=jobs, clock=Clock()) for jobs in (1, 2))
    assert one.recipe == two.recipe
    assert [(t.recipe, t.f1, t.folds) for t in one.tried] == [(t.recipe, t.f1, t.folds) for t in two.tried]
    assert list(islice(searching.candidates(recipe), 4)) != list(
        islice(searching.candidates(recipe.changed(seed=1)), 4)
    )


def test_the_given_recipe_is_tried_however_little_time_there_is(rows: Dataset, recipe: Recipe) -> None:
    found = searching.search(rows, recipe, seconds=0.5, n_jobs=1, clock=Clock())
    assert [tried.recipe for tried in found.tried] == [recipe]
    assert found.recipe == recipe
    with pytest.raises(OptionError, match="seconds: expected more than 0, got 0"):
        searching.search(rows, recipe, seconds=0)


def test_weights_that_a_recipe_gives_as_a_table_stay(recipe: Recipe) -> None:
    weighed = recipe.changed(weights={"crime": 2.0})
    assert all(found.weights == {"crime": 2.0} for found in islice(searching.candidates(weighed), 20))


def test_recipes_are_drawn_from_the_whole_space_at_once_and_each_but_once(recipe: Recipe) -> None:
    drawn = list(islice(searching.candidates(recipe), 25))
    assert {found.cost for found in drawn} >= {*searching.SPACE["cost"][1:4]}
    assert len({found.weights for found in drawn if isinstance(found.weights, str)}) == 2
    assert len({found.spec.characters for found in drawn}) > 3
    every = [found.model_dump_json() for found in searching.candidates(recipe)]
    assert len(every) == len(set(every))


def test_few_rows_settle_on_what_cross_validation_likes_best(rows: Dataset, recipe: Recipe) -> None:
    bad = recipe.changed(cost=0.001)
    one, two = (searching.settle(rows, bad, n_jobs=jobs) for jobs in (1, 2))
    assert one.recipe == two.recipe
    assert [(t.recipe, t.f1, t.folds) for t in one.tried] == [(t.recipe, t.f1, t.folds) for t in two.tried]
    assert one.tried[0].recipe == bad.complete()
    assert len(one.tried) == 1 + len(searching.FEW_ROWS)
    whole = [tried for tried in one.tried if tried.folds == bad.folds]
    assert one.recipe == max(whole, key=lambda tried: tried.f1).recipe
    assert one.recipe.spec.bits == bad.spec.bits


def test_what_comes_again_is_counted_where_that_tells_the_labels(book: Codebook) -> None:
    """The same words in all rows: only how often each comes says what a row is about."""
    random = np.random.default_rng(0)
    found = []
    for i in range(200):
        often, once = ("cocaïne", "juge") if i % 2 else ("juge", "cocaïne")
        words = [*[often] * 6, *[once] * 2, *random.choice(["lundi", "région", "ville", "matin"], 4)]
        random.shuffle(words)
        found.append(Row(" ".join(words), ("crime.drugs" if i % 2 else "body.court",), id=f"r{i}"))
    rows = Dataset.from_rows(found, codebook=book)
    settled = searching.settle(
        rows, Recipe(spec=FeatureSpec(bits=12, pairs=False), folds=2, near_duplicate=1), n_jobs=1
    )
    assert settled.recipe.spec.repeats
    best = {tried.recipe.spec.repeats: tried.f1 for tried in settled.tried}
    assert best[True] > best[False] + 0.2


def test_many_rows_keep_the_recipe(rows: Dataset, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FEW", len(rows))
    assert searching.settle(rows, recipe) == searching.Searched(recipe, ())
