"""tag, tag_many, tag_sentence, predict_proba and predict: what they find holds together, and comes back from JSON."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
from choices import Choices, is_text, read, share
from seeding import texts
from small import TAGGER

from g7classify.documents import Text
from g7classify.errors import TextError
from g7classify.languages import LANGUAGES
from g7classify.results import Document, Sentence, Source
from g7classify.tagger import Tagger

SMOKE, LONGEST = 3000, 200
TAGGERS = [TAGGER, TAGGER.at("precision"), TAGGER.at("recall")]
CODES = (None, None, *(language.code for language in LANGUAGES))
WORDS = ("\ud800".encode("utf-8", "surrogatepass"), "\u2028".encode(), b"\0", "\u0301".encode(), b" p. ex. ")


def seeds() -> list[bytes]:
    return [bytes([0, 1, i % 8]) + text.encode()[: LONGEST - 3] for i, text in enumerate(texts())]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    tagger, language = choices.one_of(TAGGERS), choices.one_of(CODES)
    options = choices.below(8)
    held = [read(part) for part in choices.rest().split(b"\0\0", 2)]
    if not all(map(is_text, held)):
        refused(tagger, held)
    elif options & 4:
        as_sentences(held, tagger, written=share(data) < 32)
    else:
        as_documents(held, tagger, options, language, written=share(data) < 32)


def as_documents(held: list[str], tagger: Tagger, options: int, language: str | None, *, written: bool) -> None:
    """Split and tagged, together and one by one; written and read back too, which takes half the time, or not."""
    given = [Text(text, Source("a", row=1)) for text in held] if options & 1 else held
    asked = {"language": language, "probabilities": bool(options & 2)}
    documents = [*tagger.tag_many(given, batch_size=1 + options, **asked)]
    assert [document.text for document in documents] == held
    for document, one in zip(documents, given, strict=True):
        assert document == tagger.tag(one, **asked)
        sound(document, tagger)
        if written:
            assert Document.from_json(document.to_json()) == document
            assert Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document


def as_sentences(held: list[str], tagger: Tagger, *, written: bool) -> None:
    """Each taken whole; as sentence, as probabilities and as tags."""
    probabilities, tagged = tagger.predict_proba(held), tagger.predict(held)
    for i, text in enumerate(held):
        sentence = tagger.tag_sentence(text, probabilities=True)
        assert (sentence.start, sentence.end, sentence.text) == (0, len(text), text)
        assert sentence.probabilities is not None
        assert np.allclose([*sentence.probabilities.values()], probabilities[i], atol=1e-6)
        assert set(sentence.labels) == {name for name, holds in zip(tagger.labels, tagged[i], strict=True) if holds}
        checked(sentence, tagger)
        if written:
            assert Sentence.from_json(sentence.to_json()) == sentence


def refused(tagger: Tagger, held: list[str]) -> None:
    """Lone surrogates are refused, by everything."""
    bad = next(text for text in held if not is_text(text))
    for ask in (tagger.tag, tagger.tag_sentence, lambda _: [*tagger.tag_many(held)], lambda _: tagger.predict(held)):
        try:
            ask(bad)
        except TextError:
            continue
        raise AssertionError("a lone surrogate was tagged")


def sound(document: Document, tagger: Tagger) -> None:
    """Spans lie in the text, in order, and begin and end visibly."""
    spans = [(sentence.start, sentence.end) for sentence in document.sentences]
    assert all(0 <= start < end <= len(document.text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    for sentence in document.sentences:
        assert document.text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()
        checked(sentence, tagger)


def checked(sentence: Sentence, tagger: Tagger) -> None:
    """Probabilities are such, sorted, and a category's is not below those of its sub-types."""
    found = {tag.label: tag.probability for tag in sentence.tags}
    assert list(found.values()) == sorted(found.values(), reverse=True)
    told = sentence.probabilities or found
    for label, probability in told.items():
        assert 0 <= probability <= 1
        parent = tagger.codebook.parent(label)
        assert parent is None or told[parent] >= probability
    assert set(sentence.in_doubt) <= set(tagger.labels)
