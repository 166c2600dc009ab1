"""Fit and ship the cascade of a table and a deep model: `python -m training.deep.fusing RECIPE DEEP_RECIPE ...`.

Both models must be shipped already, and what is given must be what they were built from: the table is trained again for
its cross-validated scores, and the adapters of every fold score theirs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from g7classify import cascade, decision, registry
from g7classify.atomic import write_bytes
from g7classify.cascade import Fusion
from g7classify.deep.model import DeepModel
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.learn import calibrate
from g7classify.learn.calibrate import Decisions
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.evaluate import chief_f1
from g7classify.learn.fit import deciding_rows
from g7classify.learn.recipe import Recipe
from g7classify.model import Model, ModelInfo
from g7classify.registry import CascadeEntry
from training import build, command_line
from training.deep.build import DeepRecipe, cross_score, parted
from training.publish import EVALUATIONS, MODELS, read_manifest, write_manifest

NAME: Final = "g7-cascade"
VERSION: Final = "0.1.0"
WEIGHT: Final = (
    0.3  # of the table's score; on these very rows .5 and .7 gave .002 less in sub-type macro-F1, 0 gave .007
)
BUDGETS: Final = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
RARE: Final = 50.0  # labelled sentences added to every label's, so that none weighs without bounds in the gain


class Judged(NamedTuple):
    """Scores of both models of n rows that neither saw, (n, k), the rows and their folds (n,)."""

    table: NDArray[np.float64]
    deep: NDArray[np.float64]
    dataset: Dataset
    folds: NDArray[np.int64]

    def select(self, rows: NDArray[np.bool_]) -> Judged:
        """Some of the rows."""
        return Judged(self.table[rows], self.deep[rows], self.dataset.select(rows), self.folds[rows])


class Fitted(NamedTuple):
    """What was fitted on some rows: decisions of the table, of the sum of both, and what labels weigh in the gain."""

    table: Decisions
    fused: Decisions
    importance: NDArray[np.float32]

    @property
    def told(self) -> NDArray[np.bool_]:
        """Labels (k,) that scores tell something of."""
        told: NDArray[np.bool_] = (self.table.slope > calibrate.FLAT) & (self.fused.slope > calibrate.FLAT)
        return told

    def gains(self, judged: Judged) -> NDArray[np.float32]:
        """Of rows (n,)."""
        probabilities = self.table.probabilities(judged.table, judged.dataset.codebook)
        return cascade.gain(probabilities, self.table.thresholds[decision.row("balanced")], self.importance)

    def mixed(self, judged: Judged, escalated: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Probabilities (n, k), of those rows (n,) that are escalated from the sum of both scores."""
        codebook = judged.dataset.codebook
        fused = self.fused.probabilities(judged.deep + WEIGHT * judged.table, codebook)
        return np.where(escalated[:, None], fused, self.table.probabilities(judged.table, codebook))


def fit(judged: Judged, recipe: Recipe) -> Fitted:
    """Decisions of both, and the importance of labels: sub-types alone, one over how many sentences have them."""
    labels, parents = judged.dataset.labels, judged.dataset.codebook.parents
    importance = np.where(parents >= 0, 1 / (labels.sum(axis=0) + RARE), 0).astype(np.float32)
    return Fitted(
        calibrate.fit(judged.table, judged.dataset, recipe),
        calibrate.fit(judged.deep + WEIGHT * judged.table, judged.dataset, recipe),
        importance,
    )


def chosen(gains: NDArray[np.float32], budget: float) -> tuple[NDArray[np.bool_], float]:
    """The share of sentences (n,) of most gain, and the gain to be chosen: 0 for all, infinite for none."""
    count = round(budget * len(gains))
    order = np.argsort(-gains, kind="stable")
    rows = np.zeros(len(gains), dtype=bool)
    rows[order[:count]] = True
    return rows, float(gains[order[count - 1]]) if 0 < count < len(gains) else 0.0 if count else float("inf")


def figures(judged: Judged, recipe: Recipe, budgets: Sequence[float]) -> list[dict[str, float | None]]:
    """F1 at each budget, each fold by what was fitted on the other folds."""
    labels, codebook = judged.dataset.labels, judged.dataset.codebook
    asked = {budget: np.zeros(len(labels), dtype=bool) for budget in budgets}
    tags = {budget: np.zeros(labels.shape, dtype=bool) for budget in budgets}
    for fold in np.unique(judged.folds):
        inside = judged.folds == fold
        rest, own = judged.select(~inside), judged.select(inside)
        fitted = fit(rest, recipe)
        gains, least = fitted.gains(own), fitted.gains(rest)
        for budget in budgets:
            learned, cutoff = chosen(least, budget)
            cuts, _ = calibrate.fit_cuts(fitted.mixed(rest, learned), rest.dataset, recipe, told=fitted.told)
            escalated = gains >= cutoff
            asked[budget][inside] = escalated
            tags[budget][inside] = decision.decide(
                fitted.mixed(own, escalated), cuts[decision.row("balanced")], codebook
            )
    shares = {budget: round(float(asked[budget].mean()), 4) for budget in budgets}
    return [{"budget": b, "escalated": shares[b], **chief_f1(labels, tags[b], codebook)} for b in budgets]


def fuse(judged: Judged, recipe: Recipe, info: ModelInfo, *, table_sha256: str, deep_sha256: str) -> Fusion:
    """What lies in the file, fitted on all rows."""
    fitted = fit(judged, recipe)
    gains = fitted.gains(judged)
    cuts, bands, cutoffs = [], [], []
    for budget in BUDGETS:
        escalated, cutoff = chosen(gains, budget)
        found, band = calibrate.fit_cuts(fitted.mixed(judged, escalated), judged.dataset, recipe, told=fitted.told)
        cuts.append(found)
        bands.append(band)
        cutoffs.append(cutoff)
    return Fusion(
        info=info,
        codebook=judged.dataset.codebook,
        table_sha256=table_sha256,
        deep_sha256=deep_sha256,
        weight=WEIGHT,
        slope=fitted.fused.slope,
        intercept=fitted.fused.intercept,
        importance=fitted.importance,
        budgets=np.array(BUDGETS, dtype=np.float32),
        cutoffs=np.array([cutoffs[1] + 1, *cutoffs[1:]], dtype=np.float32),  # finite; a budget of 0 asks for none
        thresholds=np.stack(cuts, axis=1),
        bands=np.array(bands, dtype=np.float32).T,
    )


def judge(
    recipe: Recipe,
    deep_recipe: DeepRecipe,
    data: Sequence[Path],
    tuned: Sequence[Path],
    scores: NDArray[np.float64],
    folds: NDArray[np.int64],
) -> Judged:
    """The rows that tell, with the table's cross-validated scores (n, k) of all rows and the deep model's."""
    for name in ("folds", "near_duplicate", "seed", "calibrate_on"):
        if getattr(recipe, name) != getattr(deep_recipe, name):  # or adapters would score what they learned from
            raise OptionError(
                f"{name}: {getattr(recipe, name)} in one recipe and {getattr(deep_recipe, name)} in the other"
            )
    paths = [*files(build.SEEDS), *files(tuple(data))]
    dataset = Dataset.read(paths)
    by_fold, whole = parted(tuned, deep_recipe, digests(paths), dataset, folds)
    shipped, _ = registry.read(deep_recipe.name)
    if not isinstance(shipped, DeepModel) or shipped.adapters.sha256 != whole.adapters.sha256:
        raise OptionError(f"{deep_recipe.name} as shipped has other adapters than those of all rows that were given")
    both = [fold for fold in by_fold if np.isfinite(scores[folds == fold]).all()]
    telling = deciding_rows(dataset, recipe, folds, both)
    rows = dataset.select(telling)
    return Judged(scores[telling], cross_score(by_fold, folds[telling], rows.texts), rows, folds[telling])


def ship(judged: Judged, recipe: Recipe, table: str, deep: str) -> CascadeEntry:
    """Fit, write the file, its figures and the manifest's entry, which replaces that of the same two models."""
    first, second = registry.find(table), registry.find(deep)
    found = figures(judged, recipe, BUDGETS)
    info = ModelInfo(
        name=NAME,
        version=VERSION,
        description=f"{first.id} reads everything, {second.id} what it is unsure of.",
        languages=first.languages,
        data_sha256=first.data_sha256 | second.data_sha256,
        rows=len(judged.dataset),
        metrics={f"subtype_macro_f1_{one['budget']:g}": one["subtype_macro_f1"] or 0.0 for one in found},
    )
    path = MODELS / f"{NAME}-{VERSION}.safetensors"
    digest = cascade.write(fuse(judged, recipe, info, table_sha256=first.sha256, deep_sha256=second.sha256), path)
    text = json.dumps({"rows": len(judged.dataset), "budgets": found}, indent=1)
    write_bytes(EVALUATIONS / f"{NAME}-{VERSION}.json", text.encode() + b"\n")
    entry = CascadeEntry(
        table=str(first.id), deep=str(second.id), file=path.name, sha256=digest, bytes=path.stat().st_size
    )
    manifest = read_manifest()
    if manifest is None:
        raise OptionError("no model is shipped, so that none can be escalated to")
    kept = tuple(one for one in manifest.cascades if (one.table, one.deep) != (entry.table, entry.deep))
    write_manifest(replace(manifest, cascades=(*kept, entry)))
    return entry


def same(one: Model, other: Model) -> bool:
    """Whether two tables give the same probabilities and decisions."""
    names = ("table", "scale", "bias", "slope", "intercept", "thresholds")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


@click.command()
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("deep_recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command_line.data
@command_line.soft
@command_line.texts
@command_line.tuned
def main(
    recipe: Path,
    deep_recipe: Path,
    data: tuple[Path, ...],
    soft: tuple[Path, ...],
    texts: Path | None,
    tuned: tuple[Path, ...],
) -> None:
    """Fit and ship the cascade of the models of RECIPE and DEEP_RECIPE."""
    try:
        chosen_recipe, chosen_deep = Recipe.read(recipe), DeepRecipe.read(deep_recipe)
        trained = build.train_on(chosen_recipe, data, read=command_line.read(soft, texts))
        shipped, _ = registry.read(chosen_recipe.name)
        if not isinstance(shipped, Model) or not same(shipped, trained.model):
            raise OptionError(f"{chosen_recipe.name} as shipped is not what the recipe and the given rows give")
        judged = judge(chosen_recipe, chosen_deep, data, tuned, trained.scores, trained.folds)
        entry = ship(judged, chosen_recipe, chosen_recipe.name, chosen_deep.name)
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"shipped {entry.file}, sha256 {entry.sha256}")


if __name__ == "__main__":
    sys.exit(main())
