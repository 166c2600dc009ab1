"""What updating a model with new labels costs the old ones, and gives the new: `make updating DATA=...`.

Two sub-types are made new. A model is trained on rows without them, then updated with 200 rows of each that are
labelled with everything, and 5,000 rows of before as replay. Beside it stand the model of before and two trained from
scratch on all rows of before and the new ones: `scratch` is told all their labels, `same` no more than the update is,
and takes silence for a no. Figures are of a fifth of all rows, which none of them saw, as tagged by the files.

In the setting `absent` no row of before is about the new labels. In `hidden` all are kept, with the new labels taken
away, which is what happens in practice: nobody had looked for them. `scratch` is told them, and so has several times
the rows that the update has to learn the new labels from.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import records
from g7classify import decision, metrics
from g7classify.codebook import Codebook
from g7classify.errors import ForgettingError
from g7classify.learn import fit, joining, split
from g7classify.learn.dataset import Dataset
from g7classify.learn.forgetting import Check
from g7classify.learn.judging import resampling
from g7classify.learn.recipe import Recipe
from g7classify.learn.updating import update
from g7classify.model import Model
from training import command_line
from training.build import SEEDS
from training.verify import RECIPES

PAIRS = (("threat.drug_trafficking", "measure.border_control"), ("actor.company", "role.presidency"))
EACH, REPLAYED = 200, 5000
FOLDS = 3  # behind calibration: fewer than the recipe's, as eight models are trained

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Rows as an update meets them: those of before, the new ones, and those that figures are of."""

    before: Dataset
    new: Dataset
    judged: Dataset


def part(dataset: Dataset, held_out: Bools, labels: Sequence[str], *, hidden: bool, each: int) -> Parts:
    """Rows of before, with those of the new labels only if `hidden`; `each` rows of a new label; the held-out ones."""
    columns = [dataset.codebook.index(label) for label in labels]
    chance = np.random.RandomState(0)
    new = np.zeros(len(dataset), dtype=bool)
    for column in columns:
        new[chance.permutation(np.flatnonzero(~held_out & dataset.labels[:, column]))[:each]] = True
    before = ~held_out & ~new
    if not hidden:
        before &= ~dataset.labels[:, columns].any(axis=1)
    return Parts(dataset.select(before), dataset.select(new), dataset.select(held_out))


def without(dataset: Dataset, labels: Sequence[str]) -> Dataset:
    """The same rows with a codebook that lacks some sub-types, and without these labels; categories stay."""
    kept = [column for column, name in enumerate(dataset.codebook.names) if name not in labels]
    book = dataset.codebook
    smaller = Codebook(book.name, book.version, tuple(book.labels[column] for column in kept))
    return replace(dataset, codebook=smaller, labels=dataset.labels[:, kept])


def tags(model: Model, dataset: Dataset) -> Bools:
    """What a model tags, in the columns of the dataset's codebook; what the model does not know stays untagged."""
    found = decision.decide(model.probabilities(dataset.texts), model.deciding("balanced")[0], model.codebook)
    placed = np.zeros((len(dataset), len(dataset.codebook)), dtype=bool)
    placed[:, [dataset.codebook.index(name) for name in model.codebook.names]] = found
    return placed


def measure(parts: Parts, labels: Sequence[str], recipe: Recipe, *, replayed: int) -> dict[str, Any]:
    """Macro-F1 of the old sub-types and F1 of the new ones: before, updated, and trained from scratch both ways."""
    book = parts.judged.codebook
    older = without(parts.before, labels)
    before = fit.train(older, recipe).model
    replay = older.select(np.sort(np.random.RandomState(1).permutation(len(older))[:replayed]))
    started = time.perf_counter()
    found = update(before, parts.new, replay=replay, recipe=recipe, force=True)
    seconds = time.perf_counter() - started
    everything, _ = joining.join(book, [parts.before, parts.new])
    as_labelled, _ = joining.join(book, [older, parts.new])
    models = {
        "before": before,
        "updated": found.model,
        "scratch": fit.train(everything, recipe).model,
        "same": fit.train(as_labelled, recipe).model,
    }
    told = {name: tags(model, parts.judged) for name, model in models.items()}
    counts = {name: metrics.count(parts.judged.labels, given) for name, given in told.items()}
    new = [book.index(label) for label in labels]
    old = np.setdiff1d(np.flatnonzero(book.parents >= 0), new)

    kept = [book.index(name) for name in before.codebook.names]
    lost = counts["before"].f1[kept] - counts["updated"].f1[kept]

    def loss(first: metrics.Counts, second: metrics.Counts) -> NDArray[np.float64]:
        return np.array([first.select(old).macro_f1 - second.select(old).macro_f1])

    _, groups = np.unique(parts.judged.groups, return_inverse=True)
    low, high = resampling.bootstrap_counts(loss, parts.judged.labels, [told["before"], told["updated"]], groups)
    try:
        found.check.refuse(0.01)
        refused = ""
    except ForgettingError as error:
        refused = str(error)
    return {
        "labels": list(labels),
        "rows_before": len(parts.before),
        "rows_new": len(parts.new),
        "rows_replayed": len(replay),
        "rows_judged": len(parts.judged),
        "judged_with_new": [int(parts.judged.labels[:, column].sum()) for column in new],
        "scratch_with_new": [int(everything.labels[:, column].sum()) for column in new],
        "old_macro_f1": {name: round(given.select(old).macro_f1, 4) for name, given in counts.items()},
        "old_loss": round(float(loss(counts["before"], counts["updated"])[0]), 4),
        "old_loss_interval": [round(float(low[0]), 4), round(float(high[0]), 4)],
        "old_fell": fell(lost, found.check),
        "new_f1": {name: [round(float(f1), 4) for f1 in given.f1[new]] for name, given in counts.items()},
        "new_share": round(float(counts["updated"].f1[new].mean() / counts["scratch"].f1[new].mean()), 4),
        "new_share_same": round(float(counts["updated"].f1[new].mean() / counts["same"].f1[new].mean()), 4),
        "update_seconds": round(seconds, 1),
        "refused": refused,
    }


def fell(lost: NDArray[np.float64], check: Check) -> dict[str, list[float]]:
    """The three old labels whose F1 fell most on the held-out rows: how much they lost (k,), and in the check."""
    worst = np.argsort(-np.nan_to_num(lost))[:3].tolist()
    changes = [check.changes[column] for column in worst]
    return {
        change.label: [round(float(lost[column]), 3), round((change.before or 0) - (change.after or 0), 3)]
        for column, change in zip(worst, changes, strict=True)
    }


@click.command()
@click.option("--recipe", default=RECIPES / "g7-seeds.toml", type=click.Path(exists=True, path_type=Path))
@command_line.data
@click.option("--rows", default=12_000, help="Drawn from those that nothing is judged on, to be done in minutes.")
@click.option("--pairs", default=len(PAIRS), help="How many pairs of sub-types are made new, one after the other.")
def main(recipe: Path, data: tuple[Path, ...], rows: int, pairs: int) -> None:
    """Measure updates, and record them."""
    chosen = Recipe.read(recipe).changed(folds=FOLDS)
    dataset = Dataset.read([SEEDS, *data])
    folds = split.folds(dataset, count=5, near_duplicate=chosen.near_duplicate, seed=chosen.seed)
    learned = np.random.RandomState(0).permutation(np.flatnonzero(folds != 0))[:rows]
    taken = np.sort(np.concatenate((learned, np.flatnonzero(folds == 0))))
    dataset, held_out = dataset.select(taken), folds[taken] == 0
    table = Table(
        "new", "setting", "old before", "after", "scratch", "new after", "scratch", "same", "share", title="F1"
    )
    found = []
    for labels in PAIRS[:pairs]:
        for setting in ("absent", "hidden"):
            parts = part(dataset, held_out, labels, hidden=setting == "hidden", each=EACH)
            told = {"setting": setting} | measure(parts, labels, chosen, replayed=REPLAYED)
            found.append(told)
            old, new = told["old_macro_f1"], told["new_f1"]
            means = [np.mean(new[name]) for name in ("updated", "scratch", "same")]
            cells = [*(old[name] for name in ("before", "updated", "scratch")), *means, told["new_share"]]
            table.add_row(", ".join(labels), setting, *(f"{cell:.3f}" for cell in cells))
            click.echo(told, err=True)
    Console(width=120).print(table)
    summary = {"recipe": recipe.name, "rows": len(dataset), "each": EACH, "updates": found}
    click.echo(f"written to {records.write('updating', summary)}")


if __name__ == "__main__":
    sys.exit(main())
