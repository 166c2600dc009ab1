from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import samples
from benchmarks.samples import CORPUS, LONG_LINE, PARAGRAPH, Sample
from g7classify.sentences import split


@pytest.fixture(scope="module")
def found() -> dict[str, Sample]:
    return samples.read(1_000)


def test_every_kind_of_text_is_what_it_says(found: dict[str, Sample]) -> None:
    assert len(found[CORPUS].sentences) == 1_000
    assert all(text.isascii() for text in found["ASCII only"].sentences)
    assert all(samples.is_japanese(text) for text in found["Japanese"].sentences)
    assert all(len(text) >= LONG_LINE for text in found["long lines"].sentences)
    assert all(len(sample.sentences) >= 5 for sample in found.values())


def test_a_long_line_is_one_sentence(found: dict[str, Sample]) -> None:
    for line in found["long lines"].documents[:3]:
        assert split(line, language="fr") == [(0, len(line))]


def test_documents_hold_the_text_of_the_sentences(found: dict[str, Sample]) -> None:
    for kind, sample in found.items():
        assert sorted("".join(sample.documents).replace(" ", "")) == sorted("".join(sample.sentences).replace(" ", ""))
        if kind != "long lines":
            assert len(sample.documents) == -(-len(sample.sentences) // PARAGRAPH)


def test_the_same_texts_are_chosen_again(found: dict[str, Sample]) -> None:
    assert samples.read(1_000) == found


def test_real_rows_need_a_text_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "real.jsonl"
    path.write_text("".join(json.dumps({"text": f"Phrase {i}."}) + "\n" for i in range(20)), encoding="utf-8")
    real = samples.read(10, [path])["real sentences"]
    assert real.sentences == [f"Phrase {i}." for i in range(10)]
    assert len(real.documents) == 2
