"""The texts that speed is measured on, each kind as single sentences and as documents of several."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.records import ROOT
from g7classify import inputs
from g7classify.characters import STOPS
from g7classify.learn.dataset import Dataset

SEEDS = ROOT / "seeds" / "labelled"
CORPUS = "written corpus"
PARAGRAPH = 8  # sentences of a document
LONG_LINE = 5_000  # characters
# Without a stop the splitter, too, takes the line as one sentence.
WITHOUT_STOPS = str.maketrans(dict.fromkeys(STOPS, ","))


@dataclass(frozen=True, slots=True)
class Sample:
    """Texts of one kind.

    Attributes:
        sentences: each taken whole.
        documents: the same text, to be split.
    """

    sentences: list[str]
    documents: list[str]

    @property
    def size_bytes(self) -> int:
        """UTF-8 of the sentences."""
        return size_bytes(self.sentences)


def size_bytes(texts: Sequence[str]) -> int:
    """UTF-8 of texts."""
    return sum(len(text.encode()) for text in texts)


def read(most: int, data: Sequence[Path] = ()) -> dict[str, Sample]:
    """Samples by kind, each of at most so many sentences of the written corpus or of the `text` of JSONL rows."""
    corpus = Dataset.read(SEEDS)
    chosen = random.Random(0).sample(range(len(corpus)), min(most, len(corpus)))
    texts = [corpus.texts[i] for i in chosen]
    # A document is of one language, as the splitter guesses it.
    by_language = [corpus.texts[i] for i in sorted(chosen, key=lambda i: str(corpus.languages[i]))]
    lines = long_lines([text for text in by_language if not is_japanese(text)])
    japanese = [text for text in texts if is_japanese(text)]
    ascii_only = [text for text in texts if text.isascii()]
    samples = {
        CORPUS: Sample(texts, documents(by_language)),
        "long lines": Sample(lines, lines),
        "Japanese": Sample(japanese, documents(japanese, joint="")),
        "ASCII only": Sample(ascii_only, documents(ascii_only)),
    }
    if data:
        rows = inputs.texts(data, input_format="jsonl", text_field="text", advance=lambda _: None)
        real = [row.text for row in rows][:most]
        samples["real sentences"] = Sample(real, documents(real))
    return samples


def is_japanese(text: str) -> bool:
    """Whether a text holds kana."""
    return any("\u3040" <= character <= "\u30ff" for character in text)


def documents(sentences: Sequence[str], *, joint: str = " ") -> list[str]:
    """Consecutive sentences, joined."""
    return [joint.join(sentences[at : at + PARAGRAPH]) for at in range(0, len(sentences), PARAGRAPH)]


def long_lines(sentences: Sequence[str]) -> list[str]:
    """Consecutive sentences as lines of at least LONG_LINE characters without a stop; a shorter rest is left out."""
    lines: list[str] = []
    line: list[str] = []
    for sentence in sentences:
        line.append(sentence.translate(WITHOUT_STOPS))
        if sum(map(len, line)) >= LONG_LINE:
            lines.append(" ".join(line))
            line = []
    return lines
