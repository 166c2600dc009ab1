"""What a model file of any kind tells, as plain values that JSON holds: for files that are kept for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from g7classify import cascade, container, modelfile, vectorfile
from g7classify.cascade import Cascade
from g7classify.codebook import Codebook
from g7classify.decision import OPERATING_POINTS
from g7classify.deep import file as deep_file
from g7classify.tagger import Tagger

TEXTS = (
    "La police arrête trois passeurs à la frontière.",
    "Ministers agree on sanctions; sanctions, sanctions and border controls follow.",
    "警察がテロ組織を摘発した。",
    "Der Bericht erscheint im Mai 2024.",
    "",
)


class Standing:
    """Stands in for a deep model: whole numbers, so that every sum of them is exact."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The length of a text says all."""
        rows = [[(len(text) + column) % 5 - 2 for column in range(len(self.codebook))] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), len(self.codebook))


def told(path: Path, *, table: Path) -> dict[str, Any]:
    """What a file tells; `table` is the file of the table that a cascade is read with."""
    return _READERS[container.kind_of(path)](path, table)


def _table(path: Path, _: Path) -> dict[str, Any]:
    model, sha256 = modelfile.load(path)
    tags = {point: _tags(Tagger(model, operating_point=point)) for point in OPERATING_POINTS}
    return {
        "sha256": sha256,
        "info": asdict(model.info),
        "codebook": model.codebook.to_dict(),
        "spec": model.spec.to_dict(),
        "pivot": model.pivot,
        "bands": list(model.bands),
        "arrays": _arrays({name: getattr(model, name) for name in ("table", *modelfile.VECTORS)}),
        "scores": _exact(model.scores(TEXTS)),
        "tags": tags,
    }


def _deep(path: Path, _: Path) -> dict[str, Any]:
    model, sha256 = deep_file.load(path)
    arrays = {**model.adapters.tensors(), **{name: getattr(model, name) for name in deep_file.VECTORS}}
    found = {
        "sha256": sha256,
        "info": asdict(model.info),
        "codebook": model.codebook.to_dict(),
        "base": asdict(model.base),
        "longest": model.longest,
        "bands": list(model.bands),
        "arrays": _arrays(arrays),
    }
    if model.grams is not None:
        found |= {
            "spec": model.grams.spec.to_dict(),
            "pivot": model.grams.pivot,
            "grams": _arrays({"table": model.grams.table, "scale": model.grams.scale}),
            "scores": _exact(model.grams.scores(TEXTS)),
        }
    return found


def _cascade(path: Path, table: Path) -> dict[str, Any]:
    fusion, sha256 = cascade.load(path)
    made = Cascade(modelfile.read(table), Standing(fusion.codebook), fusion, 0.5)  # type: ignore[arg-type]
    reading = made.read(TEXTS)
    return {
        "sha256": sha256,
        "info": asdict(fusion.info),
        "codebook": fusion.codebook.to_dict(),
        "table_sha256": fusion.table_sha256,
        "deep_sha256": fusion.deep_sha256,
        "weight": fusion.weight,
        "arrays": _arrays({name: getattr(fusion, name) for name in cascade.TENSORS}),
        "cutoff": fusion.cutoff(0.5),
        "escalated": reading.escalated.tolist(),
        "left": reading.left.tolist(),
    }


def _vectors(path: Path, _: Path) -> dict[str, Any]:
    vectors, sha256 = vectorfile.load(path)
    return {
        "sha256": sha256,
        "info": asdict(vectors.info),
        "spec": vectors.spec.to_dict(),
        "norm_step": vectors.norm_step,
        "arrays": _arrays({"rows": vectors.rows, "idf": vectors.idf}),
    }


def _tags(tagger: Tagger) -> list[list[str]]:
    return [list(tagger.tag_sentence(text).labels) for text in TEXTS]


def _exact(scores: NDArray[np.float32]) -> list[list[str]]:
    return [[float(score).hex() for score in row] for row in scores]


def _arrays(arrays: dict[str, NDArray[Any]]) -> dict[str, list[Any]]:
    """Of each its dtype, shape and the sha256 of its bytes."""
    return {
        name: [array.dtype.str, list(array.shape), hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()]
        for name, array in arrays.items()
    }


_READERS = {
    container.TABLE: _table,
    container.DEEP: _deep,
    container.CASCADE: _cascade,
    container.VECTORS: _vectors,
}
