from __future__ import annotations

import json
import math

import numpy as np
import pytest

from g7classify.codebook import CODEBOOK
from g7classify.errors import DataError, InputTypeError, OptionError, UnknownLabelError
from g7classify.learn.advice.suggesting import entropy, lowest, suggest
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.fit import Trained
from g7classify.tagger import Tagger

TEXTS = [
    *(f"Le budget de la ville de {place} sera voté {day}." for place in ("Lyon", "Nice") for day in ("lundi", "mardi")),
    *(f"Une escroquerie et un juge à {place}." for place in ("Metz", "Caen", "Brest")),
    "cocaïne cannabis saisie drogue",
    "virement fraude banque",
]


@pytest.fixture(scope="module")
def toy(trained: Trained) -> Tagger:
    return Tagger(trained.model)


def test_the_same_suggestions_every_time_and_none_twice(toy: Tagger) -> None:
    found = suggest(toy, TEXTS, 5)
    assert found == suggest(toy, TEXTS, 5)
    assert len({one.row for one in found}) == 5
    assert all(TEXTS[one.row] == one.text for one in found)
    assert found[:3] == suggest(toy, TEXTS, 3)


def test_a_suggestion_says_why(toy: Tagger) -> None:
    probabilities = toy.predict_proba(TEXTS)
    for one in suggest(toy, TEXTS, 4):
        assert one.quota is None
        assert 1 <= len(one.doubts) <= 3
        for doubt in one.doubts:
            column = toy.codebook.index(doubt.label)
            assert math.isclose(doubt.probability, probabilities[one.row, column], abs_tol=1e-4)
            assert math.isclose(doubt.threshold, toy.thresholds[column], abs_tol=1e-4)
            assert 0 <= doubt.uncertainty <= 1
            assert doubt.label not in toy.codebook.categories
        json.dumps(one.to_dict())


def test_no_repeats_of_each_other_nor_of_what_is_labelled(toy: Tagger, rows: Dataset) -> None:
    texts = [*TEXTS, *TEXTS, TEXTS[0].upper(), *rows.texts[:10]]
    found = suggest(toy, texts, 99, labelled=rows)
    chosen = [one.text.lower() for one in found]
    assert len(set(chosen)) == len(chosen)
    assert not {*chosen} & {text.lower() for text in rows.texts}


def test_fewer_where_so_many_are_not_to_be_had(toy: Tagger) -> None:
    assert len(suggest(toy, ["police", "police", "", "juge"], 10)) == 2
    assert suggest(toy, [], 10) == []


def test_quotas_come_first_and_the_rest_is_for_all(toy: Tagger) -> None:
    found = suggest(toy, TEXTS, 5, quotas={"body.court": 2, "crime.drugs": 1})
    assert [one.quota for one in found] == ["body.court", "body.court", "crime.drugs", None, None]
    assert [one.doubts[0].label for one in found[:3]] == ["body.court", "body.court", "crime.drugs"]
    assert len({one.row for one in found}) == 5


def test_what_a_quota_takes_is_uncertain_of_its_label(toy: Tagger, rows: Dataset) -> None:
    column = toy.codebook.index("crime.fraud")
    doubt = entropy(toy.predict_proba(rows.texts).astype(np.float64))[:, column]
    found = suggest(toy, rows.texts, 10, quotas={"crime.fraud": 10})
    assert np.mean([doubt[one.row] for one in found]) > 1.5 * doubt.mean()


def test_a_label_that_few_rows_have_weighs_more(toy: Tagger) -> None:
    common = Dataset.from_rows(
        [Row(f"banque {i}", ("crime.fraud",), f"{i}") for i in range(400)], codebook=toy.codebook
    )
    none = Dataset.from_rows([Row(f"banque {i}", (), f"{i}") for i in range(400)], codebook=toy.codebook)
    texts = ["virement banque dossier"]
    (with_many,), (with_none,) = (
        suggest(toy, texts, 1, labelled=known, near_duplicate=1.0) for known in (common, none)
    )
    assert with_none.uncertainty > with_many.uncertainty


@pytest.mark.parametrize("n", [0, -1, True, 1.5, "3"])
def test_n_is_a_number_of_sentences(toy: Tagger, n: object) -> None:
    with pytest.raises(OptionError, match="n: expected"):
        suggest(toy, TEXTS, n)  # type: ignore[arg-type]


def test_quotas_fit_into_n(toy: Tagger) -> None:
    with pytest.raises(OptionError, match="4 sentences in all, and n is 3"):
        suggest(toy, TEXTS, 3, quotas={"crime.drugs": 2, "body.court": 2})
    with pytest.raises(OptionError, match=r"crime\.drugs"):
        suggest(toy, TEXTS, 3, quotas={"crime.drugs": -1})
    with pytest.raises(UnknownLabelError, match="did you mean"):
        suggest(toy, TEXTS, 3, quotas={"crime.drug": 1})
    with pytest.raises(OptionError, match="near_duplicate"):
        suggest(toy, TEXTS, 3, near_duplicate=0)


def test_texts_are_several(toy: Tagger) -> None:
    with pytest.raises(InputTypeError):
        suggest(toy, "police", 1)


def test_labelled_rows_have_the_codebook_of_the_model(toy: Tagger) -> None:
    with pytest.raises(DataError, match="codebook"):
        suggest(toy, TEXTS, 1, labelled=Dataset.from_rows([Row("police", (), "a")]))


def test_the_lowest_labels_are_those_without_sub_types() -> None:
    chosen = lowest(CODEBOOK)
    assert [name for name, low in zip(CODEBOOK.names, chosen, strict=True) if low] == list(CODEBOOK.subtypes)


def test_entropy_is_greatest_at_a_half_and_nothing_where_all_is_known() -> None:
    found = entropy(np.array([0.0, 0.1, 0.5, 0.9, 1.0]))
    assert found[2] == 1.0
    assert np.isclose(found[1], found[3])
    assert found[0] < 1e-5
    assert found[4] < 1e-5
