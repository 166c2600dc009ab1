"""The deep tier as a whole: a model file, a tiny base in the carrier's format, a graph in a cache of its own."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import carrier
import numpy as np
import pytest

import g7classify
from g7classify.calibration import calibrate
from g7classify.codebook import CODEBOOK
from g7classify.deep import base, file
from g7classify.deep import model as deep_model
from g7classify.deep.base import Weights
from g7classify.deep.model import BaseId, DeepModel
from g7classify.errors import InputTypeError, ModelFileError, TextError

pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")

TEXTS = ["The police came. No one knew why.", "", "Il fait beau", "rien " * 50]


@pytest.fixture
def path(
    tiny: Weights, tiny_path: Path, make_deep: Callable[..., DeepModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The file of a model on the tiny base."""
    monkeypatch.setattr(base, "path", lambda: tiny_path)
    monkeypatch.setattr(deep_model, "check_installed", lambda: None)
    head = np.random.default_rng(0).normal(0, 0.5, (len(CODEBOOK), tiny.shape.width)).astype(np.float32)
    trained = carrier.adapters(tiny.shape, rank=3, seed=1)
    on_tiny = BaseId(base.PACKAGE, base.VERSION, tiny.sha256)
    file.write(
        replace(make_deep(), base=on_tiny, adapters=trained, head=head, longest=tiny.shape.positions),
        tmp_path / "m.safetensors",
    )
    return tmp_path / "m.safetensors"


def test_probabilities_are_of_the_encoder_s_vectors(path: Path, tiny: Weights) -> None:
    from g7classify.deep.encoder import Encoder

    model = file.read(path)
    vectors = Encoder(tiny, model.adapters, longest=model.longest, threads=1).vectors(TEXTS)
    found = g7classify.load(path).predict_proba(TEXTS)
    expected = CODEBOOK.raised(calibrate(vectors @ model.head.T + model.bias, model.slope, model.intercept))
    assert found == pytest.approx(expected, abs=1e-5)
    assert len({row.tobytes() for row in found}) == len(TEXTS)


def test_a_file_whose_parts_do_not_fit_the_base_that_it_names_is_refused(path: Path, tiny: Weights) -> None:
    model = file.read(path)
    other = carrier.adapters(replace(tiny.shape, layers=tiny.shape.layers + 1), rank=3, seed=1)
    for forged in (replace(model, adapters=other), replace(model, longest=512)):
        file.write(forged, path)
        with pytest.raises(ModelFileError, match=r"hand-made-deep \S+ does not fit its base"):
            g7classify.load(path).tag("Europol.")


def test_every_way_to_tag_gives_the_same(path: Path) -> None:
    tagger = g7classify.load(path)
    documents = [tagger.tag(text) for text in TEXTS]
    assert [len(document.sentences) for document in documents] == [2, 0, 1, 1]
    for again in (g7classify.load(path), pickle.loads(pickle.dumps(tagger)), tagger.at("recall").at("balanced")):
        for n_jobs, batch_size in ((1, 256), (2, 1)):
            found = list(again.tag_many(TEXTS, n_jobs=n_jobs, batch_size=batch_size))
            # A sentence's neighbours may change its last digits.
            for mine, other in zip(found, documents, strict=True):
                assert [s.labels for s in mine.sentences] == [s.labels for s in other.sentences]
                for one, two in zip(mine.sentences, other.sentences, strict=True):
                    assert [t.probability for t in one.tags] == pytest.approx(
                        [t.probability for t in two.tags], abs=1e-4
                    )


def test_threads_may_share_a_tagger(path: Path) -> None:
    tagger = g7classify.load(path)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(tagger.predict_proba, [TEXTS] * 8))
    assert all(rows == pytest.approx(found[0], abs=1e-5) for rows in found)


def test_what_a_table_refuses_is_refused(path: Path) -> None:
    tagger = g7classify.load(path)
    with pytest.raises(TextError, match="surrogate"):
        tagger.predict_proba(["a", "\ud800"])
    with pytest.raises(InputTypeError):
        tagger.predict_proba(["a", b"b"])  # type: ignore[list-item]
    assert tagger.predict_proba([]).shape == (0, len(CODEBOOK))


def test_another_base_than_the_model_was_trained_on(path: Path, tiny_path: Path) -> None:
    on_another = replace(file.read(path), base=BaseId(base.PACKAGE, base.VERSION, "0" * 64))
    with pytest.raises(ModelFileError, match=f"{tiny_path}: .* expected {'0' * 64}"):
        on_another.probabilities(["a"])
