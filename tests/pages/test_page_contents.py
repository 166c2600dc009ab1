from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import DataError
from g7classify.pages import contents as contents_module
from g7classify.pages.contents import DOUBTFUL, MISSED, SURE, Contents
from g7classify.results import Document, ModelId, Source
from g7classify.tagger import Tagger


def gathered(*documents: Document, tagger: Tagger | None = None, **options: Any) -> Contents:
    return Contents([("name", document) for document in documents], tagger=tagger, interface="en", **options)


def labels_of(contents: Contents, row: list[Any]) -> list[tuple[str, int, int]]:
    return [(contents.labels[tag[0]]["name"], *tag[1:3]) for tag in row[1]] if len(row) > 1 else []


def test_sentences_and_their_tags(make_document: Any) -> None:
    found = gathered(
        make_document(
            ("One.", {"actor.state": 0.9, "actor": 0.9}, ("threat",)),
            ("Two.", {"threat": 0.51}, ("threat",)),
            ("Three.", {}, ()),
        )
    )
    assert [row[0] for row in found.sentences] == ["One.", "Two.", "Three."]
    assert labels_of(found, found.sentences[0]) == [("actor.state", 900_000, SURE), ("threat", -1, MISSED)]
    assert labels_of(found, found.sentences[1]) == [("threat", 510_000, DOUBTFUL)]
    assert labels_of(found, found.sentences[2]) == []
    assert (found.tagged, found.tags, found.in_doubt) == (2, 2, 2)
    counts = {label["name"]: count for label, count in zip(found.labels, found.counts, strict=True)}
    assert counts["actor"] == counts["actor.state"] == counts["threat"] == 1


def test_words_add_up_to_the_logit(tagger: Tagger) -> None:
    text = "Hier la police et le ministre parlaient de terrorisme."
    found = gathered(tagger.tag(text), tagger=tagger)
    (row,) = found.sentences
    explained = {label.label: label for label in tagger.explain(text).labels}
    assert len(row[1]) >= 3
    for label, _, _, raised, logit, *words in row[1]:
        one = explained[found.labels[label]["name"]]
        bias = found.models[0]["biases"][label]
        assert raised == -1
        rest = logit - bias - sum(words[2::3])
        others = sum(word.contribution for word in one.words) - sum(words[2::3]) / 100
        assert rest / 100 == pytest.approx(others, abs=0.02)
        assert logit == round(100 * one.logit)


def test_a_category_tells_which_sub_type_lent_it_its_probability(tagger: Tagger) -> None:
    thresholds = np.full(len(CODEBOOK), 1.0)  # police speaks for the sub-type only, and it is not tagged
    thresholds[CODEBOOK.index("actor")] = 0.5
    gentle = np.full(len(CODEBOOK), 0.2, dtype=np.float32)
    rows = np.tile(thresholds.astype(np.float32), (3, 1))
    raising = Tagger(replace(tagger.model, thresholds=rows, slope=gentle))  # type: ignore[type-var]
    found = gathered(raising.tag("La police."), tagger=raising)
    ((label, *_),) = labels_of(found, found.sentences[0])
    assert label == "actor"
    assert found.labels[found.sentences[0][1][0][3]]["name"] == "actor.agency"


def test_thresholds_are_those_of_the_operating_point(tagger: Tagger) -> None:
    precise = tagger.at("precision")
    found = gathered(precise.tag("La police."), tagger=precise)
    assert set(found.models[0]["thresholds"].values()) == {800}
    assert {found.labels[label]["name"] for label in found.models[0]["thresholds"]} >= {"actor.agency"}


def test_files_pages_rows_and_languages(make_document: Any) -> None:
    said = ("One.", {}, ()), ("Two.", {}, ())
    found = gathered(
        make_document(*said, source=Source("a.pdf", pages=(0, 5))),
        make_document(said[0], source=Source("b.jsonl", row=7), language="de"),
        make_document(said[0], source=Source("b.jsonl", row=9), language="fr"),
    )
    assert found.files == [("a.pdf", "page"), ("b.jsonl", "row")]
    assert found.languages == ["fr", "de"]
    assert [row[2:] for row in found.sentences] == [[0, 1], [0, 2], [1, 7, 1], [1, 9]]


def test_without_a_source_a_document_has_the_name_that_is_given(make_document: Any) -> None:
    assert gathered(make_document(("One.", {}, ()))).files == [("name", "")]


def test_labels_stand_in_the_order_of_the_codebook_in_their_groups(tagger: Tagger) -> None:
    found = gathered(tagger.tag("Le terrorisme, le ministre et la police."), tagger=tagger)
    assert [group["name"] for group in found.groups] == ["Actors", "Threats"]
    assert [found.labels[i]["name"] for i in found.groups[0]["labels"]] == ["actor.official", "actor.agency"]
    assert found.labels[found.groups[1]["head"]]["name"] == "threat"
    assert all(found.labels[i]["group"] == 1 for i in found.groups[1]["labels"])


def test_labels_without_categories_are_one_group(make_document: Any) -> None:
    flat = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": "b"}, {"name": "a"}]})
    found = gathered(make_document(("One.", {"b": 0.9}, ("a",)), codebook=flat))
    assert found.groups == [{"name": "Labels", "head": -1, "labels": [0, 1]}]
    assert [label["name"] for label in found.labels] == ["a", "b"]


def test_a_model_that_is_not_at_hand_tells_no_words(make_document: Any) -> None:
    found = gathered(make_document(("One.", {"actor": 0.9}, ())))
    assert found.models[0]["silent"] == "absent"
    assert found.sentences == [["One.", [[0, 900_000, SURE]]]]


def test_of_a_cascade_the_table_tells_words_and_the_deep_model_says_why_not(
    tagger: Tagger, make_deep: Any, encoders: list[object]
) -> None:
    deep = Tagger(make_deep())
    whole = tagger.tag("La police. Le ministre.")
    one, two = whole.sentences
    decided = replace(one, decided_by=tagger.id), replace(two, decided_by=deep.id, left=True)
    mixed = replace(whole, model=ModelId("cascade", "0.1.0", ""), sentences=decided)
    found = gathered(mixed, tagger=tagger)
    assert [model["silent"] for model in found.models] == ["", "absent"]
    assert len(found.sentences[0][1][0]) > 3
    assert len(found.sentences[1][1][0]) == 3
    assert found.sentences[1][-2:] == [1, 1]
    assert encoders == []


def test_hostile_texts_lose_what_steers(make_document: Any) -> None:
    found = gathered(make_document(("a\u202eb\x00c\nd", {}, ()), source=Source("x\u202ey\x00")))
    assert found.sentences[0][0] == "ab c d"
    assert found.files[0][0] == "xy"


def test_progress_is_told(tagger: Tagger) -> None:
    calls: list[tuple[int, int]] = []
    gathered(tagger.tag("Un. Deux."), tagger=tagger, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 2), (2, 2)]


def test_more_sentences_than_a_browser_shows(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents_module, "MOST_SENTENCES", 1)
    with pytest.raises(DataError, match="2 sentences: a page holds 1 at most"):
        gathered(tagger.tag("Un. Deux."), tagger=tagger)


def test_nothing_at_all() -> None:
    found = gathered()
    assert (found.sentences, found.labels, found.groups, found.tags) == ([], [], [], 0)


def test_the_model_is_named_by_who_decided(make_document: Any) -> None:
    found = gathered(make_document(("One.", {}, ())), make_document(("Two.", {}, ()), model="other"))
    assert [model["name"] for model in found.models] == ["nowhere@0.1.0", "other@0.1.0"]


def test_files_are_named_by_no_more_than_tells_them_apart(make_document: Any) -> None:
    paths = ["/home/me/press/a.txt", "/home/me/press/old/b.txt"]
    documents = [("", replace(make_document(("One.", {}, ())), source=Source(path))) for path in paths]
    unread = [
        ("/home/me/c.pdf", "cannot read /home/me/c.pdf: Permission denied"),
        ("/home/me/press/d.docx", "reading DOCX needs lxml"),
        ("/home/me/press/e.jsonl", "/home/me/press/e.jsonl:2: not JSON\u202e\n"),
    ]
    found = Contents(documents, tagger=None, interface="en", unread=unread)
    assert [name for name, _ in found.files] == ["press/a.txt", "press/old/b.txt"]
    assert found.unread == [
        "cannot read c.pdf: Permission denied",
        "press/d.docx: reading DOCX needs lxml",
        "press/e.jsonl:2: not JSON",
    ]
