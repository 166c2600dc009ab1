"""What a user could pick instead, trained on the same rows for the same labels: `make peers DATA=train.jsonl`.

Rows are parted so that groups and near-duplicates stay together: most train, one part chooses calibration and
thresholds for every system by the procedure of g7classify, one is held out. The last two keep only the rows that
calibrate (see Recipe.calibrate_on), in random order. Each system is trained once, in a process of its own, and kept in
build/peers until its rows, settings or versions change. Then each turn measures every system in a fresh process with
one thread. A system that cannot be installed, or fails, is reported with the reason.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import figures, records
from benchmarks.peer_fit import PARTS
from benchmarks.peer_measure import ROWS, folder_of
from benchmarks.peer_systems import SYSTEMS
from benchmarks.peer_vectors import JOBS, RECIPE
from g7classify.decision import logit
from g7classify.learn import calibrate, fit, split
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.evaluate import ROUNDS, summarise
from g7classify.learn.recipe import Recipe
from training.build import ROOT, SEEDS

FOLDER = ROOT / "build" / "peers"
FOLDS, HELD_OUT, VALIDATION = 10, (0, 1), (2,)
THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "RAYON", "VECLIB_MAXIMUM")


def part(dataset: Dataset, recipe: Recipe) -> dict[str, Dataset]:
    """Rows to train on, to choose thresholds on and to judge on, each in an order that tells nothing."""
    folds = split.folds(dataset, count=FOLDS, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    telling = fit.telling_rows(dataset, recipe)
    held_out, validation = np.isin(folds, HELD_OUT), np.isin(folds, VALIDATION)
    masks = {
        "train": ~held_out & ~validation,
        "validation": validation & telling,
        "held_out": held_out & telling,
    }
    order = np.random.default_rng(recipe.seed)
    return {name: dataset.select(order.permutation(np.flatnonzero(mask))) for name, mask in masks.items()}


def write_rows(parts: dict[str, Dataset], folder: Path) -> None:
    """Give the processes what they need: texts, and of the training rows the columns of their labels."""
    train = parts["train"]
    labels = [np.flatnonzero(row).tolist() for row in train.labels]
    given: dict[str, Any] = {"train": {"texts": train.texts, "labels": labels, "columns": train.labels.shape[1]}}
    given |= {name: parts[name].texts for name in PARTS}
    (folder / ROWS).mkdir(parents=True, exist_ok=True)
    for name, content in given.items():
        (folder / ROWS / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def run(module: str, name: str, *, threads: int) -> dict[str, Any]:
    """What a fresh process tells of a system.

    Raises:
        ChildProcessError: the process failed; the message is the last line that it wrote.
    """
    environment = os.environ | {f"{library}_NUM_THREADS": str(threads) for library in THREADS}
    environment |= {"TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, "-m", f"benchmarks.{module}", name, str(FOLDER)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        told = done.stderr.strip() or f"ended with {done.returncode} and said nothing"
        raise ChildProcessError(told.splitlines()[-1])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def quality(name: str, parts: dict[str, Dataset], recipe: Recipe) -> dict[str, Any]:
    """F1 on the held-out rows, with calibration and thresholds from the validation rows."""
    scores = {p: np.load(folder_of(name, FOLDER) / f"{p}.npy").astype(np.float32) for p in PARTS}
    validation, held_out = (parts[p].select(np.arange(len(scores[p]))) for p in PARTS)
    decisions = calibrate.fit(logit(scores["validation"]).astype(np.float64), validation, recipe)
    probabilities, tags, _ = decisions.judge(logit(scores["held_out"]).astype(np.float64), held_out.codebook)
    summary = summarise(held_out, probabilities, tags["balanced"], rounds=ROUNDS).model_dump(mode="json")
    return {"judged_rows": summary.pop("rows"), **{k: v for k, v in summary.items() if "subtype" in k}}


def spread(turns: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Median, least and greatest of every figure over the turns."""
    found = {}
    for key in turns[0]:
        values = [turn[key] for turn in turns]
        found[key] = {n: round(f(values), 2) for n, f in (("median", statistics.median), ("min", min), ("max", max))}
    return found


@click.command()
@click.option(
    "--data", multiple=True, type=click.Path(exists=True, path_type=Path), help="Labelled rows beside the seeds."
)
@click.option("--turns", default=3, show_default=True, type=click.IntRange(min=0), help="0 only trains.")
@click.option("--systems", help="Some of the systems, with commas between; nothing is recorded then.")
def main(data: tuple[Path, ...], turns: int, systems: str | None) -> None:
    """Train, judge and time g7classify and its peers."""
    chosen = systems.split(",") if systems else list(SYSTEMS)
    if unknown := [name for name in chosen if name not in SYSTEMS]:
        raise click.ClickException(f"no system is called {unknown[0]!r}; there are {', '.join(SYSTEMS)}")
    recipe = Recipe.read(RECIPE)
    paths = [*files(SEEDS), *files(data)]
    parts = part(Dataset.read(paths), recipe)
    write_rows(parts, FOLDER)
    found: dict[str, dict[str, Any]] = {}
    unavailable: dict[str, str] = {}
    for name in chosen:
        click.echo(f"training {name}, if it was not", err=True)
        try:
            trained = run("peer_fit", name, threads=JOBS)
        except ChildProcessError as error:
            unavailable[name] = str(error)
            continue
        del trained["key"]
        found[name] = {"settings": SYSTEMS[name].settings, **trained, **quality(name, parts, recipe)}
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in found}
    for turn in range(turns):
        for name in [name for name in measured if name not in unavailable]:
            click.echo(f"turn {turn + 1} of {turns}: {name}", err=True)
            try:
                measured[name].append(run("peer_measure", name, threads=1))
            except ChildProcessError as error:
                unavailable[name] = str(error)
    rows = {name: len(rows) for name, rows in parts.items()}
    result = {
        "rows": rows,
        "data_sha256": digests(paths),
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
