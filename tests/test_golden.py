"""Everything shipped predicts what it predicted when it was shipped: to the last bit, whatever surrounds a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load

from g7classify import _fallback, arrow, decision, kernel, registry
from g7classify.container import TABLE
from g7classify.deep.model import check_installed
from g7classify.errors import MissingExtraError
from g7classify.model import Model
from g7classify.tagger import Tagger
from training import golden

TABLES = [str(entry.id) for entry in registry.models() if entry.kind == TABLE]
SENTENCES = golden.lines("sentences")


def expected(name: str) -> NDArray[np.float32]:
    content = (golden.FOLDER / f"{name.replace('@', '-')}.safetensors").read_bytes()
    return load(content)["probabilities"]


def test_everything_shipped_has_a_golden_file() -> None:
    names = {name for name, _, _ in golden.shipped()}
    missing = {name for name in names if not (golden.FOLDER / f"{name}.safetensors").exists()}
    assert not missing, "python -P training/golden.py --write"
    stems = {entry.file.removesuffix(".safetensors") for entry in registry.models()}
    assert stems <= names
    assert len(TABLES) >= 3


def test_golden_sentences_are_of_every_language_and_of_every_difficulty() -> None:
    assert len(SENTENCES) == len(set(SENTENCES)) == 60
    assert {"", "🙂"} <= set(SENTENCES)
    assert sum("\u3040" <= character <= "\u30ff" for text in SENTENCES for character in text) > 100


def test_predictions_are_the_golden_ones() -> None:
    found = list(golden.compare(with_deep=False))
    assert {one.name: one.different for one in found if one.different} == {}
    assert sum(one.values for one in found) > 3 * 2 * 60 * 38


def test_a_deep_model_and_the_cascade_predict_it_too() -> None:
    try:
        check_installed()
    except MissingExtraError as error:
        pytest.skip(str(error))
    found = {one.name: one for one in golden.compare(with_deep=True)}
    close = [one for name, one in found.items() if "deep" in name or "fused" in name]
    assert len(close) == 2
    assert all(one.different == 0 and one.values == 60 * 38 for one in close), close


@pytest.mark.parametrize("name", TABLES)
def test_the_readable_kernel_predicts_the_same_bits(name: str) -> None:
    model = Tagger.load(name).model
    assert isinstance(model, Model)
    spec = model.spec
    table = _fallback.Table(
        model.table,
        model.scale,
        model.bias,
        pivot=model.pivot,
        pairs=spec.pairs,
        characters=spec.characters,
        unspaced=spec.unspaced,
        repeats=spec.repeats,
    )
    scores = table.scores(SENTENCES)
    _fallback.calibrate(scores, model.slope, model.intercept, model.codebook.parents)
    assert scores.tobytes() == expected(name).tobytes()


@pytest.mark.parametrize("name", TABLES)
def test_a_sentence_does_not_depend_on_its_neighbours(name: str) -> None:
    tagger, golden_rows = Tagger.load(name), expected(name)
    random = np.random.default_rng(0)
    for order in (np.arange(60)[::-1], random.permutation(60), random.integers(0, 60, 300), np.arange(0)):
        texts = [SENTENCES[i] for i in order]
        assert tagger.predict_proba(texts).tobytes() == golden_rows[order].tobytes()
        column = pa.chunked_array([texts[:7], texts[7:]], pa.large_string())
        assert arrow.probabilities(tagger, column).tobytes() == golden_rows[order].tobytes()
    alone = np.concatenate([tagger.predict_proba([sentence]) for sentence in SENTENCES])
    assert alone.tobytes() == golden_rows.tobytes()


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_a_document_does_not_depend_on_its_neighbours(n_jobs: int) -> None:
    tagger, texts = Tagger.load(), golden.lines("texts") * 5
    alone = [tagger.tag(text, probabilities=True) for text in texts[:6]] * 5
    assert list(tagger.tag_many(texts, batch_size=4, n_jobs=n_jobs, probabilities=True)) == alone


def settings() -> dict[str, dict[str, str]]:
    simd = " ".join(golden.here()["simd"])
    plain = {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {
        "no SIMD": plain | ({"NPY_DISABLE_CPU_FEATURES": simd} if simd else {}),
        "readable": {"G7CLASSIFY_KERNEL": "no", "OPENBLAS_NUM_THREADS": "4", "PYTHONOPTIMIZE": "2"},
        "locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "4711"},
    }


@pytest.mark.parametrize("name", ["no SIMD", "readable", "locale"])
def test_a_fresh_process_predicts_the_same_under_any_settings(name: str) -> None:
    environment = os.environ | settings()[name]
    command = [sys.executable, "-P", golden.__file__, "--tables"]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["kernel"] == ("numpy" if name == "readable" else kernel.NAME)
    assert len(found["compared"]) == len(TABLES) + 3
    assert name != "no SIMD" or not found["simd"]


def test_a_changed_prediction_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in golden.FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    assert golden.write() == []  # what is there is never written again
    in_doubt = decision.in_doubt

    def changed(probabilities: NDArray[np.float32], thresholds: NDArray[np.float32], band: float) -> NDArray[np.bool_]:
        return in_doubt(probabilities, thresholds, band + 0.1)

    monkeypatch.setattr(decision, "in_doubt", changed)
    different = {one.name: one.different for one in golden.compare(with_deep=False)}
    assert all(different[name.replace("@", "-")] for name in TABLES)
    assert different["documents"]


def test_golden_tags_are_those_of_the_golden_predictions() -> None:
    for entry in registry.models():
        stem = f"{entry.name}-{entry.version}"
        tags = json.loads((golden.FOLDER.parent / "golden_tags" / f"{stem}.json").read_text(encoding="utf-8"))
        rows, labels = expected(stem), Tagger.load(str(entry.id)).labels
        for sentence, told in tags.items():
            row = rows[SENTENCES.index(sentence)]
            assert {label: row[labels.index(label)] for label in told} == pytest.approx(told, abs=1e-4), stem
