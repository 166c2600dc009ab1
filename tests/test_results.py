from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import g7classify
from g7classify.documents import Text
from g7classify.errors import DataError, InputTypeError, OptionError, TextError
from g7classify.results import Document, ModelId, Sentence, Source, Tag
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
        assert Document.from_json(found.to_json()) == found
        assert Document.from_dict(found.to_dict()) == found
        assert "\n" not in found.to_json()


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_document_survives_json(text: str, tagger: Tagger) -> None:
    found = tagger.tag(text)
    assert Document.from_json(found.to_json()) == found


class TestWhoDecided:
    """Sentences of one document may be decided by another model, or left to the document's for want of budget."""

    DEEP = ModelId(name="d", version="2.0.0", sha256="1" * 64)

    @pytest.fixture
    def mixed(self, document: Document) -> Document:
        first, second, third = document.sentences
        sentences = (first, replace(second, decided_by=self.DEEP), replace(third, left=True))
        return replace(document, sentences=sentences)

    def test_is_the_document_s_model_unless_told(self, tagger: Tagger) -> None:
        for found in (tagger.tag(TEXT).sentences[0], tagger.tag_sentence(TEXT), sentence("a", 0)):
            assert (found.decided_by, found.left) == (None, False)

    def test_survives_json_and_copies(self, mixed: Document) -> None:
        assert Document.from_json(mixed.to_json()) == mixed
        assert pickle.loads(pickle.dumps(mixed)) == mixed
        assert mixed.to_dict()["sentences"][1]["decided_by"] == self.DEEP.to_dict()
        assert [(s["decided_by"] is None, s["left"]) for s in mixed.to_dict()["sentences"]] == [
            (True, False),
            (False, False),
            (True, True),
        ]

    def test_json_of_before_there_was_such_a_thing_is_read(self, document: Document) -> None:
        values = document.to_dict()
        for found in values["sentences"]:
            del found["decided_by"], found["left"]
        assert Document.from_dict(values) == document

    def test_stands_in_every_row(self, mixed: Document) -> None:
        assert [(row["decided_by"], row["left"]) for row in mixed.rows()] == [
            ("m@1.0.0", False),
            ("d@2.0.0", False),
            ("m@1.0.0", True),
        ]

    def test_is_kept(self, mixed: Document) -> None:
        assert mixed.keep({"threat"}).sentences[0].decided_by == self.DEEP
        assert mixed.keep(min_probability=0.99).sentences[2].left

    def test_is_checked(self, mixed: Document) -> None:
        values = mixed.to_dict()
        values["sentences"][1]["decided_by"]["sha256"] = "x"
        with pytest.raises(DataError, match="64 hexadecimal digits"):
            Document.from_dict(values)

    def test_of_a_sentence_whose_tags_are_still_to_be_made(self) -> None:
        class Make:
            labels = ("threat",)

            def __call__(self) -> tuple[Tag, ...]:
                return (THREAT,)

        found = Sentence.unread("a", 0, 1, (), None, Make(), self.DEEP, left=True)
        assert (found.decided_by, found.left) == (self.DEEP, True)
        assert found == sentence("a", 0, THREAT, decided_by=self.DEEP, left=True)


def test_a_dict_is_plain(document: Document) -> None:
    first = document.to_dict()["sentences"][0]
    assert first["tags"][1] == {"label": "actor.agency", "category": "actor", "probability": 0.9, "threshold": 0.4}
    assert first["in_doubt"] == ["actor.agency", "role"]
    assert document.to_dict()["model"] == {"name": "m", "version": "1.0.0", "sha256": "0" * 64}


@pytest.mark.parametrize(
    "value", [AGENCY, MODEL, sentence("a", 0), Document(text="", language="fr", sentences=(), model=MODEL)]
)
def test_results_are_frozen_and_closed(value: Tag | ModelId | Sentence | Document) -> None:
    name = value.__match_args__[0]
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, getattr(value, name))
    with pytest.raises(AttributeError, match="more"):
        _ = value.more  # type: ignore[union-attr]
    with pytest.raises(DataError, match="more"):
        type(value).from_dict(value.to_dict() | {"more": 1})


@pytest.mark.parametrize("spans", [[(0, 1, "b")], [(0, 3, "a b")], [(2, 3, "b"), (0, 1, "a")], [(0, 2, "a ")] * 2])
def test_sentences_that_do_not_lie_in_the_text_in_order(spans: list[tuple[int, int, str]]) -> None:
    sentences = [{"text": text, "start": start, "end": end, "tags": []} for start, end, text in spans]
    text, model = "a b"[: spans[-1][1] - 1] or "x", MODEL.to_dict()
    with pytest.raises(DataError, match="does not lie in the text"):
        Document.from_dict({"text": text, "language": "fr", "sentences": sentences, "model": model})


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan"), float("inf")])
def test_probabilities_are_probabilities(probability: float) -> None:
    with pytest.raises(DataError, match="probability of 'a': expected 0 to 1"):
        Tag.from_dict({"label": "a", "category": "a", "probability": probability, "threshold": 0.5})
    with pytest.raises(DataError, match="expected 0 to 1"):
        Sentence.from_dict(sentence("a", 0, AGENCY).to_dict() | {"probabilities": {"actor": probability}})


@pytest.mark.parametrize("content", ["", "{", "null", "[]", '{"text": "a"}', b"\xff", "[" * 100_000])
def test_what_is_no_document(content: str | bytes) -> None:
    with pytest.raises(DataError, match="no Document"):
        Document.from_json(content)


def test_messages_are_of_a_length_that_people_read() -> None:
    long = "a" * 100_000
    for kind, values in (
        (Tag, AGENCY.to_dict() | {"label": long, "probability": 2}),
        (ModelId, {"name": long, "version": long, "sha256": long}),
    ):
        with pytest.raises(DataError) as caught:
            kind.from_dict(values)
        assert len(str(caught.value)) < 500


def test_lone_surrogates_are_no_text(document: Document) -> None:
    """A dict may hold them, and then what was read could not be written again."""
    for values in ({"language": "\ud800"}, {"model": MODEL.to_dict() | {"version": "\udcff", "sha256": "x"}}):
        with pytest.raises(DataError, match=r"^no Document: it holds the lone surrogate U\+D[8C][0F][0F], no text$"):
            Document.from_dict(document.to_dict() | values)


def test_no_key_is_a_lone_surrogate_either(document: Document) -> None:
    """pydantic writes such a key as three U+FFFD, without a word."""
    values = document.sentences[0].to_dict()
    assert Sentence.from_dict(values | {"probabilities": {"\ufffd": 0.5}}).probabilities == {"\ufffd": 0.5}
    with pytest.raises(DataError, match=r"lone surrogate U\+D800"):
        Sentence.from_dict(values | {"probabilities": {"\ud800": 0.5}})


def test_a_model_id_holds_a_digest_or_none() -> None:
    assert ModelId.from_dict({"name": "m", "version": "1", "sha256": ""}).sha256 == ""
    with pytest.raises(DataError, match="64 hexadecimal digits"):
        ModelId.from_dict(MODEL.to_dict() | {"sha256": "A" * 64})


class TestUnread:
    """A document that makes its sentences when they are looked at is like one that was given them."""

    @pytest.fixture
    def calls(self) -> list[int]:
        return []

    @pytest.fixture
    def unread(self, document: Document, calls: list[int]) -> Document:
        def make() -> tuple[Sentence, ...]:
            calls.append(1)
            return document.sentences

        return Document.unread(document.text, document.language, document.model, make)

    def test_makes_them_once(self, unread: Document, document: Document, calls: list[int]) -> None:
        assert (unread.text, unread.language, unread.model) == (document.text, document.language, document.model)
        assert calls == []
        assert unread.sentences is unread.sentences
        assert calls == [1]
        assert unread == document

    @pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d)), replace])
    def test_is_copied_whole(self, unread: Document, document: Document, again: Callable[[Document], Document]) -> None:
        assert again(unread) == document
        assert repr(unread) == repr(document)

    def test_pydantic_takes_it_as_it_is(self, unread: Document, document: Document) -> None:
        class Answer(BaseModel):
            documents: list[Document]

        answer = Answer(documents=[unread]).model_dump_json()
        assert Answer.model_validate_json(answer).documents == [document]

    def test_threads_may_look_at_once(self, document: Document) -> None:
        for _ in range(50):
            unread = Document.unread(document.text, document.language, document.model, lambda: document.sentences)
            with ThreadPoolExecutor(4) as pool:
                assert list(pool.map(lambda d: d.sentences, [unread] * 8)) == [document.sentences] * 8

    def test_an_error_while_making_them_comes_again(self) -> None:
        def fail() -> tuple[Sentence, ...]:
            raise MemoryError

        unread = Document.unread("", "fr", MODEL, fail)
        for _ in range(2):
            with pytest.raises(MemoryError):
                _ = unread.sentences


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
        "decided_by": "m@1.0.0",
        "left": False,
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
    assert Document.from_dict(kept.to_dict()) == kept


def test_keep_probable_tags(document: Document) -> None:
    kept = document.keep(min_probability=0.7)
    assert [s.labels for s in kept.sentences] == [("actor", "actor.agency"), (), ()]
    assert [s.labels for s in document.keep({"threat"}, min_probability=0.7).sentences] == []
    assert document.keep() == document


@pytest.mark.parametrize("probability", [float("nan"), -0.1, 1.1])
def test_keep_refuses_what_is_no_probability(document: Document, probability: float) -> None:
    with pytest.raises(OptionError, match="min_probability: expected 0 to 1"):
        document.keep(min_probability=probability)


def test_keep_takes_several_labels(document: Document) -> None:
    with pytest.raises(InputTypeError, match="several"):
        document.keep("threat")


class TestSource:
    """Where a text comes from goes from what is tagged to the document, and from there to JSON."""

    SOURCE = Source("rapport.pdf", pages=(0, 5, 5, 8))

    @pytest.fixture
    def paged(self, document: Document) -> Document:
        return replace(document, source=self.SOURCE)

    def test_survives_json_copies_and_choosing(self, paged: Document) -> None:
        assert Document.from_json(paged.to_json()) == pickle.loads(pickle.dumps(paged)) == paged
        assert paged.keep({"threat"}).source == self.SOURCE
        assert Document.from_dict(replace(paged, source=Source("a.csv", row=7)).to_dict()).source == Source("a.csv", 7)

    def test_a_document_without_one_is_as_it_was(self, document: Document) -> None:
        assert set(document.to_dict()) == {"text", "language", "sentences", "model"}
        assert [document.page(found) for found in document.sentences] == [None] * 3

    def test_the_page_of_a_sentence_is_where_it_begins(self, document: Document, paged: Document) -> None:
        assert [paged.page(found) for found in paged.sentences] == [1, 3, 4]  # page 2 is empty
        without = replace(document, source=Source("a.txt"))
        assert [without.page(found) for found in without.sentences] == [None] * 3

    def test_comes_with_the_text(self, tagger: Tagger) -> None:
        text = Text(TEXT, self.SOURCE)
        plain = tagger.tag(TEXT)
        assert plain.source is None
        assert tagger.tag(text) == replace(plain, source=self.SOURCE)
        assert [found.source for found in tagger.tag_many([TEXT, text, TEXT], n_jobs=2)] == [None, self.SOURCE, None]
        assert g7classify.tag(text).source == self.SOURCE
        with pytest.raises(TextError, match=r"texts\[1\]: lone surrogate"):
            list(tagger.tag_many(["a", Text("\ud800", self.SOURCE)]))

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"file": "a", "row": 0}, "row 0 of 'a'"),
            ({"file": "a", "pages": [3, 2]}, "pages of 'a'"),
            ({"file": "a", "pages": [-1]}, "pages of 'a'"),
            ({"file": "a", "pages": [0, 10]}, "page 2 begins at 10"),
            ({"file": 1}, "source.file"),
            ({"file": "a", "more": 1}, "source.more"),
        ],
    )
    def test_is_checked(self, document: Document, values: dict[str, Any], message: str) -> None:
        with pytest.raises(DataError, match=message):
            Document.from_dict(document.to_dict() | {"source": values})
