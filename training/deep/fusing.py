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
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray

from g7classify import cascade, registry
from g7classify.atomic import write_bytes
from g7classify.cascade import Fusion
from g7classify.deep.model import DeepModel
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.learn import calibrate
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.fit import deciding_rows
from g7classify.learn.recipe import Recipe
from g7classify.manifest import CascadeEntry
from g7classify.model import Model, ModelInfo
from training import build, command_line
from training.card import of_cascade
from training.deep.build import DeepRecipe, cross_score, parted
from training.deep.criteria import CRITERIA
from training.deep.mixing import WEIGHT, Judged, chosen, figures, fit
from training.publish import EVALUATIONS, MODELS, read_manifest, write_manifest

NAME: Final = "g7-cascade"
VERSION: Final = "0.1.0"
BUDGETS: Final = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
COMPARED: Final = (0.05, 0.1, 0.3)  # budgets at which criteria are


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
    """Fit, write file, figures, card and the manifest's entry, which replaces that of the same two models."""
    first, second = registry.find(table), registry.find(deep)
    found = figures(judged, recipe, BUDGETS)
    compared = {name: figures(judged, recipe, COMPARED, criterion=one) for name, one in CRITERIA.items()}
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
    fusion = fuse(judged, recipe, info, table_sha256=first.sha256, deep_sha256=second.sha256)
    digest = cascade.write(fusion, path)
    text = json.dumps({"rows": len(judged.dataset), "budgets": found, "criteria": compared}, indent=1)
    write_bytes(EVALUATIONS / f"{NAME}-{VERSION}.json", text.encode() + b"\n")
    size = path.stat().st_size
    told = of_cascade(fusion, first, second, found, rows=len(judged.dataset), sha256=digest, size_bytes=size)
    write_bytes(path.with_suffix(".md"), told.encode())
    entry = CascadeEntry(table=str(first.id), deep=str(second.id), file=path.name, sha256=digest, bytes=size)
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
