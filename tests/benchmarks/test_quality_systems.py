from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from benchmarks import quality_rows
from benchmarks.quality_curve import SHARES, SYSTEMS, learning_curve, transfer
from benchmarks.quality_peers import TEACHER, closed
from benchmarks.quality_rows import Mask, Rows, Scores
from benchmarks.quality_systems import BASELINE, NONE, OURS, TAUGHT, Fits, learners
from g7classify.learn.recipe import Recipe
from g7classify.learn.soft import Soft

RECIPE = Recipe.model_validate({"name": "toy", "spec": {"bits": 10}, "folds": 2})


@pytest.fixture
def rows(tmp_path: Path, write_rows: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Rows:
    write_rows(160, languages=("fr", "it", "ja"))
    monkeypatch.setattr(quality_rows, "SEEDS", tmp_path / "seeds")
    return Rows.read(RECIPE, (), tmp_path / "seeds" / "fr.jsonl")


@pytest.fixture
def asked() -> list[tuple[Mask, int]]:
    return []


@pytest.fixture
def spies(rows: Rows, asked: list[tuple[Mask, int]]) -> Fits:
    """Systems that learn nothing and remember what they were given."""

    def spy(learned: Mask, fold: int, texts: Sequence[Sequence[str]]) -> list[Scores]:
        asked.append((learned, fold))
        return [np.random.default_rng(0).normal(size=(len(part), rows.dataset.labels.shape[1])) for part in texts]

    return Fits(rows, dict.fromkeys(SYSTEMS, spy), (("un",), ("UN",)))


def test_each_fold_is_fitted_once_and_sees_no_row_of_it(rows: Rows, spies: Fits, asked: list[tuple[Mask, int]]) -> None:
    spies.prepare(OURS, rows.judged)
    first = spies.without(OURS, 0)
    assert [len(part) for part in first] == [len(rows.part(0)), 160]
    assert first is spies.without(OURS, 0)
    assert [len(part) for part in spies.without(OURS, NONE)] == [1, 1]
    assert sorted(fold for _, fold in asked) == [NONE, 0, 1]
    for learned, fold in asked:
        assert np.array_equal(learned, rows.folds != fold)


def test_shares_nest_and_never_reach_the_held_out_fold(rows: Rows, spies: Fits, asked: list[tuple[Mask, int]]) -> None:
    found = learning_curve(rows, spies)
    assert [point["share"] for point in found["points"][OURS]] == list(SHARES)
    masks = [learned for learned, _ in asked[: len(SHARES)]]
    for less, more in pairwise(masks):
        assert less.sum() < more.sum()
        assert not (less & ~more).any()
    assert not any(mask[rows.folds == rows.first].any() for mask, _ in asked)
    assert [mask.sum() for mask in masks] == [point["learned"] for point in found["points"][OURS]]


def test_a_language_left_out_is_not_learned_from(rows: Rows, spies: Fits, asked: list[tuple[Mask, int]]) -> None:
    found = transfer(rows, spies)
    assert set(found) == {"ja", "it"}
    assert found["ja"]["rows"] == (rows.part(rows.first).languages == "ja").sum()
    for mask, _ in asked:
        assert set(rows.dataset.languages[mask]) in ({"fr", "it", "ja"}, {"fr", "it"}, {"fr", "ja"})
    ways = found["ja"]["systems"][BASELINE]
    assert (
        ways["with"]["learned"] - ways["without"]["learned"]
        == ((rows.dataset.languages == "ja") & (rows.folds != rows.first)).sum()
    )


def test_ours_learns_from_the_teacher_that_did_not_see_the_fold(rows: Rows) -> None:
    shape = (len(rows.dataset), rows.dataset.labels.shape[1])
    right, wrong = np.where(rows.dataset.labels, 4, -4), np.where(rows.dataset.labels, -4, 4)
    soft = Soft(rows.dataset.texts, np.stack((right, wrong)).astype(np.float16), (0, 1))
    assert soft.scores.shape == (2, *shape)
    systems = learners(rows, soft)
    assert list(systems) == [OURS, TAUGHT, BASELINE]
    assert list(learners(rows, None)) == [OURS, BASELINE]
    nothing = np.zeros(len(rows.dataset), dtype=bool)
    threat = rows.dataset.codebook.index("threat")
    texts = ["attentat mot1 mot2", "mot1 mot2"]
    for fold, sign in ((0, 1), (1, -1)):
        (scores,) = systems[TAUGHT](nothing, fold, [texts])
        assert sign * (scores[0, threat] - scores[1, threat]) > 0


def test_the_way_to_the_teacher_needs_all_three() -> None:
    def figure(value: float) -> dict[str, dict[str, float]]:
        return {"subtype_macro_f1": {"value": value}}

    systems = {OURS: figure(0.6), TAUGHT: figure(0.7), TEACHER: figure(0.8)}
    assert closed(systems, OURS, TAUGHT) == pytest.approx(0.5)
    assert closed({OURS: figure(0.6)}, OURS, TAUGHT) is None
    assert closed(systems | {TEACHER: figure(0.5)}, OURS, TAUGHT) is None
