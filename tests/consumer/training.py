"""What a user writes who trains a model: see program.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

from g7classify import Tagger, load, modelfile
from g7classify.learn import Dataset, Evaluation, Recipe, Row, SentenceClassifier, Suggestion, Trained, suggest, train
from g7classify.model import Model

TEXTS = [
    f"{verb} {thing} {i}." for i in range(12) for verb, thing in (("Il pleut sur", "le port"), ("On vole", "un camion"))
]
KINDS = ["weather", "crime"] * 12


def dataset() -> Dataset:
    """Rows that are in memory."""
    rows = [Row(id=str(i), text=text, labels=(kind,)) for i, (text, kind) in enumerate(zip(TEXTS, KINDS, strict=True))]
    found = assert_type(Dataset.from_rows(rows, codebook=None), Dataset)
    assert_type(Dataset.of({"text": TEXTS, "label": KINDS}, codebook=None), Dataset)
    assert_type(found.labels, NDArray[np.bool_])
    assert_type(found.groups, NDArray[np.str_])
    assert_type(found.select(np.arange(4)), Dataset)
    return found


def trained(rows: Dataset, path: Path) -> Tagger:
    """A model, what cross-validation says of it, and its file."""
    recipe = assert_type(Recipe(name="mine", folds=3, near_duplicate=1.0).changed(epochs=5), Recipe)
    assert_type(recipe.sha256, str)
    result = assert_type(train(rows, recipe, n_jobs=1), Trained)
    assert_type(result.model, Model)
    assert_type(result.evaluation, Evaluation)
    assert_type(result.scores, NDArray[np.float64])
    assert_type(modelfile.write(result.model, path), str)
    return assert_type(load(path), Tagger)


def main() -> None:
    """All of it."""
    rows = dataset()
    tagger = trained(rows, Path("mine.safetensors"))
    assert tagger.tag_sentence("On vole un camion.").labels == ("crime",)
    assert_type(suggest(tagger, TEXTS, 2), list[Suggestion])
    classifier = assert_type(SentenceClassifier(calibrate=False, epochs=5).fit(TEXTS, KINDS), SentenceClassifier)
    assert_type(classifier.predict_proba(TEXTS), NDArray[np.float32])
    assert_type(classifier.predict(TEXTS), NDArray[Any])
    assert_type(classifier.tagger_, Tagger)


if __name__ == "__main__":
    main()
