"""Build a candidate of a deep model: `python -m training.deep.build training/recipes/deep/g7-deep.toml ...`.

`--tuned FILE` gives adapters that training.teacher.finetune wrote: one file a fold that was held out, at least two of
them, and one of all rows. Those of a fold score its rows, run in eight bits as the shipped ones are; on these scores
the decisions are fitted, and each fold is judged by the decisions of the others. The seeds are always among the rows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from g7classify.deep import base, file
from g7classify.deep.encoder import Encoder
from g7classify.deep.model import BASE, DeepModel
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.learn import split
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.fit import decide, deciding_rows, describe
from g7classify.learn.recipe import Recipe
from training import command_line
from training.build import ROOT, SEEDS, Candidate
from training.deep.tuned import Tuned
from training.stated import Stated


class DeepRecipe(Recipe):
    """Of the choices in a recipe, those of folds and decisions; and what the adapters have to be."""

    rank: int = Field(ge=1, le=128, description="of the low-rank matrices")
    longest: int = Field(ge=5, le=512, description="tokens of a sentence that are read")


class Parted(NamedTuple):
    """Adapters by the fold that they did not see, and those of all rows."""

    folds: dict[int, Tuned]
    whole: Tuned


def build(recipe_path: Path, data: Sequence[Path], tuned: Sequence[Path], out: Path) -> Candidate:
    """Score every fold with the adapters that did not see it, fit the decisions, and write the candidate.

    Raises:
        OptionError: adapters of other rows, folds, rank or length than the recipe's, two of the same fold, or none of
            all rows.
        RecipeError, DataError, EncodingError, UnreadableFileError, ModelFileError: an input cannot be used.
    """
    recipe = DeepRecipe.read(recipe_path)
    paths = [*files(SEEDS), *files(tuple(data))]
    dataset, known = Dataset.read(paths), digests(paths)
    folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    by_fold, shipped = parted(tuned, recipe, known, dataset, folds)
    telling = deciding_rows(dataset, recipe, folds, by_fold)
    judged = dataset.select(telling)
    scores = cross_score(by_fold, folds[telling], judged.texts)
    decisions, evaluation = decide(scores, folds[telling], judged, recipe)
    info = describe(dataset, recipe, evaluation, shipped.card.data_sha256)
    model = DeepModel(
        info=info,
        codebook=dataset.codebook,
        base=BASE,
        adapters=shipped.adapters,
        head=shipped.head,
        bias=shipped.bias,
        slope=decisions.slope,
        intercept=decisions.intercept,
        thresholds=decisions.thresholds,
        bands=decisions.bands,
        longest=recipe.longest,
    )
    model = replace(model, info=replace(info, recipe_sha256=Stated.read(recipe_path, model).sha256))
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{recipe.name}-{recipe.version}.safetensors"
    digest = file.write(model, path)
    path.with_suffix(".evaluation.json").write_text(evaluation.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return Candidate(path, digest, evaluation)


def parted(
    paths: Sequence[Path], recipe: DeepRecipe, known: dict[str, str], dataset: Dataset, folds: NDArray[np.int64]
) -> Parted:
    """The adapters in some files, checked; `folds` (n,) are those of the rows. Raises OptionError as `build`."""
    found: dict[int | None, Tuned] = {}
    digest = split.digest(dataset, folds)
    for path in paths:
        tuned = Tuned.read(path)
        card, rank = tuned.card, tuned.adapters.attend_down.shape[1]
        read = {name: card.data_sha256.get(name) for name in known}
        checks: tuple[tuple[str, object, object], ...] = (
            ("labels", card.labels, dataset.codebook.names),
            ("base", card.base_sha256, BASE.sha256),
            ("rank", rank, recipe.rank),
            ("longest", card.longest, recipe.longest),
            ("folds", card.folds, recipe.folds),
            ("sha256 of the folds", card.folds_sha256 or digest, digest),  # older files have none
            ("rows' files", read, known),
        )
        for name, value, expected in checks:
            if value != expected:
                raise OptionError(f"{path}: {name}: expected {expected}, got {value}; tune it by the recipe")
        if card.fold in found:
            raise OptionError(f"{path}: adapters of the fold {card.fold} were given already")
        found[card.fold] = tuned
    by_fold = {fold: tuned for fold, tuned in found.items() if fold is not None}
    if None not in found or len(by_fold) < 2:
        raise OptionError(f"adapters: expected some of all rows and of two folds or more, got those of {list(found)}")
    return Parted(by_fold, found[None])


def cross_score(tuned: dict[int, Tuned], folds: NDArray[np.int64], texts: Sequence[str]) -> NDArray[np.float64]:
    """Scores (n, k) of n texts, each by the adapters that did not see its fold (n,)."""
    weights = base.read(base.path(), sha256=BASE.sha256)
    labels = len(next(iter(tuned.values())).card.labels)
    found = np.full((len(texts), labels), np.nan)
    for fold, one in tuned.items():
        rows = np.flatnonzero(folds == fold)
        click.echo(f"fold {fold}: {len(rows):,} sentences", err=True)
        encoder = Encoder(weights, one.adapters, longest=one.card.longest)
        found[rows] = encoder.vectors([texts[row] for row in rows.tolist()]) @ one.head.T + one.bias
    return found


@click.command()
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command_line.data
@command_line.tuned
@click.option("--out", default=ROOT / "build" / "models", type=click.Path(path_type=Path), help="Folder.")
def main(recipe: Path, data: tuple[Path, ...], tuned: tuple[Path, ...], out: Path) -> None:
    """Build a candidate from a RECIPE and tuned adapters."""
    try:
        candidate = build(recipe, data, tuned, out)
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error
    overall = candidate.evaluation.overall
    click.echo(f"{candidate.path}  {candidate.path.stat().st_size:,} bytes  sha256 {candidate.sha256}")
    click.echo(
        f"cross-validated on {overall.rows:,} rows: sub-type macro-F1 {overall.subtype_macro_f1.value}, micro-F1 "
        f"{overall.subtype_micro_f1.value}, category macro-F1 {overall.category_macro_f1.value}"
    )


if __name__ == "__main__":
    sys.exit(main())
