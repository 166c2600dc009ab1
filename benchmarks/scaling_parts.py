"""How cost grows with the length of a text and with the number of labels.

A curve holds, by the thing that grows, what was measured there, and the exponent of the cost: the slope of a straight
line through the logarithms, 1 where twice as much costs twice as much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from benchmarks.samples import Sample, size_bytes
from benchmarks.speed_paths import BATCH, array
from benchmarks.turns import Tree, seconds, spread
from g7classify.codebook import Codebook, Label
from g7classify.decision import OPERATING_POINTS
from g7classify.features import FeatureSpec
from g7classify.model import Model, ModelInfo
from g7classify.tagger import Tagger

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
LABELS = (38, 100, 300, 1_000)
FAMILY = 10  # labels, of which one is the category of the others


def curve(grows_with: str, points: Tree, *, cost: str) -> Tree:
    """A curve whose exponent is that of one of the figures."""
    costs = [point[cost]["median"] if isinstance(point[cost], dict) else point[cost] for point in points.values()]
    slope = float(np.polyfit(np.log([int(at) for at in points]), np.log(costs), 1)[0])
    return {"grows_with": grows_with, "exponent": round(slope, 3), "points": points}


def length(tagger: Tagger, sample: Sample, *, lengths: Sequence[int], turns: int) -> Tree:
    """Texts of a length in characters, cut from the corpus without regard to words, all of it at each length."""
    whole = " ".join(sample.documents)
    cut = {n: [whole[at : at + n] for at in range(0, len(whole) - n + 1, n)] for n in lengths if n <= len(whole)}
    took = in_turns({n: partial(array, tagger, texts, BATCH) for n, texts in cut.items()}, turns)
    points: Tree = {}
    for n, values in took.items():
        size = size_bytes(cut[n])
        points[str(n)] = {
            "text_us": spread([value / len(cut[n]) * 1e6 for value in values]),
            "nanoseconds_per_byte": spread([value / size * 1e9 for value in values]),
            "megabytes_per_second": spread([size / value / 1e6 for value in values]),
        }
    return curve("characters of a text", points, cost="text_us")


def labels(sample: Sample, *, counts: Sequence[int], bits: int, turns: int) -> Tree:
    """Models of so many labels with random rows in every bucket: more rows in use than training leaves."""
    models = {count: random_model(count, bits) for count in counts}
    calls = {n: partial(array, Tagger(model), sample.sentences, BATCH) for n, model in models.items()}
    points = {
        str(n): {
            "sentence_us": spread([value / len(sample.sentences) * 1e6 for value in values]),
            "sentences_per_second": spread([len(sample.sentences) / value for value in values]),
            "table_bytes": models[n].table.nbytes,
        }
        for n, values in in_turns(calls, turns).items()
    }
    return curve("labels", points, cost="sentence_us")


def random_model(count: int, bits: int) -> Model:
    """A model of so many labels, one in FAMILY of them a category, that knows nothing."""
    random = np.random.default_rng(0)
    spec = FeatureSpec(bits=bits)
    table = random.integers(-127, 128, size=(spec.buckets, count + 1), dtype=np.int8)
    table[:, count] = random.integers(1, 128, size=spec.buckets)
    ones = np.ones(count, dtype=np.float32)
    return Model(
        info=ModelInfo(name="random", version="0.1.0"),
        codebook=Codebook("random", "1", tuple(label(i) for i in range(count))),
        spec=spec,
        table=table,
        scale=np.full(count + 1, 0.01, dtype=np.float32),
        bias=-ones,
        pivot=1.0,
        slope=ones,
        intercept=0 * ones,
        thresholds=np.full((len(OPERATING_POINTS), count), 0.5, dtype=np.float32),
        bands=(0.1, 0.1, 0.1),
    )


def label(i: int) -> Label:
    """The i-th label."""
    parent = f"label {i - i % FAMILY}" if i % FAMILY else None
    return Label(f"label {i}", "A label that stands for nothing.", f"Label {i}", f"Étiquette {i}", parent)


def in_turns(calls: Mapping[int, Callable[[], object]], turns: int) -> dict[int, list[float]]:
    """Seconds of each call in each turn, after one that warms up."""
    found: dict[int, list[float]] = {key: [] for key in calls}
    for turn in range(turns + 1):
        for key, call in calls.items():
            took = seconds(call)
            if turn:
                found[key].append(took)
    return found
