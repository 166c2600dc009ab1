from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import extraction
from benchmarks.extraction import f1, files, hostile, installed, paragraphs, sentences, size_mb, survived
from benchmarks.extractors import CANDIDATES, Candidate

OURS = {kind: candidates[0] for kind, candidates in CANDIDATES.items()}


@pytest.mark.parametrize("kind", CANDIDATES)
def test_ours_gets_nearly_all_of_what_is_made(kind: str) -> None:
    made = list(files(kind, 60))
    assert {language for language, _, _ in made} == {"fr", "de", "en", "ja"}
    # Heads of files as short as these stay.
    assert f1(OURS[kind], made) > (0.95 if kind == "PDF" else 0.999)


def test_f1_of_what_loses_adds_and_fails() -> None:
    texts = ["Un chat dort. Un chien court.", "Il pleut. Il neige."]
    made = [("fr", b"", texts)]

    def of(text: str) -> float:
        return f1(Candidate("x", "", "x", lambda _: text), made)

    def fails(_: bytes) -> str:
        raise ValueError

    assert of("Un chat  dort.\nUn chien court.\n\nIl pleut. Il neige.") == 1
    assert of("Un chat dort. Il pleut.") == pytest.approx(2 / 3)
    assert of("\n\n".join([*texts, *["De trop."] * 4])) == pytest.approx(2 / 3)
    assert f1(Candidate("x", "", "x", fails), made) == 0


def test_paragraphs_are_of_the_corpus_and_end_with_sentences() -> None:
    found = paragraphs("fr", 40)
    assert len(found) == 10
    assert all(text.endswith(".") for text in found)
    assert len(sentences(found[0], "fr")) >= 3


def test_the_size_is_of_what_g7classify_does_not_need_itself() -> None:
    assert {"numpy", "pydantic", "pydantic-core"} <= installed("g7classify")
    assert installed("no-such-package") == set()
    assert size_mb("numpy") == 0
    assert 3 < size_mb("pypdfium2") < 60


def test_hostile_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(len(page) == pytest.approx(extraction.HOSTILE_BYTES, rel=0.2) for page in hostile().values())
    monkeypatch.setattr(extraction, "hostile", lambda: {"mild": b"<p>the end", "none": b"<p>nothing"})
    assert survived(OURS["HTML"], tmp_path) == 1
