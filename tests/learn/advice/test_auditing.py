from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import DataError, MissingExtraError, OptionError
from g7classify.learn.advice import audit_report, confusions, mislabelled, repeats
from g7classify.learn.advice.auditing import Audit, audit
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe

TOPICS = {
    "crime.drugs": ["cocaïne", "dealer", "drogue", "cannabis", "trafiquants"],
    "crime.fraud": ["escroquerie", "virement", "fraude", "banque", "détournement"],
    "body.court": ["tribunal", "juge", "audience", "jugement", "magistrat"],
}
FILLER = [
    "le",
    "la",
    "une",
    "dans",
    "pour",
    "avec",
    "lundi",
    "région",
    "ville",
    "selon",
    "plus",
    "deux",
    "matin",
    "dossier",
    "année",
    "groupe",
]


@pytest.fixture(scope="module")
def clean(book: Codebook) -> Dataset:
    random = np.random.default_rng(3)
    found = []
    for i in range(300):
        labels = [label for label in TOPICS if random.random() < 0.3]
        words = [w for label in labels for w in random.choice(TOPICS[label], 2)] + list(random.choice(FILLER, 6))
        random.shuffle(words)
        found.append(Row(" ".join(words), tuple(labels), id=f"r{i}", lang="fr" if i % 3 else "it", group=f"g{i}"))
    return Dataset.from_rows(found, codebook=book)


@pytest.fixture(scope="module")
def turned(clean: Dataset) -> NDArray[np.bool_]:
    """One label in 15 of the 300 rows."""
    random = np.random.default_rng(5)
    under = np.flatnonzero(clean.codebook.parents >= 0)
    wrong = np.zeros(clean.labels.shape, dtype=bool)
    wrong[random.permutation(300)[:15], random.choice(under, 15)] = True
    return wrong


@pytest.fixture(scope="module")
def noisy(clean: Dataset, turned: NDArray[np.bool_]) -> Dataset:
    return replace(clean, labels=mislabelled.without(clean.labels, turned, clean.codebook))


@pytest.fixture(scope="module")
def judge() -> Recipe:
    return Recipe.model_validate({"name": "toy", "spec": {"bits": 12}, "folds": 3, "cost": 10})


@pytest.fixture(scope="module")
def found(noisy: Dataset, clean: Dataset, judge: Recipe) -> Audit:
    other = clean.select(np.arange(5))
    return audit(noisy, recipe=judge, other=other, doubtful=0.2, n_jobs=1)


def test_most_labels_that_were_turned_are_found_and_little_else(
    found: Audit, noisy: Dataset, clean: Dataset, turned: NDArray[np.bool_]
) -> None:
    wrong = set(np.flatnonzero(turned.any(axis=1)).tolist())
    pointed = {suspect.row for suspect in found.suspects}
    assert len(wrong & pointed) >= 0.7 * len(wrong)
    assert len(wrong & pointed) >= 0.6 * len(pointed)
    assert [suspect.quality for suspect in found.suspects] == sorted(suspect.quality for suspect in found.suspects)
    right = [
        suspect.suggested == mislabelled.named(clean.labels[suspect.row], clean.codebook)
        for suspect in found.suspects
        if suspect.row in wrong
    ]
    assert np.mean(right) >= 0.8
    for suspect in found.suspects:
        assert (suspect.id, suspect.text) == (noisy.ids[suspect.row], noisy.texts[suspect.row])
        assert suspect.labels == mislabelled.named(noisy.labels[suspect.row], noisy.codebook)
        assert all((change.label in suspect.labels) == change.given for change in suspect.changes)


def test_the_other_rows_that_are_here_too_are_leaks(found: Audit) -> None:
    assert {leak.other_id for leak in found.leaks} == {f"r{i}" for i in range(5)}
    assert all(leak.exact for leak in found.leaks)
    assert found.shared_groups == tuple(f"g{i}" for i in range(5))


def test_labels_are_counted(found: Audit, noisy: Dataset) -> None:
    assert [label.label for label in found.labels] == list(noisy.codebook.names)
    for label, column in zip(found.labels, noisy.labels.T, strict=True):
        assert label.rows == column.sum() == sum(label.languages.values())
        assert 0 < label.effective <= label.rows
        assert label.thin == (label.effective < 20)


def test_an_audit_is_told_as_json_and_as_tables(found: Audit) -> None:
    told = json.loads(found.to_json())
    assert told["rows"] == 300
    assert len(told["suspects"]) == len(found.suspects)
    stream = StringIO()
    audit_report.write(found, stream)
    assert f"{len(found.suspects)} with likely label errors" in stream.getvalue()
    assert found.suspects[0].id in stream.getvalue()
    assert "5 leaks into the other data, 5 groups in both" in stream.getvalue()


def test_texts_cannot_steer_the_terminal(found: Audit) -> None:
    stream = StringIO()
    hostile = replace(found.suspects[0], text="\x1b[31mred\nline", id="a\x07")
    audit_report.write(replace(found, suspects=(hostile,)), stream)
    assert "\x1b" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()


@pytest.mark.parametrize("doubtful", [-0.1, 1.1, float("nan"), True])
def test_doubtful_is_a_probability(noisy: Dataset, doubtful: float) -> None:
    with pytest.raises(OptionError, match="doubtful"):
        audit(noisy, doubtful=doubtful)


def test_both_datasets_have_one_codebook(noisy: Dataset) -> None:
    with pytest.raises(DataError, match="codebook"):
        audit(noisy, other=Dataset.from_rows([Row("police", (), "a")]))


def test_cleanlab_is_asked_for_where_it_is_missing(noisy: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    really: Callable[..., Any] = builtins.__import__

    def refuse(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("cleanlab"):
            raise ModuleNotFoundError("no module", name="cleanlab")
        return really(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError, match=r"g7classify\[audit\]"):
        audit(noisy)


class TestWithout:
    def test_a_category_goes_with_its_last_sub_type_only(self) -> None:
        labels = CODEBOOK.indicator([["threat.terrorism"], ["threat.terrorism", "threat.hybrid"], ["threat"]])
        wrong = np.zeros_like(labels)
        wrong[:, CODEBOOK.index("threat.terrorism")] = [True, True, False]
        found = mislabelled.without(labels, wrong, CODEBOOK)
        assert [mislabelled.named(row, CODEBOOK) for row in found] == [(), ("threat.hybrid",), ("threat",)]

    def test_a_category_comes_with_a_sub_type(self) -> None:
        wrong = np.zeros((1, len(CODEBOOK)), dtype=bool)
        wrong[0, CODEBOOK.index("role.mandate")] = True
        (found,) = mislabelled.without(np.zeros_like(wrong), wrong, CODEBOOK)
        assert set(np.flatnonzero(found)) == {CODEBOOK.index("role"), CODEBOOK.index("role.mandate")}


class TestRepeats:
    long = "Le ministre de l'intérieur a annoncé lundi un plan de lutte contre les réseaux de passeurs"

    def dataset(self, rows: list[tuple[str, tuple[str, ...]]]) -> Dataset:
        return Dataset.from_rows(Row(text, labels, f"{i}") for i, (text, labels) in enumerate(rows))

    def test_disputed_labels_are_settled_by_the_majority(self) -> None:
        found = self.dataset(
            [
                (self.long, ("threat.migrant_smuggling",)),
                ("Tout autre chose : il fera beau demain.", ()),
                (self.long.upper(), ("threat.migrant_smuggling", "actor.official")),
                (f"{self.long} .", ("threat.migrant_smuggling", "actor.official")),
            ]
        )
        (repeat,) = repeats.within(found, np.zeros_like(found.labels), similarity=0.7)
        assert repeat.rows == (0, 2, 3)
        assert not repeat.exact
        assert repeat.disputed == ("actor.official",)
        assert repeat.suggested == ("actor.official", "threat.migrant_smuggling")

    @pytest.mark.parametrize("tagged", [True, False])
    def test_a_draw_is_settled_by_the_model(self, tagged: bool) -> None:
        found = self.dataset([(self.long, ()), (self.long, ("actor.official",))])
        tags = np.full_like(found.labels, tagged)
        (repeat,) = repeats.within(found, tags, similarity=0.7)
        assert repeat.exact
        assert repeat.suggested == (("actor.official",) if tagged else ())

    def test_a_leak_names_the_very_same_text_first(self) -> None:
        left = self.dataset([(f"{self.long} .", ()), (self.long, ())])
        right = self.dataset([("Rien de tel ici.", ()), (self.long, ())])
        (leak,) = repeats.across(left, right, similarity=0.7)
        assert (leak.row, leak.other_row, leak.exact) == (1, 1, True)

    def test_rows_without_a_group_share_none(self) -> None:
        left = self.dataset([("a", ())])
        assert repeats.shared_groups(left, left) == []


def test_labels_that_a_model_takes_for_each_other_are_found() -> None:
    random = np.random.default_rng(0)
    names = ("threat.terrorism", "threat.hybrid", "actor.state")
    a, b, c = map(CODEBOOK.index, names)
    labels = CODEBOOK.indicator([[names[i % 3]] for i in range(90)])
    probabilities = np.full(labels.shape, 0.01, dtype=np.float32)
    probabilities[:, [a, b]] = np.where(labels[:, [a, b]].any(axis=1), 1, 0)[:, None] * random.uniform(
        0.4, 0.6, (90, 2)
    )
    probabilities[:, c] = np.where(labels[:, c], 0.9, 0.1)
    (found,) = confusions.find(labels, probabilities > 0.5, probabilities, CODEBOOK)
    assert {found.label, found.other} == {names[0], names[1]}
    assert found.only_label == found.only_other == 30
    wrong = labels[:, [b, a]] & (probabilities[:, [a, b]] > 0.5) & (probabilities[:, [b, a]] <= 0.5)
    assert found.taken_for_label + found.taken_for_other == wrong.sum()
    assert found.share == pytest.approx(wrong.sum() / 60, abs=1e-4)
    assert 0.3 < found.separation < 0.7


@given(st.integers(2, 12), st.integers(0, 1000))
def test_labels_of_hardly_any_row_are_no_error(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = CODEBOOK.raised(random.random((n, len(CODEBOOK))) < random.choice([0.01, 0.5, 0.99]))
    probabilities = random.choice([0, 0.3, 1], labels.shape).astype(np.float32)
    wrong = mislabelled.find(labels, probabilities, CODEBOOK, doubtful=0.3)
    assert (mislabelled.quality(labels, probabilities)[wrong] <= 0.3).all()
    changed = mislabelled.without(labels, wrong, CODEBOOK)
    assert (changed == CODEBOOK.raised(changed)).all()
    assert (changed[:, 4:] == (labels ^ wrong)[:, 4:]).all()
