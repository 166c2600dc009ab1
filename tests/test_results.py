from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from g7classify.errors import InputTypeError
from g7classify.results import Document, ModelId, Sentence, Tag
from g7classify.tagger import Tagger

TEXT = "La police a saisi des armes.\u2003\r\n警察が動いた。 Le ministre se tait."

MODEL = ModelId(name="m", version="1.0.0", sha256="0" * 64)
AGENCY = Tag(label="actor.agency", category="actor", probability=0.9, threshold=0.4)
ACTOR = Tag(label="actor", category="actor", probability=0.9, threshold=0.5)
THREAT = Tag(label="threat", category="threat", probability=0.6, threshold=0.5)


def sentence(text: str, start: int, *tags: Tag, **more: Any) -> Sentence:
    return Sentence(text=text, start=start, end=start + len(text), tags=tags, **more)


@pytest.fixture
def document() -> Document:
    return Document(
        text="a b. c! d",
        language="en",
        sentences=(
            sentence("a b.", 0, ACTOR, AGENCY, in_doubt=("actor.agency", "role")),
            sentence("c!", 5, THREAT, probabilities={"actor": 0.1, "threat": 0.6}),
            sentence("d", 8),
        ),
        model=MODEL,
    )


def test_json_round_trip(document: Document, tagger: Tagger) -> None:
    for found in (document, tagger.tag(TEXT), tagger.tag(TEXT, probabilities=True), tagger.tag("")):
        assert Document.model_validate_json(found.to_json()) == found
        assert Document.model_validate(found.to_dict()) == found
        assert "\n" not in found.to_json()


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_document_survives_json(text: str, tagger: Tagger) -> None:
    found = tagger.tag(text)
    assert Document.model_validate_json(found.to_json()) == found


def test_a_dict_is_plain(document: Document) -> None:
    first = document.to_dict()["sentences"][0]
    assert first["tags"][1] == {"label": "actor.agency", "category": "actor", "probability": 0.9, "threshold": 0.4}
    assert first["in_doubt"] == ["actor.agency", "role"]
    assert document.to_dict()["model"] == {"name": "m", "version": "1.0.0", "sha256": "0" * 64}


@pytest.mark.parametrize(
    "value", [AGENCY, MODEL, sentence("a", 0), Document(text="", language="fr", sentences=(), model=MODEL)]
)
def test_results_are_frozen_and_closed(value: BaseModel) -> None:
    name = next(iter(type(value).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, name, getattr(value, name))
    with pytest.raises(ValidationError, match="extra"):
        type(value).model_validate(value.model_dump() | {"more": 1})


@pytest.mark.parametrize("spans", [[(0, 1, "b")], [(0, 3, "a b")], [(2, 3, "b"), (0, 1, "a")], [(0, 2, "a ")] * 2])
def test_sentences_that_do_not_lie_in_the_text_in_order(spans: list[tuple[int, int, str]]) -> None:
    sentences = [{"text": text, "start": start, "end": end, "tags": []} for start, end, text in spans]
    with pytest.raises(ValidationError, match="does not lie in the text"):
        Document.model_validate(
            {"text": "a b"[: spans[-1][1] - 1] or "x", "language": "fr", "sentences": sentences, "model": MODEL}
        )


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan"), float("inf")])
def test_probabilities_are_probabilities(probability: float) -> None:
    with pytest.raises(ValidationError):
        Tag(label="a", category="a", probability=probability, threshold=0.5)


def test_labels(document: Document) -> None:
    assert document.labels == ("actor", "actor.agency", "threat")
    assert document.sentences[0].labels == ("actor", "actor.agency")


def test_rows(document: Document) -> None:
    rows = document.rows()
    assert rows[0] == {
        "start": 0,
        "end": 4,
        "text": "a b.",
        "labels": ["actor", "actor.agency"],
        "probabilities": [0.9, 0.9],
        "in_doubt": ["actor.agency", "role"],
    }
    assert rows[1]["p:actor"] == 0.1
    assert rows[2]["labels"] == []


def test_tag_rows(document: Document) -> None:
    rows = document.tag_rows()
    assert [(row["sentence"], row["label"], row["in_doubt"]) for row in rows] == [
        (0, "actor", False),
        (0, "actor.agency", True),
        (1, "threat", False),
    ]
    assert rows[2] == {
        "sentence": 1,
        "start": 5,
        "end": 7,
        "text": "c!",
        "label": "threat",
        "category": "threat",
        "probability": 0.6,
        "threshold": 0.5,
        "in_doubt": False,
    }


def test_keep_labels(document: Document) -> None:
    kept = document.keep({"actor.agency", "threat"})
    assert [s.labels for s in kept.sentences] == [("actor.agency",), ("threat",)]
    assert kept.sentences[0].in_doubt == ("actor.agency",)
    assert kept.sentences[1].probabilities == {"threat": 0.6}
    assert Document.model_validate(kept.to_dict()) == kept


def test_keep_probable_tags(document: Document) -> None:
    kept = document.keep(min_probability=0.7)
    assert [s.labels for s in kept.sentences] == [("actor", "actor.agency"), (), ()]
    assert [s.labels for s in document.keep({"threat"}, min_probability=0.7).sentences] == []
    assert document.keep() == document


def test_keep_takes_several_labels(document: Document) -> None:
    with pytest.raises(InputTypeError, match="several"):
        document.keep("threat")
