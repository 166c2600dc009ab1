"""What both type checkers have to refuse; one that says nothing has come to see Any there, and its comment is unused.

It is checked alone, never run.
"""

from __future__ import annotations

import g7classify
from g7classify import Document, Explanation, Sentence, Tag, Tagger, arrow, frames, learn, registry
from g7classify.learn import Dataset, Recipe, SentenceClassifier, Trained, train


def names(tagger: Tagger, document: Document, sentence: Sentence, tag: Tag, explanation: Explanation) -> None:
    """Misspelt ones."""
    print(g7classify.taag)  # type: ignore[attr-defined]  # pyright: ignore
    print(learn.trane)  # type: ignore[attr-defined]  # pyright: ignore
    print(tagger.predict_probabilities)  # type: ignore[attr-defined]  # pyright: ignore
    print(document.sentence)  # type: ignore[attr-defined]  # pyright: ignore
    print(sentence.label)  # type: ignore[attr-defined]  # pyright: ignore
    print(tag.score)  # type: ignore[attr-defined]  # pyright: ignore
    print(explanation.labels[0].words[0].weight)  # type: ignore[attr-defined]  # pyright: ignore
    print(registry.find().identity)  # type: ignore[attr-defined]  # pyright: ignore
    print(g7classify.CODEBOOK.labels[0].title)  # type: ignore[attr-defined]  # pyright: ignore


def arguments(tagger: Tagger, document: Document) -> None:
    """Of another type, or by place where the name is asked for."""
    tagger.at("strict")  # type: ignore[arg-type]  # pyright: ignore
    g7classify.load(operating_point="best")  # type: ignore[arg-type]  # pyright: ignore
    g7classify.load("g7-mini", "precision")  # type: ignore[call-arg]  # pyright: ignore
    g7classify.load(budget="a tenth")  # type: ignore[arg-type]  # pyright: ignore
    g7classify.tag(b"Il pleut.")  # type: ignore[arg-type]  # pyright: ignore
    tagger.tag_many([1, 2])  # type: ignore[list-item]  # pyright: ignore
    tagger.tag_many(["a"], jobs=2)  # type: ignore[call-arg]  # pyright: ignore
    tagger.predict_proba(3)  # type: ignore[arg-type]  # pyright: ignore
    g7classify.read(3)  # type: ignore[arg-type]  # pyright: ignore
    document.keep(min_probability="0.5")  # type: ignore[arg-type]  # pyright: ignore
    frames.tag(document, "text", layout="wide")  # type: ignore[arg-type]  # pyright: ignore
    arrow.probabilities("g7-mini", None)  # type: ignore[arg-type]  # pyright: ignore


def results(tagger: Tagger, document: Document, sentence: Sentence) -> None:
    """Taken for something else, or changed."""
    start: str = sentence.start  # type: ignore[assignment]  # pyright: ignore
    names: list[str] = document.labels  # type: ignore[assignment]  # pyright: ignore
    first: int = next(tagger.tag_many(["a"])).sentences[0].tags[0].probability  # type: ignore[assignment]  # pyright: ignore
    sentence.start = 3  # type: ignore[misc]  # pyright: ignore
    document.model.name = "mine"  # type: ignore[misc]  # pyright: ignore
    print(document.source.file)  # type: ignore[union-attr]  # pyright: ignore
    tagger.thresholds = tagger.thresholds  # type: ignore[misc]  # pyright: ignore
    print(start, names, first)


def training(dataset: Dataset, recipe: Recipe, trained: Trained) -> None:
    """The names of g7classify.learn are imported when they are asked for; checkers see them all the same."""
    train(dataset)  # type: ignore[call-arg]  # pyright: ignore
    train(recipe, dataset)  # type: ignore[arg-type]  # pyright: ignore
    print(trained.modell)  # type: ignore[attr-defined]  # pyright: ignore
    print(trained.evaluation.f1)  # type: ignore[attr-defined]  # pyright: ignore
    print(recipe.costs)  # type: ignore[attr-defined]  # pyright: ignore
    SentenceClassifier(cost="120")  # type: ignore[arg-type]  # pyright: ignore
    print(SentenceClassifier().fitt)  # type: ignore[attr-defined]  # pyright: ignore
