from __future__ import annotations

from itertools import islice

import pytest

from g7classify.errors import OptionError
from g7classify.learn import search
from g7classify.learn.dataset import Dataset
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
    found = search.search(rows, bad, seconds=30, n_jobs=1, progress=lambda *step: seen.append(step), clock=Clock())
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
    one, two = (search.search(rows, recipe, seconds=12, n_jobs=jobs, clock=Clock()) for jobs in (1, 2))
    assert one.recipe == two.recipe
    assert [(t.recipe, t.f1, t.folds) for t in one.tried] == [(t.recipe, t.f1, t.folds) for t in two.tried]
    assert list(islice(search.candidates(recipe), 4)) != list(islice(search.candidates(recipe.changed(seed=1)), 4))


def test_the_given_recipe_is_tried_however_little_time_there_is(rows: Dataset, recipe: Recipe) -> None:
    found = search.search(rows, recipe, seconds=0.5, n_jobs=1, clock=Clock())
    assert [tried.recipe for tried in found.tried] == [recipe]
    assert found.recipe == recipe
    with pytest.raises(OptionError, match="seconds: expected more than 0, got 0"):
        search.search(rows, recipe, seconds=0)


def test_weights_that_a_recipe_gives_as_a_table_stay(recipe: Recipe) -> None:
    weighed = recipe.changed(weights={"crime": 2.0})
    assert all(found.weights == {"crime": 2.0} for found in islice(search.candidates(weighed), 20))
