"""What a user could pick instead, trained on the same rows for the same labels: `make peers DATA=train.jsonl`.

The first fold of the cross-validation is held out: its rows that calibrate (see Recipe.calibrate_on) judge, and
decisions on each part of them are fitted on the rest of them, for every system by the procedure of g7classify. Each
system is trained once, in a process of its own, and kept (see peer_rows). Then each turn measures every system in a
fresh process with one thread. A system that cannot be installed, or fails, is reported with the reason.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks import figures, peer_rows, records
from benchmarks.peer_rows import FOLDER, run
from benchmarks.peer_systems import SYSTEMS
from benchmarks.peer_vectors import RECIPE
from benchmarks.quality_rows import Rows, cross_judge
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.judging.evaluating import ROUNDS
from g7classify.learn.recipe import Recipe
from training import command_line
from training.build import SEEDS

HELD_OUT = "held_out"


def quality(name: str, rows: Rows, held_out: Dataset, order: NDArray[np.int64]) -> dict[str, Any]:
    """F1 on the held-out rows, which are the first fold's in some order."""
    found = peer_rows.scores(name, FOLDER, HELD_OUT)
    part, folds = held_out.select(np.arange(len(found))), rows.inner[order][: len(found)]
    judged = cross_judge(found, folds, part, rows.recipe)
    summary = judged.summarise(part, rounds=ROUNDS).model_dump(mode="json")
    return {"judged_rows": summary.pop("rows"), **{k: v for k, v in summary.items() if "subtype" in k}}


def spread(turns: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Median, least and greatest of every figure over the turns."""
    found = {}
    for key in turns[0]:
        values = [turn[key] for turn in turns]
        found[key] = {n: round(f(values), 2) for n, f in (("median", statistics.median), ("min", min), ("max", max))}
    return found


@click.command()
@command_line.data
@click.option("--turns", default=3, show_default=True, type=click.IntRange(min=0), help="0 only trains.")
@click.option("--systems", help="Some of the systems, with commas between; nothing is recorded then.")
def main(data: tuple[Path, ...], turns: int, systems: str | None) -> None:
    """Train, judge and time g7classify and its peers."""
    chosen = systems.split(",") if systems else list(SYSTEMS)
    if unknown := [name for name in chosen if name not in SYSTEMS]:
        raise click.ClickException(f"no system is called {unknown[0]!r}; there are {', '.join(SYSTEMS)}")
    rows = Rows.read(Recipe.read(RECIPE), data, None)
    first = rows.part(rows.first)
    order = np.random.default_rng(rows.recipe.seed).permutation(len(first))  # what is timed is of all languages
    held_out, train = first.select(order), rows.dataset.select(rows.folds != rows.first)
    peer_rows.write(FOLDER, train, {HELD_OUT: held_out.texts}, seed=rows.recipe.seed)
    found: dict[str, dict[str, Any]] = {}
    unavailable: dict[str, str] = {}
    for name in chosen:
        click.echo(f"training {name}", err=True)
        try:
            trained = run("peer_fit", name, FOLDER)
            run("peer_score", name, FOLDER, HELD_OUT)
        except ChildProcessError as error:
            unavailable[name] = str(error)
            continue
        if trained.pop("kept"):
            click.echo(f"{name}: trained on these rows before, kept in {FOLDER}", err=True)
        del trained["key"]
        found[name] = {"settings": SYSTEMS[name].settings, **trained, **quality(name, rows, held_out, order)}
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in found}
    for turn in range(turns):
        for name in [name for name in measured if name not in unavailable]:
            click.echo(f"turn {turn + 1} of {turns}: {name}", err=True)
            try:
                measured[name].append(run("peer_measure", name, FOLDER, threads=1))
            except ChildProcessError as error:
                unavailable[name] = str(error)
    result = {
        "rows": {"train": len(train), "held_out": len(held_out)},
        "data_sha256": digests([*files(SEEDS), *files(data)]),
        "turns": turns,
        "systems": {n: s | spread(measured[n]) if measured[n] else s for n, s in found.items() if n not in unavailable},
        "unavailable": unavailable,
    }
    if turns:
        click.echo(figures.peer_table(result))
    for name, why in unavailable.items():
        click.echo(f"{name} is not available: {why}; pip install 'g7classify[peers]'")
    if turns and not systems:
        click.echo(f"written to {records.write('peers', result)}")
    else:
        click.echo("not recorded: that takes all systems and at least one turn")


if __name__ == "__main__":
    sys.exit(main())
