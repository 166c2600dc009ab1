from __future__ import annotations

import pytest

from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.judging import mistakes
from g7classify.learn.judging.evaluation import Mistake
from g7classify.tagger import Tagger

ROWS = [
    Row("La police arrive.", ("actor.agency",), id="right"),
    Row("La police dort.", (), id="no agency"),
    Row("Il fait beau.", ("threat.terrorism",), id="no terror told"),
    Row("Un ministre et du terrorisme.", ("actor.official",), id="half right"),
]


def told(tagger: Tagger, rows: list[Row] = ROWS, *, count: int = 10) -> tuple[tuple[Mistake, ...], str]:
    dataset = Dataset.from_rows(rows)
    return mistakes.most_confident(
        tagger, dataset, tagger.predict_proba(dataset.texts), tagger.predict(dataset.texts), count=count
    )


def test_wrong_tags_then_missed_labels_each_with_its_words(tagger: Tagger) -> None:
    found, why = told(tagger)
    assert why == ""
    assert [(one.id, one.label, one.tagged) for one in found] == [
        ("no agency", "actor.agency", True),
        ("half right", "threat.terrorism", True),
        ("no terror told", "threat.terrorism", False),
    ]
    assert [one.words[0].text for one in found[:2]] == ["police", "terrorisme"]
    assert all(one.words[0].contribution > 1 for one in found[:2])
    for one in found:
        assert one.explained == one.label
        assert one.tagged == (one.probability >= one.threshold)


def test_surest_first_and_no_more_than_asked_for(tagger: Tagger) -> None:
    rows = [Row(f"police {' '.join(map(str, range(i)))}", (), id=str(i)) for i in (200, 20, 120, 60)]
    found, _ = told(tagger, rows, count=3)
    assert [one.id for one in found] == ["20", "60", "120"]
    assert [one.probability for one in found] == sorted((one.probability for one in found), reverse=True)
    assert told(tagger, rows, count=0) == ((), "")


def test_a_category_that_a_sub_type_raises_is_explained_by_that(tagger: Tagger) -> None:
    label, words = mistakes.strongest(tagger, "La police arrive.", "actor")
    assert label == "actor.agency"
    assert words[0].text == "police"


def test_what_is_no_table_has_no_words_and_says_so(make_deep: object, encoders: list[object]) -> None:
    deep = Tagger(make_deep())  # type: ignore[operator]
    found, why = told(deep)
    assert encoders
    assert "no table" in why
    assert {(one.explained, one.words) for one in found} == {(None, ())}
    assert [one.id for one in found] == ["no agency", "half right", "no terror told"]


def test_a_text_too_long_to_explain_is_told_without_words(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes, "LONGEST", 5)
    found, why = told(tagger)
    assert why == ""
    assert {one.words for one in found} == {()}
