"""Twins that agree are found to, and each planted difference is counted where it was planted."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("g7classify._kernel", reason="the compiled kernel is not built")

from benchmarks import agreement, records
from g7classify import _fallback, _sentences, arrow

TEXTS = [
    "La police arrête trois passeurs. Le ministre s'en félicite.",
    "首脳会議は「覚醒剤の密輸を非難する。」と述べた。警察も。",
    "La police arrête trois passeurs.\n\nDie Regierung beschloss am 3. Oktober ein Gesetz.",
]


def test_twins_agree_on_distinct_sentences() -> None:
    counts = agreement.run(TEXTS, 100)
    assert (counts.texts, counts.sentences, counts.different) == (3, 5, 0)
    assert counts.keys > 0
    assert counts.scores % (5 * 38) == 0
    assert counts.largest_difference_ulp == 0
    assert sum(counts.languages.values()) == 5


def test_no_more_sentences_than_are_asked_for() -> None:
    assert agreement.run(TEXTS, 2).sentences == 2


def one_key_more(function: Callable[..., Any]) -> Callable[..., Any]:
    def changed(texts: Sequence[str], **options: Any) -> Any:
        keys, offsets = function(texts, **options)
        return keys ^ (np.arange(len(keys)) == 7).astype(np.uint64), offsets

    return changed


def last_bit(function: Callable[..., Any]) -> Callable[..., Any]:
    def changed(*arguments: Any) -> Any:
        scores = function(*arguments)
        scores[1, 3] = np.nextafter(scores[1, 3], np.float32(9), dtype=np.float32)
        return scores

    return changed


def one_character_less(function: Callable[..., Any]) -> Callable[..., Any]:
    def changed(texts: Sequence[str], place: int) -> Any:
        places, first, spans, in_bytes = function(texts, place)
        spans[0, 1] -= 1
        return places, first, spans, in_bytes

    return changed


@pytest.mark.parametrize(
    ("home", "name", "plant", "counted"),
    [
        (_fallback, "keys", one_key_more, "keys_different"),
        (_fallback.Table, "scores", last_bit, "scores_different"),
        (_sentences, "split_texts", one_character_less, "split_differently"),
        (arrow, "probabilities", last_bit, "arrow_different"),
    ],
)
def test_a_planted_difference_is_counted(
    monkeypatch: pytest.MonkeyPatch, home: Any, name: str, plant: Callable[..., Any], counted: str
) -> None:
    monkeypatch.setattr(home, name, plant(getattr(home, name)))
    counts = agreement.run(TEXTS, 100)
    assert getattr(counts, counted) > 0
    assert counts.largest_difference_ulp == (counted == "scores_different")
    others = {"split_differently", "keys_different", "scores_different", "arrow_different"} - {counted}
    assert not any(getattr(counts, other) for other in others)


def test_distances_count_floats_across_zero() -> None:
    one = np.array([1, -0.0, -1e-45, np.float32(1)], np.float32)
    other = np.array([1, 0.0, 1e-45, np.nextafter(np.float32(1), np.float32(0))], np.float32)
    assert agreement.ulps(one, other).tolist() == [0, 0, 2, 1]


def test_documents_of_a_folder_are_read_and_the_damaged_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.txt.gz").write_bytes(gzip.compress(b"Oui.\nNon.\n"))
    (tmp_path / "b.html").write_text("<p>Ja.</p><p>Nein.</p>")
    (tmp_path / "c.txt.gz").write_bytes(b"no gzip")
    (tmp_path / "d.csv").write_text("left")
    assert list(agreement.documents(tmp_path)) == ["Ja.\n\nNein.", "Oui.\nNon.\n"]
    assert "left out" in capsys.readouterr().err


def test_blocks_are_whole_lines_and_lose_nothing() -> None:
    text = "".join(f"{'x' * (i % 97)}\n" for i in range(3000)) + "last"
    found = list(agreement.blocks(text))
    assert "".join(found) == text
    assert len(found) > 1
    assert all(len(block) >= agreement.BLOCK and block.endswith("\n") for block in found[:-1])


def test_only_what_is_to_be_recorded_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    arguments = ["--data", str(rows), "--sentences", "3"]
    short = CliRunner().invoke(agreement.main, arguments)
    assert (short.exit_code, (tmp_path / "agreement.json").exists()) == (0, False)
    assert short.output.startswith("agreement: 3 distinct sentences")
    assert CliRunner().invoke(agreement.main, [*arguments, "--record"]).exit_code == 0
    figures = records.read("agreement")
    assert (figures["sentences"], figures["scores_different"]) == (3, 0)
    monkeypatch.setattr(_fallback.Table, "scores", last_bit(_fallback.Table.scores))
    assert CliRunner().invoke(agreement.main, arguments).exit_code == 1
