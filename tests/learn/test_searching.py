from __future__ import annotations

from itertools import islice

import pytest

from g7classify.errors import OptionError
from g7classify.learn import searching
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
