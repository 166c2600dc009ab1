"""Build a candidate model from a recipe: `python -m training.build training/recipes/g7-seeds.toml`.

Writes `<name>-<version>.safetensors` and `<name>-<version>.evaluation.json` to a folder; publish.py ships them.
The seeds are always learned from; `--data FILE` adds labelled rows that the repository does not hold, and `--soft FILE
--texts FOLDER` sentences that a teacher has read (training.teacher.score; one file a teacher). The sha256 of each then
stands in the model. The same recipe and files give the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from g7classify import modelfile
from g7classify.errors import G7ClassifyError
from g7classify.learn import split
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.fit import Trained, train
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.learn.recipe import Recipe
from training import command_line, taught

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "seeds" / "labelled"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A built model that is not shipped yet."""

    path: Path
    sha256: str
    evaluation: Evaluation


def build(
    recipe_path: Path,
    data: tuple[Path, ...],
    out: Path,
    *,
    read: tuple[Sequence[Path], Path] | None = None,
    n_jobs: int | None = None,
) -> Candidate:
    """Train by a recipe on the seeds and further files, and write the candidate.

    Args:
        recipe_path: the recipe.
        data: labelled rows beside the seeds.
        out: folder of the candidate.
        read: scores, one file a teacher, and the folder of the text files that they read.
        n_jobs: threads.

    Raises:
        RecipeError, DataError, EncodingError, UnreadableFileError: an input cannot be used.
    """
    recipe = Recipe.read(recipe_path)
    trained = train_on(recipe, data, read=read, n_jobs=n_jobs)
    out.mkdir(parents=True, exist_ok=True)
    stem = out / f"{recipe.name}-{recipe.version}"
    path = stem.with_name(f"{stem.name}.safetensors")
    digest = modelfile.write(trained.model, path)
    stem.with_name(f"{stem.name}.evaluation.json").write_text(
        trained.evaluation.model_dump_json(indent=1) + "\n", encoding="utf-8"
    )
    return Candidate(path, digest, trained.evaluation)


def train_on(
    recipe: Recipe,
    data: tuple[Path, ...],
    *,
    read: tuple[Sequence[Path], Path] | None = None,
    n_jobs: int | None = None,
) -> Trained:
    """Train on the seeds and further files, and on what teachers have read."""
    paths = [*files(SEEDS), *files(data)]
    dataset = Dataset.read(paths)
    known = digests(paths)
    soft = None
    if read is not None:
        folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
        soft, more = taught.read(*read, dataset.codebook, folds_sha256=split.digest(dataset, folds))
        known |= more
    return train(dataset, recipe, soft=soft, data_sha256=known, n_jobs=n_jobs, progress=show)


def show(done: int, total: int, message: str) -> None:
    """Say on stderr what is being done."""
    click.echo(f"[{done}/{total}] {message}", err=True)


@click.command()
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command_line.data
@command_line.soft
@command_line.texts
@click.option(
    "--out", default=ROOT / "build" / "models", type=click.Path(path_type=Path), help="Folder of the candidate."
)
@click.option("--jobs", type=int, help="Threads; all cores by default.")
def main(
    recipe: Path, data: tuple[Path, ...], soft: tuple[Path, ...], texts: Path | None, out: Path, jobs: int | None
) -> None:
    """Build a candidate model from a RECIPE."""
    read = command_line.read(soft, texts)
    try:
        candidate = build(recipe, data, out, read=read, n_jobs=jobs)
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error
    overall = candidate.evaluation.overall
    click.echo(f"{candidate.path}  {candidate.path.stat().st_size:,} bytes  sha256 {candidate.sha256}")
    click.echo(
        f"cross-validated on {overall.rows:,} rows, at the shipped thresholds: sub-type macro-F1 "
        f"{overall.subtype_macro_f1.value}, micro-F1 {overall.subtype_micro_f1.value}, category macro-F1 "
        f"{overall.category_macro_f1.value}"
    )


if __name__ == "__main__":
    sys.exit(main())
