from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.errors import EncodingError, UnreadableFileError
from training.teacher import pool
from training.teacher.pool import Pool

SENTENCES = [
    f"The committee met on day {i} to discuss item {i * 7} of its long agenda with guest {i * 13}." for i in range(40)
]


def write(path: Path, lines: list[str]) -> Path:
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_reads_each_sentence_once_and_says_where_it_stands(tmp_path: Path) -> None:
    one = write(tmp_path / "a-fr.txt.gz", ["Un.", "", " Deux. ", "Un."])
    two = write(tmp_path / "b-2024-it.txt.gz", ["Deux.", "Tre."])
    assert pool.paths([tmp_path]) == [one, two]
    found = pool.read([one, two])
    assert found.texts == ("Un.", "Deux.", "Tre.")
    assert found.files.tolist() == [0, 0, 1]
    assert found.lines.tolist() == [1, 3, 2]
    assert found.languages.tolist() == ["fr", "fr", "it"]


def test_refuses_what_is_no_gzipped_text(tmp_path: Path) -> None:
    (tmp_path / "plain-fr.txt.gz").write_text("Un.", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="gzipped"):
        pool.read([tmp_path / "plain-fr.txt.gz"])
    (tmp_path / "latin-fr.txt.gz").write_bytes(gzip.compress("café".encode("latin-1")))
    with pytest.raises(EncodingError, match="UTF-8"):
        pool.read([tmp_path / "latin-fr.txt.gz"])


def a_pool(texts: list[str], languages: list[str]) -> Pool:
    n = len(texts)
    return Pool(tuple(texts), np.zeros(n, dtype=np.int16), np.arange(n, dtype=np.int32), np.array(languages, dtype=str))


@given(st.lists(st.tuples(st.text(max_size=5), st.sampled_from(["fr", "en", "ja"])), max_size=30), st.integers(1, 8))
def test_a_draw_is_balanced_and_holds_the_smaller_draws(rows: list[tuple[str, str]], most: int) -> None:
    given_pool = a_pool([text for text, _ in rows], [language for _, language in rows])
    small = pool.balanced(given_pool, per_language=most, seed=1)
    large = pool.balanced(given_pool, per_language=most + 3, seed=1)
    assert set(small) <= set(large)
    for language in ("fr", "en", "ja"):
        there = int((given_pool.languages == language).sum())
        assert int((given_pool.languages[small] == language).sum()) == min(most, there)


def test_another_seed_draws_other_sentences() -> None:
    given_pool = a_pool(SENTENCES, ["en"] * len(SENTENCES))
    one, two = (pool.balanced(given_pool, per_language=10, seed=seed) for seed in (0, 1))
    assert set(one) != set(two)


def test_near_duplicates_of_labelled_rows_are_found() -> None:
    labelled = ["Le ministre de l’Intérieur a présenté hier à Paris un plan de lutte contre le trafic de drogues."]
    texts = [
        labelled[0],
        labelled[0].upper(),
        "Le ministre de l'Intérieur a présenté hier à Paris un plan de lutte contre le trafic de drogues !",
        "Le ministre de l’Intérieur a présenté hier à Paris un plan de lutte contre le trafic des drogues.",
        "Die Bundesregierung verhängt Sanktionen gegen drei Banken.",
        "",
    ]
    assert pool.unlike(texts, labelled, similarity=0.7).tolist() == [False, False, False, False, True, True]
    assert pool.unlike(texts, [], similarity=0.7).all()


def test_near_duplicates_do_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pool.unlike(SENTENCES, SENTENCES[::3], similarity=0.7)
    monkeypatch.setattr(pool, "CHUNK", 7)
    assert (pool.unlike(SENTENCES, SENTENCES[::3], similarity=0.7) == whole).all()
    assert not whole[::3].any()
