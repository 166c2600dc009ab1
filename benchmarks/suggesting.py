"""How many labels `suggest` saves: `make suggesting`.

A pool of labelled sentences stands for unlabelled ones: what a strategy picks gets the labels that it has. Each run
starts from the same random sentences, and in each round a model is trained on what is labelled so far, judged on
held-out groups at its own thresholds, and asked for the next sentences. What is saved is told against random choice:
the share of its labels that a strategy does not need for the F1 that random choice reaches.

`suggest` was made on French and English seeds; LANGUAGES are the others, which no choice in it has seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import click
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from benchmarks import records
from g7classify.cascade import gain
from g7classify.learn import fit, split
from g7classify.learn.advice.suggesting import entropy, lowest, suggest
from g7classify.learn.cards import markdown
from g7classify.learn.cards.markdown import number
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import chief_f1
from g7classify.learn.recipe import Recipe
from g7classify.tagger import Tagger
from training.build import SEEDS

LANGUAGES = ("de", "es", "it", "ja")
RECIPE = Recipe(name="suggesting", folds=3)
PARTS, HELD_OUT = 10, 3  # so many of so many parts are judged on
FIRST, EACH, ROUNDS = 200, 200, 9

Rows = NDArray[np.int64]
Strategy = Callable[[Tagger, Dataset, Dataset, int, np.random.Generator], Rows]


def at_random(_: Tagger, pool: Dataset, __: Dataset, n: int, random: np.random.Generator) -> Rows:
    """Any sentences."""
    return random.permutation(len(pool))[:n]


def by_entropy(tagger: Tagger, pool: Dataset, _: Dataset, n: int, __: np.random.Generator) -> Rows:
    """Those of the greatest entropy, all labels alike."""
    doubt = entropy(tagger.predict_proba(pool.texts).astype(np.float64)) @ lowest(tagger.codebook)
    return np.argsort(-doubt, kind="stable")[:n]


def by_margin(tagger: Tagger, pool: Dataset, _: Dataset, n: int, __: np.random.Generator) -> Rows:
    """Those whose probabilities are closest to the thresholds, all labels alike."""
    close = gain(tagger.predict_proba(pool.texts), tagger.thresholds, lowest(tagger.codebook).astype(np.float32))
    return np.argsort(-close, kind="stable")[:n]


def ours(tagger: Tagger, pool: Dataset, labelled: Dataset, n: int, _: np.random.Generator) -> Rows:
    """What `suggest` says."""
    return np.array([one.row for one in suggest(tagger, pool.texts, n, labelled=labelled)], dtype=np.int64)


STRATEGIES: dict[str, Strategy] = {"random": at_random, "entropy": by_entropy, "margin": by_margin, "suggest": ours}


def run(dataset: Dataset, strategy: Strategy, seed: int, *, first: int, each: int, rounds: int) -> list[dict[str, Any]]:
    """Labels, characters read and F1 after each round; the held-out groups and the first sentences go by the seed."""
    folds = split.folds(dataset, count=PARTS, near_duplicate=RECIPE.near_duplicate, seed=seed)
    held_out = dataset.select(folds < HELD_OUT)
    pool = dataset.select(folds >= HELD_OUT)
    random = np.random.default_rng(seed)
    known = np.zeros(len(pool), dtype=bool)
    known[random.permutation(len(pool))[:first]] = True
    points = []
    for _ in range(rounds + 1):
        labelled = pool.select(known)
        tagger = Tagger(fit.train(labelled, RECIPE, n_jobs=1).model)
        figures = chief_f1(held_out.labels, tagger.predict(held_out.texts), dataset.codebook)
        points.append({"labels": len(labelled), "characters": sum(map(len, labelled.texts)), **figures})
        unknown = np.flatnonzero(~known)
        known[unknown[strategy(tagger, pool.select(~known), labelled, each, random)]] = True
    return points


def saved(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], at: int, *, f1: str, cost: str = "labels") -> float:
    """The share of a cost that we do not need for the F1 that they reach at their point `at`; NaN where we never do."""
    needed = needed_for(ours, theirs[at][f1], f1=f1, cost=cost)
    return float(1 - needed / theirs[at][cost])


def needed_for(points: list[dict[str, Any]], wanted: float, *, f1: str, cost: str) -> float:
    """The cost at which a curve first reaches an F1, linear between its points; NaN where it never does."""
    costs = [point[cost] for point in points]
    reached = np.maximum.accumulate([point[f1] for point in points])
    i = int(np.searchsorted(reached, wanted))
    if i == 0:
        return float(costs[0])
    if i == len(costs):
        return float("nan")
    share = (wanted - reached[i - 1]) / (reached[i] - reached[i - 1])
    return float(costs[i - 1] + share * (costs[i] - costs[i - 1]))


def mean_curve(runs: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The means of several runs, round by round."""
    return [{key: mean(point[key] for point in points) for key in points[0]} for points in zip(*runs, strict=True)]


def table() -> str:
    """F1 and what is saved, by corpus and strategy, where random choice has about half and all of its labels."""
    lines = []
    for corpus, strategies in records.read("suggesting")["corpora"].items():
        theirs = [one["points"] for one in strategies["random"]]
        last = len(theirs[0]) - 1
        for name, runs in strategies.items():
            curves = [one["points"] for one in runs]
            middle = mean_curve(curves)
            cells = [corpus if name == "random" else "", name]
            for at in (last // 2, last):
                f1 = [curve[at]["subtype_macro_f1"] for curve in curves]
                cells += [f"{number(mean(f1))} ({number(min(f1))}-{number(max(f1))})"]
                for of, cost in (
                    ("subtype_macro_f1", "labels"),
                    ("subtype_micro_f1", "labels"),
                    ("subtype_macro_f1", "characters"),
                ):
                    share = saved(middle, mean_curve(theirs), at, f1=of, cost=cost)
                    each = [
                        saved(ours, their, at, f1=of, cost=cost) for ours, their in zip(curves, theirs, strict=True)
                    ]
                    cells.append("" if name == "random" else f"{share:.0%} ({min(each):.0%} to {max(each):.0%})")
            lines.append(cells)
    runs = records.read("suggesting")["corpora"].values()
    points = next(iter(runs))["random"][0]["points"]
    heads = [
        f"{points[at]['labels']:,} labels: {what}"
        for at in ((len(points) - 1) // 2, len(points) - 1)
        for what in ("macro-F1", "labels saved", "for the micro-F1", "characters saved")
    ]
    return markdown.table(["sentences", "choice", *heads], lines)


@click.command()
@click.option("--data", multiple=True, type=click.Path(exists=True, path_type=Path), help="Instead of the seeds.")
@click.option("--seed", "seeds", type=int, multiple=True, default=(0, 1, 2), help="A run for each.")
@click.option("--language", "languages", multiple=True, default=LANGUAGES, help="Of the sentences.")
@click.option("--name", default="seeds in German, Spanish, Italian and Japanese", help="Of the sentences.")
@click.option("--add", is_flag=True, help="To the runs that are recorded, of other sentences or other seeds.")
@click.option("-j", "--jobs", default=-1, help="Runs at a time.  [default: one a core]")
@click.option("--rounds", default=ROUNDS, show_default=True, help="In which sentences are labelled.")
def main(
    data: tuple[Path, ...],
    seeds: tuple[int, ...],
    languages: tuple[str, ...],
    name: str,
    add: bool,
    jobs: int,
    rounds: int,
) -> None:
    """Simulate labelling by every strategy, and record it."""
    dataset = Dataset.read(list(data) or [SEEDS])
    dataset = dataset.select(np.isin(dataset.languages, languages))
    corpora: dict[str, Any] = records.read("suggesting")["corpora"] if add else {}
    of = corpora.setdefault(name, {strategy: [] for strategy in STRATEGIES})
    asked = [(seed, strategy) for seed in seeds for strategy in STRATEGIES]
    runs = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(run)(dataset, STRATEGIES[strategy], seed, first=FIRST, each=EACH, rounds=rounds)
        for seed, strategy in asked
    )
    for (seed, strategy), points in zip(asked, runs, strict=True):
        of[strategy] = [*(one for one in of[strategy] if one["seed"] != seed), {"seed": seed, "points": points}]
        click.echo(f"{name}, seed {seed}, {strategy}: {points[-1]}", err=True)
        if strategy == asked[-1][1]:  # a seed is whole
            records.write("suggesting", {"corpora": corpora})
    click.echo(f"written to {records.FOLDER / 'suggesting.json'}")
    click.echo(table())


if __name__ == "__main__":
    sys.exit(main())
