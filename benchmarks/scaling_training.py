"""Learning from so many rows, with cross-validation and calibration, in a process of its own: seconds and peak memory.

Run by scaling.py as `python -m benchmarks.scaling_training COUNT`; prints JSON. Rows are the seeds, in random order.
More than there are is made up by splicing: the first half of one row's words and the second half of another's of the
same language, labelled as the first. No two rows share more than a half, so none is a near-duplicate; but no new word
comes in, where real rows would bring some.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

import numpy as np

from benchmarks import samples, stages
from benchmarks.turns import Tree, rounded
from g7classify.learn import fit
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe

JOBS = 2


def rows(dataset: Dataset, count: int, *, seed: int) -> Dataset:
    """So many rows: those of the dataset in random order, then spliced ones."""
    random = np.random.default_rng(seed)
    own = dataset.select(random.permutation(len(dataset))[:count])
    if count <= len(dataset):
        return own
    of_language = {str(language): np.flatnonzero(dataset.languages == language) for language in set(dataset.languages)}
    first = random.integers(len(dataset), size=count - len(own))
    second = [int(random.choice(of_language[str(dataset.languages[row])])) for row in first]
    spliced = dataset.select(first)
    return Dataset(
        codebook=dataset.codebook,
        texts=own.texts + tuple(splice(dataset.texts[a], dataset.texts[b]) for a, b in zip(first, second, strict=True)),
        labels=np.concatenate((own.labels, spliced.labels)),
        ids=own.ids + tuple(f"spliced {i}" for i in range(len(spliced))),
        languages=np.concatenate((own.languages, spliced.languages)),
        groups=np.concatenate((own.groups, [f"spliced {i}" for i in range(len(spliced))])),
        samples=np.concatenate((own.samples, spliced.samples)),
        sources=np.concatenate((own.sources, spliced.sources)),
    )


def splice(first: str, second: str) -> str:
    """The first half of one text and the second of another: of their words, or of their characters without spaces."""
    parts: Sequence[list[str]] = [text.split(" ") for text in (first, second)]
    if min(map(len, parts)) < 4:
        return first[: len(first) // 2] + second[len(second) // 2 :]
    return " ".join(parts[0][: len(parts[0]) // 2] + parts[1][len(parts[1]) // 2 :])


def measure(count: int) -> Tree:
    """Train once; the memory is that of the whole process, rows included."""
    dataset = rows(Dataset.read(samples.SEEDS), count, seed=0)
    start = time.perf_counter()
    fit.train(dataset, Recipe(), n_jobs=JOBS)
    took = time.perf_counter() - start
    found = {"total_seconds": took, "rows_per_second": count / took, "peak_memory_mb": stages.peak_bytes() / 1e6}
    return {name: rounded(value) for name, value in found.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))
