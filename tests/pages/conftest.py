"""Documents made by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.results import Document, ModelId, Sentence, Source, Tag

Said = tuple[str, dict[str, float], tuple[str, ...]]
Make = Callable[..., Document]


def hand_made_document(
    *said: Said,
    language: str = "fr",
    source: Source | None = None,
    codebook: Codebook = CODEBOOK,
    model: str = "nowhere",
) -> Document:
    """A document of sentences, each with the probabilities of its labels, and those in doubt; thresholds are .5."""
    sentences, text = [], ""
    for words, probabilities, in_doubt in said:
        tags = tuple(Tag(label, codebook.parent(label) or label, p, 0.5) for label, p in probabilities.items())
        sentences.append(Sentence(words, len(text), len(text) + len(words), tags, in_doubt))
        text += f"{words}\n"
    return Document(text, language, tuple(sentences), ModelId(model, "0.1.0", ""), source)


@pytest.fixture(scope="session")
def make_document() -> Make:
    return hand_made_document
