"""What a user writes who tags texts; every public type is asserted, so that one that becomes Any is found.

It is checked by mypy and pyright, both strict, against the installed wheel, and then run: `make consumer`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import polars as pl
import pyarrow as pa
import spacy
from numpy.typing import NDArray

import g7classify
from g7classify import (
    CODEBOOK,
    Codebook,
    Document,
    Explanation,
    ModelId,
    Sentence,
    Source,
    Tag,
    Tagger,
    Text,
    arrow,
    frames,
    registry,
)

TEXT = "La police enquête sur un attentat. Il pleut."


def tagging(tagger: Tagger) -> Document:
    """A document, its sentences and their tags."""
    document = assert_type(tagger.tag(TEXT, language="fr", probabilities=True), Document)
    assert_type(g7classify.tag(TEXT), Document)
    assert_type(document.labels, tuple[str, ...])
    assert_type(document.source, Source | None)
    assert_type(document.model, ModelId)
    sentence = assert_type(document.sentences[0], Sentence)
    assert_type(sentence.text, str)
    assert_type((sentence.start, sentence.end, sentence.left), tuple[int, int, bool])
    assert_type(sentence.in_doubt, tuple[str, ...])
    assert_type(sentence.probabilities, dict[str, float] | None)
    assert_type(sentence.decided_by, ModelId | None)
    assert_type(document.page(sentence), int | None)
    assert_type(tagger.tag_sentence("Il pleut."), Sentence)
    for tag in sentence.tags:
        assert_type(tag, Tag)
        assert_type((tag.label, tag.category, tag.probability, tag.threshold), tuple[str, str, float, float])
    assert_type(document.keep(["threat.terrorism"], min_probability=0.5), Document)
    assert_type(Document.from_json(document.to_json()), Document)
    assert_type(document.to_html(tagger=tagger, interface="fr"), str)
    return document


def scoring(tagger: Tagger) -> None:
    """Probabilities, tags and thresholds as arrays; operating points; explanations."""
    assert_type(tagger.predict_proba([TEXT]), NDArray[np.float32])
    assert_type(tagger.predict([TEXT]), NDArray[np.bool_])
    assert_type(tagger.thresholds, NDArray[np.float32])
    assert_type(tagger.at("precision"), Tagger)
    point: g7classify.OperatingPoint = tagger.operating_point
    assert point == "balanced"
    explanation = assert_type(tagger.explain(TEXT, labels=["threat.terrorism"]), Explanation)
    label = assert_type(explanation.labels[0], g7classify.LabelExplanation)
    assert_type(label.raised_by, str | None)
    assert_type([word.contribution for word in label.words], list[float])


def streaming(tagger: Tagger) -> int:
    """Documents come one by one, from any iterable of texts."""
    texts = (f"{TEXT} {i}" for i in range(9))
    stream = assert_type(tagger.tag_many(texts, batch_size=4, n_jobs=2), Iterator[Document])
    found = 0
    for document in stream:
        assert_type(document, Document)
        found += sum(1 for sentence in document.sentences if "threat.terrorism" in sentence.labels)
    return found


def tabular(tagger: Tagger, document: Document) -> None:
    """Frames of the library that was asked for, and Arrow columns."""
    frame = pl.DataFrame(assert_type(document.rows(), list[dict[str, Any]]))
    assert frame["text"].to_list() == [sentence.text for sentence in document.sentences]
    whole: pl.DataFrame = document.to_frame(backend="polars")  # Any: whose it is, the caller says
    assert whole.height == len(document.sentences)
    assert_type([row["label"] for row in document.tag_rows()][:1] == ["threat.terrorism"], bool)
    assert_type(frames.tag(frame, "text", tagger=tagger, layout="tags"), pl.DataFrame)
    assert_type(frames.tag_sentences(frame, "text", tagger=tagger), pl.DataFrame)
    column = pa.array([TEXT, None], pa.string())
    assert_type(arrow.probabilities(tagger, column), NDArray[np.float32])
    assert len(arrow.tag(tagger, column)) == 2
    assert_type(arrow.tag_sentences(tagger, column), pa.Table)


def reading(path: Path, tagger: Tagger) -> None:
    """A file, whose name goes with its document."""
    path.write_text(TEXT, encoding="utf-8")
    text = assert_type(g7classify.read(path), Text)
    document = tagger.tag(text)
    assert document.source is not None
    assert_type(document.source.file, str)
    assert_type(document.source.row, int | None)


def models() -> None:
    """What is installed, and what it means."""
    names = assert_type([entry.name for entry in registry.models()], list[str])
    assert "g7-mini" in names
    assert_type(registry.path(registry.find("g7-mini")), Path)
    assert_type([verdict.name for verdict in registry.verify(["g7-mini"])], list[str])
    book = assert_type(CODEBOOK, Codebook)
    assert_type(book.parent("threat.terrorism"), str | None)
    assert_type(book.indicator([["threat.terrorism"]]), NDArray[np.bool_])
    assert_type([label.name for label in book.labels], list[str])


def refusals() -> None:
    """Every error of the library is a G7ClassifyError."""
    try:
        g7classify.load("no-such-model")
    except g7classify.UnknownModelError as error:
        assert_type(str(error), str)
        wide: g7classify.G7ClassifyError = error
        assert "no-such-model" in str(wide)
    # A cascade takes the deep model, which is not installed here.
    try:
        assert_type(g7classify.load("g7-base", escalate="g7-deep", budget=0.1), Tagger)
    except g7classify.MissingExtraError as error:
        print(error)


def pipeline() -> None:
    """A component of spaCy."""
    from g7classify.spacy import SentenceTagger

    component = assert_type(SentenceTagger(g7classify.load(), language="fr"), SentenceTagger)
    assert_type(component.tagger, Tagger)
    assert component(spacy.blank("fr")(TEXT)).spans["g7"]


def main() -> None:
    """All of it."""
    tagger = assert_type(g7classify.load(operating_point="balanced"), Tagger)
    document = tagging(tagger)
    scoring(tagger)
    assert streaming(tagger) == 9
    tabular(tagger, document)
    reading(Path("text.txt"), tagger)
    models()
    refusals()
    pipeline()


if __name__ == "__main__":
    main()
