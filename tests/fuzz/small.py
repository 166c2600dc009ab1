"""A model of a few labels that is made in a millisecond: whatever a text says, some of them hold.

Its labels are called so that a page or a table would suffer if it took them for markup or for a formula.
"""

from __future__ import annotations

import numpy as np

from g7classify.codebook import Codebook
from g7classify.features import FeatureSpec
from g7classify.model import Model, ModelInfo
from g7classify.tagger import Tagger

NAMES = ("law", "law.<b>", "law.|x|", "=1+1", "=1+1.@SUM", "警察")
CODEBOOK = Codebook.from_dict(
    {
        "name": "<small>",
        "version": "1",
        "labels": [
            {"name": name, "display_en": f"<i>{name}", "parent": {"l": "law", "=": "=1+1"}[name[0]]}
            if name.count(".")
            else {"name": name}
            for name in NAMES
        ],
    }
)


def model() -> Model:
    """The model; the same every time."""
    random = np.random.RandomState(0)
    spec, k = FeatureSpec(bits=10, pairs=True, characters=(3, 4), unspaced=(1, 3)), len(NAMES)
    table = random.randint(-127, 128, (spec.buckets, k + 1)).astype(np.int8)
    table[:, k] = random.randint(1, 128, spec.buckets)
    return Model(
        info=ModelInfo(name="small", version="0.1.0"),
        codebook=CODEBOOK,
        spec=spec,
        table=table,
        scale=np.full(k + 1, 0.1, np.float32),
        bias=random.uniform(-1, 1, k).astype(np.float32),
        slope=np.ones(k, np.float32),
        intercept=np.zeros(k, np.float32),
        thresholds=np.repeat(np.float32([[0.3], [0.5], [0.7]]), k, axis=1),
        pivot=0.5,
        bands=(0.9, 1.0, 1.1),
    )


TAGGER = Tagger(model())
