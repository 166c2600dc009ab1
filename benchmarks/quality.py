"""How well the shipped model tags, beside a scikit-learn TF-IDF baseline on the same rows: `make quality`.

In cross-validation every row is scored by a model that saw neither it, nor its group, nor a near-duplicate; the
decisions on a fold are fitted on the other folds; figures are of the rows that calibrate. Held-out rows were never
trained or tuned on: both systems, trained on all rows, tag them with the thresholds that cross-validation chose.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import g7classify
from benchmarks import records
from benchmarks.baselines import tfidf_scores
from g7classify import metrics
from g7classify.decision import OperatingPoint
from g7classify.learn import calibrate, fit, linear, split
from g7classify.learn.dataset import Dataset
from g7classify.learn.evaluate import Evaluation, Summary, compare, evaluate
from g7classify.learn.recipe import Recipe
from training.build import SEEDS
from training.card import number
from training.verify import RECIPES

Scores = NDArray[np.float64]
Fit = Callable[[NDArray[np.bool_], Dataset], Scores]
OURS, BASELINE = "g7classify", "scikit-learn TF-IDF"


def cross_scores(fit_and_score: Fit, dataset: Dataset, folds: NDArray[np.int64], name: str) -> Scores:
    """Out-of-fold scores (n, k): each fold by what was fitted on the others."""
    scores = np.zeros(dataset.labels.shape)
    for fold in np.unique(folds):
        held_out = folds == fold
        scores[held_out] = fit_and_score(~held_out, dataset.select(held_out))
        click.echo(f"{name}: fold {fold + 1} of {folds.max() + 1}", err=True)
    return scores


def systems(dataset: Dataset, recipe: Recipe) -> dict[str, Fit]:
    """Both systems as functions: rows to learn from and rows to score, to scores."""
    counts = linear.count_features(dataset.texts, recipe.spec)

    def ours(rows: NDArray[np.bool_], test: Dataset) -> Scores:
        fitted = fit.fit(counts, dataset, rows, recipe)
        return fitted.scores(linear.count_features(test.texts, recipe.spec))

    def baseline(rows: NDArray[np.bool_], test: Dataset) -> Scores:
        part = dataset.select(rows)
        return tfidf_scores(part.texts, part.labels, test.texts)

    return {OURS: ours, BASELINE: baseline}


def lead(dataset: Dataset, ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> dict[str, float]:
    """Our sub-type macro-F1 minus theirs on the same rows, with its paired 95 % bootstrap interval."""
    columns = np.flatnonzero(dataset.codebook.parents >= 0)

    def difference(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        first, second = (
            metrics.count(dataset.labels, tags, weights).select(columns).macro_f1 for tags in (ours, theirs)
        )
        return np.array([first - second])

    _, groups = np.unique(dataset.groups, return_inverse=True)
    low, high = metrics.bootstrap(difference, groups)
    value = difference(np.ones(len(dataset)))
    return {"value": round(float(value[0]), 4), "low": round(float(low[0]), 4), "high": round(float(high[0]), 4)}


def lines(name: str, evaluation: Evaluation) -> list[list[str]]:
    """One table line overall and one a language."""

    def cells(where: str, s: Summary) -> list[str]:
        pairs = (
            (s.category_macro_f1, s.best_category_macro_f1),
            (s.category_micro_f1, s.best_category_micro_f1),
            (s.subtype_macro_f1, s.best_subtype_macro_f1),
            (s.subtype_micro_f1, s.best_subtype_micro_f1),
        )
        return [where, f"{s.rows:,}", name, *(f"{number(shipped.value)} / {number(best)}" for shipped, best in pairs)]

    return [cells("all", evaluation.overall)] + [cells(lang, s) for lang, s in evaluation.languages.items()]


def show(title: str, evaluations: dict[str, Evaluation]) -> None:
    """Print the systems beside each other, language by language."""
    head = ["language", "rows", "system", "category macro", "category micro", "sub-type macro", "sub-type micro"]
    table = Table(*head, title=f"{title}: F1 at the chosen / at the best thresholds")
    for column in table.columns[3:]:
        column.justify = "right"
    for group in zip(*(lines(name, evaluation) for name, evaluation in evaluations.items()), strict=True):
        for line in group:
            table.add_row(*line)
        table.add_section()
    Console(width=110).print(table)


@click.command()
@click.option("--recipe", default=RECIPES / "g7-base.toml", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--data", multiple=True, type=click.Path(exists=True, path_type=Path), help="Labelled rows beside the seeds."
)
@click.option("--held-out", type=click.Path(exists=True, path_type=Path), help="Labelled rows never trained on.")
@click.option("--model", help="Shipped model that tags the held-out rows; by default the recipe's.")
def main(recipe: Path, data: tuple[Path, ...], held_out: Path | None, model: str | None) -> None:
    """Print and record the quality of a recipe and of its shipped model."""
    chosen = Recipe.read(recipe)
    test = Dataset.read(held_out) if held_out else None
    # Before the hours of training: a model that is not there is to be known at once.
    tagger = g7classify.load(model or f"{chosen.name}@{chosen.version}") if test else None
    dataset = Dataset.read([SEEDS, *data])
    telling = fit.telling_rows(dataset, chosen)
    judged = dataset.select(telling)
    folds = split.folds(dataset, count=chosen.folds, near_duplicate=chosen.near_duplicate, seed=chosen.seed)
    figures: dict[str, Any] = {"recipe": recipe.name, "rows": len(dataset)}
    crossed: dict[str, Evaluation] = {}
    tags: dict[str, dict[OperatingPoint, NDArray[np.bool_]]] = {}
    on_held_out: dict[str, Evaluation] = {}
    held_tags: dict[str, dict[OperatingPoint, NDArray[np.bool_]]] = {}
    for name, fit_and_score in systems(dataset, chosen).items():
        scores = cross_scores(fit_and_score, dataset, folds, name)
        probabilities, tags[name], doubt = fit.cross_decide(scores[telling], folds[telling], judged, chosen)
        crossed[name] = compare(judged, probabilities, tags[name], doubt)
        if test:
            decisions = calibrate.fit(scores[telling], judged, chosen)
            final = fit_and_score(np.ones(len(dataset), dtype=bool), test)
            probabilities, held_tags[name], doubt = decisions.judge(final, test.codebook)
            on_held_out[name] = compare(test, probabilities, held_tags[name], doubt)
    show("cross-validation", crossed)
    figures["cross_validation"] = {name: evaluation.model_dump(mode="json") for name, evaluation in crossed.items()}
    figures["cross_validation_lead"] = lead(judged, tags[OURS]["balanced"], tags[BASELINE]["balanced"])
    if test and tagger:
        shipped = evaluate(tagger, test)
        evaluations = {f"{tagger.id} as shipped": shipped} | on_held_out
        show("held-out rows", evaluations)
        figures["held_out"] = {name: evaluation.model_dump(mode="json") for name, evaluation in evaluations.items()}
        figures["held_out_lead"] = lead(test, tagger.predict(test.texts), held_tags[BASELINE]["balanced"])
    click.echo(f"lead over the baseline in sub-type macro-F1: {figures['cross_validation_lead']} cross-validated")
    if test:
        click.echo(f"{figures['held_out_lead']} on held-out rows")
        click.echo(f"written to {records.write('quality', figures)}")
    else:
        click.echo("not recorded: the pages need the figures of held-out rows too, so give --held-out")


if __name__ == "__main__":
    sys.exit(main())
