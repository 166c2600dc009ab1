from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import records
from benchmarks.splitting import Attempts, boundaries, compose, golden_score, main, ours, recovery, wrap
from g7classify.languages import LANGUAGES

SENTENCES = ["Le Conseil se réunit.", "Il vote la loi.", "Elle est publiée."]


def test_boundaries_ignore_white_space_and_empty_sentences() -> None:
    assert boundaries(["a b. ", "", "\nc."]) == boundaries(["a b.", "c."]) == {3, 5}


def test_recovery_of_a_perfect_a_lazy_and_an_eager_splitter() -> None:
    paragraphs = [(SENTENCES, compose(SENTENCES, "fr"))]
    assert recovery(Attempts(ours("fr")), paragraphs) == (1.0, 1.0, 1.0, 2)
    assert recovery(Attempts(lambda text: [text]), paragraphs) == (0.0, 0.0, 0.0, 2)
    precision, recall, f1, _ = recovery(Attempts(str.split), paragraphs)
    assert 0 < precision < f1 < recall == 1


def test_a_splitter_that_raises_is_counted_and_gets_no_point() -> None:
    def broken(text: str) -> list[str]:
        raise ValueError(text)

    attempt = Attempts(broken)
    score = golden_score(attempt, "fr")
    assert attempt.errors == score[False][1] + score[True][1]
    assert score[False][0] < score[False][1] / 2


def test_wrapping_keeps_what_is_visible() -> None:
    text = compose(SENTENCES * 9, "fr")
    assert max(map(len, wrap(text, "fr").splitlines())) <= 76
    assert wrap(text, "fr").split() == text.split()
    assert wrap("国" * 80, "ja").replace("\n", "") == "国" * 80


def test_a_folder_without_rows_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path / "results")
    with pytest.raises(SystemExit, match="--corpus"):
        main(["--corpus", str(tmp_path)])
    assert not (tmp_path / "results").exists()


def test_the_recorded_figures_cover_every_language() -> None:
    rows = json.loads((records.FOLDER / "splitting.json").read_text(encoding="utf-8"))["figures"]["rows"]
    ours_rows = [row for row in rows if row["splitter"] == "g7classify"]
    assert [row["language"] for row in ours_rows] == [language.code for language in LANGUAGES]
    assert all(row["boundaries"] > 0 and row["errors"] == 0 for row in ours_rows)
