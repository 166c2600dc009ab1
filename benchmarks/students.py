"""What the light model gains from what: `make students DATA=... SOFT=... TEXTS=...`.

One choice of a recipe at a time is changed. Every variant learns from the labelled rows of all folds but one, and from
what the teacher of that fold has read; figures are of the fold's rows that were drawn at random, at the best threshold
of each label, so that they tell what the scores know. The teacher and what it read are described in training/README.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_array, vstack

from benchmarks import records
from g7classify.features import FeatureSpec
from g7classify.learn import fit, linear, split
from g7classify.learn.dataset import Dataset
from g7classify.learn.fit import Read
from g7classify.learn.recipe import Recipe
from g7classify.learn.soft import Soft
from g7classify.tune.rows import figures
from training import command_line, taught
from training.build import SEEDS
from training.verify import RECIPES

Floats = NDArray[np.float64]


class Bench:
    """Rows, what was read, and how a variant of a recipe is measured on them."""

    def __init__(self, dataset: Dataset, soft: Soft, recipe: Recipe) -> None:
        (self.fold,) = soft.folds or ()
        folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
        self.learned = folds != self.fold
        self.judged = ~self.learned & fit.telling_rows(dataset, recipe)
        self.dataset = dataset
        self.soft = soft
        self.targets = soft.targets(self.fold)
        self.recipe = recipe
        self._order = np.random.RandomState(recipe.seed).permutation(len(soft.texts))
        self._spec: FeatureSpec | None = None

    def counts(self, spec: FeatureSpec) -> tuple[csr_array, csr_array]:
        """Features of the rows and of what was read; those of the last specification are kept."""
        if spec != self._spec:
            self._counted = tuple(linear.count_features(texts, spec) for texts in (self.dataset.texts, self.soft.texts))
            self._spec = spec
        rows, read = self._counted
        return rows, read

    def measure(self, *, sentences: int | None = None, dropped: float = 0.0, int8: bool = True, **change: Any) -> Any:
        """Figures of the recipe with a change.

        Args:
            sentences: how many of those that the teacher has read; all by default.
            dropped: share of the features of every row that is dropped before learning.
            int8: whether scores come from the table that would be shipped, not from what was fitted.
            change: of the recipe.
        """
        recipe = self.recipe.model_copy(update=change)
        rows, read = self.counts(recipe.spec)
        chosen = self._order[:sentences]
        found = Read(thinned(read[chosen], dropped), self.targets[chosen]) if len(chosen) else None
        started = time.perf_counter()
        fitted = fit.fit(thinned(rows, dropped), self.dataset, self.learned, recipe, found)
        seconds = time.perf_counter() - started
        scores = linear.rounded(fitted) if int8 else fitted
        told = figures(
            self.dataset.labels[self.judged],
            scores.scores(rows[self.judged]).astype(np.float32),
            self.dataset.codebook,
        )
        return told.model_dump() | {"megabytes": self._megabytes(recipe.spec, 1), "seconds": round(seconds, 1)}

    def measure_dense(self, *, width: int, table: bool) -> Any:
        """Figures of a hidden layer (see students_dense), beside the table of the recipe or without it.

        Raises:
            ModuleNotFoundError: PyTorch is not installed.
        """
        from benchmarks import students_dense

        rows, read = self.counts(self.recipe.spec)
        started = time.perf_counter()
        fitted = fit.fit(rows, self.dataset, self.learned, self.recipe, Read(read, self.targets))
        both = csr_array(vstack((rows[self.learned], read)))
        targets = np.concatenate((self.dataset.labels[self.learned].astype(np.float32), self.targets))
        learned, judged = (
            linear.weigh(part, fitted.idf, fitted.norm_step, fitted.pivot) for part in (both, rows[self.judged])
        )
        weights = fitted.weights.T.astype(np.float32) * table
        base = (fitted.bias * table).astype(np.float32)
        model = students_dense.learn(learned, targets, learned @ weights + base, width=width, seed=self.recipe.seed)
        seconds = time.perf_counter() - started
        scores = students_dense.score(model, judged, judged @ weights + base)
        told = figures(self.dataset.labels[self.judged], scores, self.dataset.codebook)
        megabytes = self._megabytes(self.recipe.spec, width + 1, table=table)
        return told.model_dump() | {"megabytes": megabytes, "seconds": round(seconds, 1)}

    def _megabytes(self, spec: FeatureSpec, more: int, *, table: bool = True) -> float:
        """Of an int8 table of the labels' columns, if wanted, and more."""
        columns: int = self.dataset.labels.shape[1] * table + more
        return round(spec.buckets * columns / 1e6, 2)


def thinned(counts: csr_array, share: float) -> csr_array:
    """Counts of which a share, drawn at random, is dropped."""
    if not share:
        return counts
    kept = np.random.RandomState(0).random_sample(counts.nnz) >= share
    thin = csr_array((counts.data * kept, counts.indices.copy(), counts.indptr.copy()), shape=counts.shape)
    thin.eliminate_zeros()
    return thin


def variants(recipe: Recipe, sentences: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is changed, to what, and how: one line of the table each."""
    yield "nothing", "", {}
    yield "table", "not rounded to int8", {"int8": False}
    yield "sentences read", "0: labels alone", {"sentences": 0}
    for share in (16, 8, 4, 2):
        yield "sentences read", f"{sentences // share:,}", {"sentences": sentences // share}
    for cost in (0.1, 0.3, 3.0):
        yield "their weight", f"{cost}", {"soft_cost": cost}
    for cost in (30.0, 60.0, 240.0):
        yield "cost", f"{cost:.0f}", {"cost": cost}
    for power in (1.0, 1.5):
        yield "idf power", f"{power}", {"idf_power": power}
    yield "features", "a tenth dropped", {"dropped": 0.1}
    for table in (True, False):
        beside = "beside the table" if table else "without the table"
        yield "hidden layer", f"64 columns, {beside}", {"width": 64, "table": table}
    specs: list[tuple[str, str, Callable[[], dict[str, Any]]]] = [
        *(("buckets", f"2^{bits}", lambda bits=bits: {"bits": bits}) for bits in (15, 16, 17, 19, 20, 22)),
        ("features", "no pairs of words", lambda: {"pairs": False}),
        *(("n-grams of words", f"{c[0]}-{c[1]}", lambda c=c: {"characters": c}) for c in ((3, 4), (4, 5), (3, 6))),
        *(("unspaced n-grams", f"{c[0]}-{c[1]}", lambda c=c: {"unspaced": c}) for c in ((1, 2), (1, 3), (2, 4))),
    ]
    stated = {name: getattr(recipe.spec, name) for name in ("bits", "pairs", "characters", "unspaced")}
    for what, value, change in specs:
        yield what, value, {"spec": FeatureSpec(**(stated | change()))}


@click.command()
@click.option("--recipe", default=RECIPES / "g7-base.toml", type=click.Path(exists=True, path_type=Path))
@command_line.data
@click.option("--soft", required=True, type=click.Path(exists=True, path_type=Path), help="A teacher's scores.")
@click.option("--texts", required=True, type=click.Path(exists=True, path_type=Path), help="Folder of what it read.")
@click.option("--only", multiple=True, help="What is changed; the rest stays as it was recorded.")
def main(recipe: Path, data: tuple[Path, ...], soft: Path, texts: Path, only: tuple[str, ...]) -> None:
    """Measure variants of a recipe, and record them."""
    chosen = Recipe.read(recipe)
    dataset = Dataset.read([SEEDS, *data])
    read, _ = taught.read([soft], texts, dataset.codebook)
    known = dict.fromkeys(what for what, _, _ in variants(chosen, len(read.texts)))
    if unknown := [what for what in only if what not in known]:
        raise click.UsageError(f"--only {unknown[0]!r}: expected one of {', '.join(known)}")
    bench = Bench(dataset, read, chosen)
    table = Table("changed", "to", "sub-type macro", "micro", "category macro", "MB", "s", title="F1, best thresholds")
    kept = earlier(bench, recipe.name) if only else []
    found = []
    for what, value, change in variants(chosen, len(read.texts)):
        if only and what not in only:
            found += [one for one in kept if (one["changed"], one["to"]) == (what, value)]
            continue
        try:
            told = bench.measure_dense(**change) if "width" in change else bench.measure(**change)
        except ModuleNotFoundError as error:
            click.echo(f"{what} {value}: needs {error.name}, which is not installed", err=True)
            continue
        found.append({"changed": what, "to": value} | told)
        f1 = (told["subtype_macro_f1"], told["subtype_micro_f1"], told["category_macro_f1"])
        table.add_row(what, value, *(f"{number:.3f}" for number in f1), str(told["megabytes"]), str(told["seconds"]))
        click.echo(f"{what} {value}: {told}", err=True)
    Console(width=100).print(table)
    if only and not kept:
        click.echo("not recorded: no earlier results of this recipe, fold and number of sentences")
        return
    summary = {"recipe": recipe.name, "fold": bench.fold, "sentences": len(read.texts), "variants": found}
    click.echo(f"written to {records.write('students', summary)}")


def earlier(bench: Bench, recipe: str) -> list[dict[str, Any]]:
    """What was recorded of the same recipe, fold and number of sentences."""
    if not (records.FOLDER / "students.json").exists():
        return []
    found = records.read("students")
    same = (found["recipe"], found["fold"], found["sentences"]) == (recipe, bench.fold, len(bench.soft.texts))
    variants: list[dict[str, Any]] = found["variants"] if same else []
    return variants


if __name__ == "__main__":
    sys.exit(main())
