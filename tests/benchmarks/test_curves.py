"""The learning curves on made-up tasks and systems."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import curve_systems, curve_tasks, curves, figures_curves, records
from benchmarks.curve_systems import System
from benchmarks.curve_tasks import Task
from g7classify.codebook import Codebook
from g7classify.errors import DataError
from g7classify.learn import split
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe

WORDS = {"a": "alpha anchor", "b": "bravo border", "c": "cargo cobalt"}
FLAT = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": name} for name in WORDS]})


def dataset(n: int = 120, *, most: int = 1) -> Dataset:
    """Rows in groups of two, each label told by one of two words."""
    random = np.random.default_rng(0)
    rows = []
    for i in range(n):
        labels = sorted(random.choice(sorted(WORDS), size=random.integers(1, most + 1), replace=False).tolist())
        words = [str(random.choice(WORDS[label].split())) for label in labels]
        noise = [f"{kind}{random.integers(10**6)}" for kind in ("we said", "they gave", "it was")]
        rows.append(Row(" ".join([*noise, *words]), tuple(labels), id=str(i), group=f"group {i // 2}"))
    return Dataset.from_rows(rows, codebook=FLAT)


def task(*, single: bool = True, turns: int = 2) -> Task:
    rows = dataset(most=1 if single else 2)
    folds = split.folds(rows, count=4, near_duplicate=0.9, seed=0)
    return Task("made up", "words", rows, tuple((folds != fold, folds == fold) for fold in range(turns)), single=single)


def guessing(seen: list[tuple[Dataset, list[str]]] | None = None) -> System:
    """Knows each label by its words if told to, and nothing if not."""

    def learn(rows: Dataset, texts: Any, knows: bool) -> Any:
        if seen is not None:
            seen.append((rows, list(texts)))
        told = np.array([[any(w in text for w in words.split()) for words in WORDS.values()] for text in texts])
        noise = np.random.default_rng(len(texts)).normal(size=told.shape)
        return np.where(told, 2.0, -2.0) + noise if knows else noise

    return System(("g7classify",), "guesses", {"ignorant": False, "knowing": True}, learn)


@pytest.mark.parametrize("single", [True, False])
def test_the_setting_that_cross_validation_likes_is_chosen(single: bool) -> None:
    found = curves.measure(task(single=single), guessing(), 1.0, Recipe())
    assert set(found.settings) <= {f"knowing, {way}" for way in curves.WAYS[single]}
    judged = curves.figures(task(single=single), {"guess": {1.0: found}}, seed=0)
    assert judged["points"]["guess"][0]["subtype_macro_f1"]["value"] > 0.8
    assert judged["labels"] == 3


def test_one_label_is_given_by_probability_or_by_score() -> None:
    scores, probabilities = np.array([[3.0, 1.0, 2.0]]), np.array([[0.1, 0.2, 0.3]], dtype=np.float32)
    tags = np.array([[True, True, False]])
    given = {
        way: curves.tag(way, scores, probabilities, tags)[0].tolist()
        for way in (curves.LIKELIEST_RAW, curves.LIKELIEST)
    }
    assert given == {curves.LIKELIEST_RAW: [True, False, False], curves.LIKELIEST: [False, False, True]}
    assert curves.tag(curves.THRESHOLDS, scores, probabilities, tags) is tags


def test_nothing_of_a_judged_row_is_learned() -> None:
    seen: list[tuple[Dataset, list[str]]] = []
    curves.measure(task(), guessing(seen), 0.5, Recipe())
    assert seen
    for rows, texts in seen:
        assert not set(rows.texts) & set(texts)


def test_smaller_shares_lie_in_larger_ones_by_whole_groups() -> None:
    given = task()
    masks = [[learned for learned, _ in given.shared(share, seed=3)] for share in (0.1, 0.25, 1.0)]
    for tenth, quarter, whole in zip(*masks, strict=True):
        assert (tenth <= quarter).all()
        assert (quarter <= whole).all()
        assert 0.05 < tenth.sum() / whole.sum() < 0.2
    for learned in (one for of in masks for one in of):
        inside = set(given.dataset.groups[learned])
        outside = set(given.dataset.groups[~learned])
        assert not inside & outside or learned.sum() < len(learned)
    np.testing.assert_array_equal(masks[2][0], given.turns[0][0])


def test_our_lead_is_told_of_every_other_system() -> None:
    results = {curves.OURS: guessing(), "other": System((), "knows nothing", {"ignorant": False}, guessing().learn)}
    measured = {name: {1.0: curves.measure(task(), one, 1.0, Recipe())} for name, one in results.items()}
    points = curves.figures(task(), measured, seed=0)["points"]
    assert "behind" not in points[curves.OURS][0]
    assert points["other"][0]["behind"]["subtype_macro_f1"]["value"] > 0.4


def test_what_peers_learned_is_kept_and_ours_is_learned_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "FOLDER", tmp_path)
    seen: list[tuple[Dataset, list[str]]] = []
    monkeypatch.setattr(curves, "SYSTEMS", {curves.OURS: guessing(seen), "peer": guessing(seen)})
    for name, again in (("peer", False), (curves.OURS, True)):
        first = curves.learned_by(task(), name, 1.0, Recipe())
        fits = len(seen)
        second = curves.learned_by(task(), name, 1.0, Recipe())
        assert (len(seen) > fits) == again
        np.testing.assert_array_equal(first.tags, second.tags)
        assert first.settings == second.settings
    fits = len(seen)
    curves.learned_by(task(), "peer", 0.5, Recipe())  # other rows
    assert len(seen) == fits + 2 * (2 * curves.INNER + 1)


@pytest.mark.parametrize("name", [curve_systems.OURS, curve_systems.TFIDF])
def test_real_systems_learn(name: str) -> None:
    rows = dataset(200)
    system = curve_systems.SYSTEMS[name]
    scores = system.learn(rows, ["alpha we", "border it", "cobalt they"], next(iter(system.settings.values())))
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]
    assert system.versions.keys() == set(system.packages)


def test_frozen_vectors_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fake:
        calls = 0

        def vectors(self, texts: list[str]) -> Any:
            self.calls += 1
            held = [[any(w in text for w in words.split()) for words in WORDS.values()] for text in texts]
            return np.array(held, dtype=np.float32) + 0.1

    fake = Fake()
    rows = dataset(60)
    assert set(curve_systems.READS.values()) == curve_systems.ENCODERS.keys()
    for calls, name in enumerate(curve_systems.ENCODERS, 1):
        monkeypatch.setitem(curve_systems.ENCODERS, name, lambda: fake)
        for _ in range(2):
            curve_systems.read(name, rows.texts, tmp_path)
        assert fake.calls == calls
        for system in (curve_systems.SYSTEMS[one] for one, read in curve_systems.READS.items() if read == name):
            scores = system.learn(rows, rows.texts[:20], next(iter(system.settings.values())))
            np.testing.assert_array_equal(scores.argmax(axis=1), rows.labels[:20].argmax(axis=1))


def packed(path: Path) -> None:
    """An archive within an archive, as vaderSentiment's source package has."""

    def archive(files: dict[str, bytes]) -> bytes:
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w:gz") as tar:
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
        return content.getvalue()

    lines = [f"{i // 4}_{i}\t{(-2.0, 0.5, 3.0)[i % 3]}\tsentence number {i} of review {i // 4}" for i in range(60)]
    inner = archive({"hutto_ICWSM_2014/filmSnippets_GroundTruth.txt": "\n".join(lines).encode(), "x/_README_.txt": b""})
    path.write_bytes(archive({"vaderSentiment-2.5/additional_resources/hutto_ICWSM_2014.tar.gz": inner}))


def test_sentiment_is_read_of_the_source_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vader.tar.gz"
    monkeypatch.setattr(curve_tasks, "VADER_FILE", path)
    with pytest.raises(DataError, match="pip download"):
        curve_tasks.vader(Recipe())
    packed(path)
    found = curve_tasks.vader(Recipe(near_duplicate=1.0))
    assert len(found.dataset) == 60
    assert len(set(found.dataset.groups)) == 15
    assert found.dataset.codebook.names == ("negative", "neutral", "positive")
    assert found.dataset.labels.sum(axis=0).tolist() == [20, 20, 20]
    learned, judged = found.turns[0]
    np.testing.assert_array_equal(learned, ~judged)
    assert not set(found.dataset.groups[learned]) & set(found.dataset.groups[judged])


def test_goals_are_those_that_a_text_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f'{i},"text {i * 7919} about goal {i % 3 + 9}",{i % 3 + 9},{i % 2 == 0}' for i in range(90)]
    monkeypatch.setattr(curve_tasks, "_inside", lambda *_: "id,text,sdg,label\n" + "\n".join(lines))
    found = curve_tasks.sdg(Recipe(near_duplicate=1.0))
    assert len(found.dataset) == 45
    assert found.dataset.codebook.names == ("goal 09", "goal 10", "goal 11")
    assert sum(judged for _, judged in found.turns).tolist() == [1] * 45


def test_what_knows_our_rows_is_left_out_on_our_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "FOLDER", tmp_path)
    monkeypatch.setattr(curves, "read", lambda *_: task())
    seen: list[tuple[Dataset, list[str]]] = []
    monkeypatch.setattr(curves, "SYSTEMS", {"knows": replace(guessing(seen), knows_ours=True)})
    for name, fits in (("g7", 0), ("SDG", 2 * (2 * curves.INNER + 1))):
        command = ["--task", name, "--share", "1.0"]
        assert CliRunner().invoke(curves.main, command, catch_exceptions=False).exit_code == 0
        assert len(seen) == fits


def test_a_part_is_told_and_all_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(curves, "FOLDER", tmp_path)

    class Missing(System):
        @property
        def versions(self) -> dict[str, str]:
            raise PackageNotFoundError("made-up")

    there = guessing()
    systems = {curves.OURS: there, "gone": Missing(("made-up",), "is not there", {"one": True}, there.learn)}
    monkeypatch.setattr(curves, "SYSTEMS", systems)
    monkeypatch.setattr(curves, "read", lambda *_: task())
    told = CliRunner().invoke(curves.main, ["--task", "g7"], catch_exceptions=False)
    assert told.exit_code == 0
    assert "not recorded" in told.output
    assert not (tmp_path / "curves.json").exists()
    assert CliRunner().invoke(curves.main, [], catch_exceptions=False).exit_code == 0
    recorded = json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))["figures"]
    assert list(recorded["tasks"]) == list(curves.TASKS) == list(figures_curves.TASKS)
    assert "made-up" in recorded["unavailable"]["gone"]
    for name in curves.TASKS:
        assert (tmp_path / f"curves-{name.lower()}.svg").is_file()
        head, marks, *lines = figures_curves.curves(name).splitlines()
        assert {line.count("|") for line in (marks, *lines)} == {head.count("|")}
        assert "gone: " in lines[-1]


def test_training_is_told_by_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    points = {
        "500": {"total_seconds": 1.234, "rows_per_second": 405.2, "peak_memory_mb": 181.5},
        "100000": {"total_seconds": 91.5, "rows_per_second": 1093.0, "peak_memory_mb": 2345.6},
    }
    curves_of = {"tag_many": {"points": {}}, "learn.train, 38 labels, rows": {"points": points}}
    (tmp_path / "scaling.json").write_text(json.dumps({"figures": {"curves": curves_of}}))
    assert figures_curves.training().splitlines()[2:] == [
        "| 500 | 1.234 | 405.2 | 181.5 |",
        "| 100,000 | 91.5 | 1,093 | 2,346 |",
    ]


def test_pictures_of_every_task_are_shown() -> None:
    shown = figures_curves.pictures()
    assert [f"results/curves-{name.lower()}.svg" in shown for name in curves.TASKS] == [True] * 3
