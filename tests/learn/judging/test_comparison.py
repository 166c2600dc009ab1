from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from g7classify import metrics
from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import DataError
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.judging import sharing
from g7classify.learn.judging.comparison import Comparison, compare
from g7classify.model import Model
from g7classify.tagger import Tagger

WORDS = {"police": "actor.agency", "ministre": "actor.official", "sanctions": "measure.financial"}


@pytest.fixture(scope="module")
def weaker(model: Model) -> Tagger:
    """The hand-made model, which misses every official."""
    table = model.table.copy()
    table[:, CODEBOOK.index("actor.official")] = 0
    return Tagger(replace(model, table=table, info=replace(model.info, name="weaker")))


@pytest.fixture(scope="module")
def labelled() -> Dataset:
    """60 sentences, a word of each telling its label, but the last 6 are labelled with nothing; two make a group."""
    rows = []
    for i in range(60):
        word = list(WORDS)[i % 3]
        labels = (WORDS[word],) if i < 54 else ()
        rows.append(Row(f"{word} {i}", labels, id=f"r{i}", group=f"g{i // 2}"))
    return Dataset.from_rows(rows)


@pytest.fixture(scope="module")
def found(weaker: Tagger, tagger: Tagger, labelled: Dataset) -> Comparison:
    return compare(weaker, tagger, labelled, rounds=200, exchanges=999)


def test_the_better_model_is_surely_better_where_it_is(found: Comparison, tagger: Tagger, labelled: Dataset) -> None:
    assert (found.first, found.second) == ("weaker@0.1.0", "hand-made@0.1.0")
    assert (found.rows, found.groups) == (60, 30)
    labels = {row.name: row for row in found.labels}
    official = labels["actor.official"]
    assert official.first == 0.0
    assert official.second == round(2 * 18 / (18 + 20), 4)
    assert official.difference.value == official.second
    assert official.difference.low is not None
    assert official.difference.low > 0.5
    assert official.p is not None
    assert official.p <= 0.002
    assert official.corrected_p is not None
    assert official.p < official.corrected_p < 0.05
    assert (official.first_right, official.second_right) == (2, 18)
    counts = metrics.count(labelled.labels, tagger.predict(labelled.texts))
    assert [row.second for row in found.labels] == [None if np.isnan(f1) else round(f1, 4) for f1 in counts.f1]


def test_what_does_not_differ_is_not_told_to(found: Comparison) -> None:
    agency = next(row for row in found.labels if row.name == "actor.agency")
    assert agency.first == agency.second
    assert (agency.difference.value, agency.difference.low, agency.difference.high) == (0, 0, 0)
    assert (agency.p, agency.corrected_p, agency.first_right, agency.second_right) == (1, 1, 0, 0)


def test_labels_without_rows_are_unknown(found: Comparison) -> None:
    row = next(row for row in found.labels if row.name == "role.support")
    assert row.labelled == 0
    assert (row.first, row.second, row.difference.value, row.difference.low, row.p, row.corrected_p) == (None,) * 6


def test_means_are_those_of_their_labels(found: Comparison) -> None:
    assert [row.name for row in found.means] == [
        "category macro F1",
        "category micro F1",
        "sub-type macro F1",
        "sub-type micro F1",
    ]
    subtypes = [row.second for row in found.labels if "." in row.name and row.second is not None]
    assert found.means[2].second == pytest.approx(np.mean(subtypes), abs=1e-4)
    assert {row.corrected_p for row in found.means} == {None}


def test_sentences_that_one_model_alone_gets_right(found: Comparison) -> None:
    assert (found.first_right, found.second_right) == (2, 18)


def test_disagreements(found: Comparison, weaker: Tagger, tagger: Tagger, labelled: Dataset) -> None:
    assert len(found.disagreements) == 20
    for one in found.disagreements:
        assert "ministre" in one.text
        assert one.first_only == ()
        assert one.second_only == ("actor", "actor.official")
        assert one.second_right == (one.labels != ())
    few = compare(weaker, tagger, labelled, rounds=2, exchanges=2, most_disagreements=3)
    assert few.disagreements == found.disagreements[:3]


def test_changing_places_changes_the_sign(found: Comparison, weaker: Tagger, tagger: Tagger, labelled: Dataset) -> None:
    other = compare(tagger, weaker, labelled, rounds=200, exchanges=999)
    for one, back in zip((*found.means, *found.labels), (*other.means, *other.labels), strict=True):
        assert (one.first, one.second, one.first_right) == (back.second, back.first, back.second_right)
        if one.difference.value is not None:
            assert one.difference.value == -back.difference.value  # type: ignore[operator]
            assert one.difference.low == -back.difference.high  # type: ignore[operator]
            assert one.p == back.p


def test_a_model_does_not_differ_from_itself(tagger: Tagger, labelled: Dataset) -> None:
    same = compare(tagger, tagger, labelled, rounds=20, exchanges=20)
    assert {row.p for row in same.means} == {1.0}
    assert same.disagreements == ()


def test_the_same_seed_gives_the_same(weaker: Tagger, tagger: Tagger, labelled: Dataset) -> None:
    one, same, other = (compare(weaker, tagger, labelled, rounds=50, exchanges=50, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_json_reads_back(found: Comparison) -> None:
    assert Comparison.model_validate_json(found.model_dump_json()) == found


def test_a_deep_model_beside_a_table(
    tagger: Tagger, make_deep: Callable[..., object], encoders: list[object], labelled: Dataset
) -> None:
    found = compare(tagger, Tagger(make_deep()), labelled, rounds=5, exchanges=5)  # type: ignore[arg-type]
    assert len(encoders) == 1
    assert found.means[0].second is not None


def book(**parents: str | None) -> Codebook:
    labels = [{"name": name.replace("_", "."), "parent": parent} for name, parent in parents.items()]
    return Codebook.from_dict({"name": "mine", "version": "1", "labels": labels})


def with_codebook(model: Model, codebook: Codebook) -> Tagger:
    k = len(codebook)
    head = {name: getattr(model, name)[:k] for name in ("bias", "slope", "intercept")}
    return Tagger(
        replace(
            model,
            codebook=codebook,
            table=np.ascontiguousarray(np.hstack((model.table[:, :k], model.table[:, -1:]))),
            scale=np.append(model.scale[:k], model.scale[-1:]),
            thresholds=model.thresholds[:, :k],
            **head,
        )
    )


class TestTwoCodebooks:
    def test_shared_labels_are_compared_and_the_others_told(self, model: Model) -> None:
        first, second = book(a=None, b=None, c=None), book(c=None, b="c", a=None, d=None)
        joined = sharing.joined(first, second)
        assert joined.names == ("a", "b", "c", "d")
        rows = Dataset.from_rows(
            [Row(f"{i}", ("a",) if i % 2 else ("d",), id=str(i)) for i in range(6)], codebook=joined
        )
        found = compare(with_codebook(model, first), with_codebook(model, second), rows, rounds=5, exchanges=5)
        assert [row.name for row in found.labels] == ["a", "c"]
        assert [row.name for row in found.means] == ["category macro F1", "category micro F1"]
        assert found.left_out == {
            "b": "under another category in one of the codebooks",
            "d": "the second model's alone",
        }
        less = Dataset.from_rows([Row("x", ("a",), id="x")], codebook=book(a=None))
        found = compare(with_codebook(model, first), with_codebook(model, second), less, rounds=5, exchanges=5)
        assert found.left_out["c"] == "not among the labels of the rows"

    def test_columns_in_another_order_are_told_apart_by_name(self, model: Model) -> None:
        first, second = book(a=None, b=None), book(b=None, a=None)
        rows = Dataset.from_rows([Row("x", ("a",), id="x"), Row("y", ("b",), id="y")], codebook=first)
        one = with_codebook(model, first)
        swapped = replace(
            one.model, codebook=second,  # type: ignore[type-var]
            table=np.ascontiguousarray(one.model.table[:, [1, 0, 2]]), bias=one.model.bias[::-1].copy(),  # type: ignore[attr-defined]
        )  # fmt: skip
        assert compare(one, Tagger(swapped), rows, rounds=5, exchanges=5).disagreements == ()

    def test_nothing_shared_is_an_error(self, model: Model, tagger: Tagger, labelled: Dataset) -> None:
        with pytest.raises(DataError, match="share no label"):
            compare(with_codebook(model, book(x=None, y=None)), tagger, labelled)

    def test_codebooks_that_contradict_each_other(self) -> None:
        with pytest.raises(DataError, match="contradict each other"):
            sharing.joined(book(a=None, b="a"), book(b=None, c="b"))

    def test_no_row_is_an_error(self, tagger: Tagger, labelled: Dataset) -> None:
        with pytest.raises(DataError, match="no row to compare"):
            compare(tagger, tagger, labelled.select(np.array([], dtype=np.int64)))
