"""The scaling benchmark, part by part, on tiny sizes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import records, samples, scaling, scaling_training
from benchmarks import scaling_parts as parts
from benchmarks.samples import CORPUS, Sample
from benchmarks.scaling_streams import arrow, measure, typed
from g7classify.learn import split
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe
from g7classify.model import Model
from g7classify.tagger import Tagger


@pytest.fixture(scope="module")
def sample() -> Sample:
    return samples.read(200)[CORPUS]


@given(st.floats(-1, 3), st.floats(1e-3, 1e3))
def test_the_exponent_is_the_slope_of_the_logarithms(exponent: float, factor: float) -> None:
    points = {str(n): {"total_seconds": factor * n**exponent} for n in (10, 100, 1_000)}
    assert parts.curve("rows", points, cost="total_seconds")["exponent"] == pytest.approx(exponent, abs=1e-3)


def test_streams_read_as_many_sentences_as_they_say(tagger: Tagger, model: Model, sample: Sample) -> None:
    assert 500 <= arrow(model, sample)(500) < 700
    found = typed(tagger, sample)(400)
    assert found == 2 * typed(tagger, sample)(200)
    assert 300 < found <= 500


def test_memory_is_told_at_every_decade(model: Model, sample: Sample) -> None:
    points = measure(arrow(model, sample), 10_000)
    assert list(points) == ["1000", "10000"]
    assert points["1000"]["peak_memory_mb"] <= points["10000"]["peak_memory_mb"]
    assert all(point["sentences_per_second"] > 0 for point in points.values())


def test_lengths_cut_the_same_text(tagger: Tagger, sample: Sample) -> None:
    found = parts.length(tagger, sample, lengths=(10, 1_000, 10**9), turns=1)
    assert list(found["points"]) == ["10", "1000"]
    assert found["points"]["10"]["text_us"]["median"] > 0


def test_random_models_have_the_labels_asked_for(sample: Sample) -> None:
    model = parts.random_model(25, 10)
    assert model.codebook.categories == ("label 0", "label 10", "label 20")
    scores = model.scores(sample.sentences)
    assert scores.shape == (200, 25)
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) > 200
    found = parts.labels(sample, counts=(5, 25), bits=10, turns=1)
    assert {at: point["table_bytes"] for at, point in found["points"].items()} == {"5": 6 * 1024, "25": 26 * 1024}


def test_training_rows_are_the_seeds_and_then_spliced_ones() -> None:
    dataset = Dataset.read(samples.SEEDS)
    few, many = (scaling_training.rows(dataset, count, seed=0) for count in (300, len(dataset) + 3_000))
    assert len(few) == 300
    assert set(few.texts) <= set(dataset.texts)
    assert len(many) == len(many.ids) == len(many.groups) == len(dataset) + 3_000
    assert sorted(many.texts[: len(dataset)]) == sorted(dataset.texts)
    spliced = many.select(np.arange(len(dataset), len(many)))
    families = split.families(spliced, near_duplicate=Recipe().near_duplicate)
    assert families.max() + 1 > 0.98 * len(spliced)  # two rows may be of the same halves
    assert spliced.labels.any(axis=1).mean() == pytest.approx(dataset.labels.any(axis=1).mean(), abs=0.03)


def test_halves_are_of_words_or_of_characters() -> None:
    assert scaling_training.splice("a b c d", "e f g h") == "a b g h"
    assert scaling_training.splice("警察は動", "政府は語る") == "警察は語る"


def test_training_is_timed_and_its_memory_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling_training, "Recipe", lambda: Recipe.model_validate({"spec": {"bits": 10}, "epochs": 1}))
    found = scaling_training.measure(400)
    assert found["rows_per_second"] == pytest.approx(400 / found["total_seconds"], rel=0.01)
    assert found["peak_memory_mb"] > 50


def test_a_part_alone_is_printed_and_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(scaling, "CORPUS_SENTENCES", 200)
    command = ["--part", "sentences", "--part", "length", "--model", "g7-seeds", "--most", "10000"]
    result = CliRunner().invoke(scaling.main, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "tag_many, sentences in a stream: exponent" in result.output
    assert "predict_proba, length: exponent" in result.output
    assert "not recorded" in result.output
    assert list(tmp_path.iterdir()) == []


def test_all_parts_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = {"1": {"total_seconds": 1.0}, "10": {"total_seconds": 20.0}}
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(
        scaling, "measure", lambda part, *_: {part: parts.curve("things", points, cost="total_seconds")}
    )
    assert CliRunner().invoke(scaling.main, [], catch_exceptions=False).exit_code == 0
    curves = json.loads((tmp_path / "scaling.json").read_text(encoding="utf-8"))["figures"]["curves"]
    assert list(curves) == list(scaling.PARTS)
    assert curves["length"]["exponent"] == pytest.approx(1.301)
