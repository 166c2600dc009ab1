"""`g7classify train`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from g7classify import modelfile, registry
from g7classify.cli.parameters import codebook, codebook_option, path_argument
from g7classify.errors import ModelFileError, OptionError, UnreadableFileError

if TYPE_CHECKING:
    from g7classify.deep.model import DeepModel


@click.command()
@click.argument("data", nargs=-1, required=True, type=path_argument)
@click.option("-o", "--output", required=True, type=path_argument, help="The model file to write, *.safetensors.")
@click.option("--recipe", type=path_argument, help="Hyper-parameters and seed, TOML.")
@codebook_option
@click.option("--name", help="Of the model, instead of the recipe's.")
@click.option("--deep", is_flag=True, help="A head on the transformer of g7-deep, instead of a table.")
@click.option(
    "--tune",
    is_flag=True,
    help="Tune the transformer of g7-deep too: minutes to an hour. Goes on from OUTPUT.tuning where it was broken off.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Threads.  [default: one a core]")
def train(
    data: tuple[Path, ...],
    *,
    output: Path,
    recipe: Path | None,
    codebook_path: Path | None,
    name: str | None,
    deep: bool,
    tune: bool,
    jobs: int | None,
) -> None:
    """Train a model on labelled rows.

    DATA are JSONL files, or folders of them; each row has a text and its labels. The same rows and recipe give the
    same file, byte for byte.
    """
    from g7classify.learn import figures, fit
    from g7classify.learn.dataset import Dataset, digests, files
    from g7classify.learn.recipe import Recipe

    if output.suffix != ".safetensors":
        raise OptionError(f"--output {output}: expected a name that ends in .safetensors")
    if not output.absolute().parent.is_dir():
        raise UnreadableFileError(f"cannot write {output}: there is no folder {output.parent}; make it first")
    chosen = Recipe().complete() if recipe is None else Recipe.read(recipe)
    if name is not None:
        chosen = chosen.renamed(name)
    dataset, known = Dataset.read(data, codebook=codebook(codebook_path)), digests(files(data))

    def progress(done: int, total: int, message: str) -> None:
        click.echo(f"[{done}/{total}] {message}", err=True)

    if tune:
        from g7classify.tune import tune as tune_model

        folder = output.with_name(f"{output.name}.tuning")
        tuned = tune_model(dataset, chosen, shipped_deep(), folder=folder, data_sha256=known, progress=progress)
        sha256, evaluation = tuned.write(output), tuned.evaluation
        click.echo(tuned.compared, err=True)
    elif deep:
        from g7classify.deep import file
        from g7classify.learn import deep as heads

        head = heads.train(dataset, chosen, shipped_deep(), data_sha256=known, progress=progress)
        sha256, evaluation = file.write(head.model, output), head.evaluation
    else:
        trained = fit.train(dataset, chosen, data_sha256=known, n_jobs=jobs, progress=progress)
        sha256, evaluation = modelfile.write(trained.model, output), trained.evaluation
    figures.write(evaluation, sys.stdout)
    click.echo(f"wrote {output}, sha256 {sha256}", err=True)


def shipped_deep() -> DeepModel:
    """The deep model that heads and tuning start from."""
    from g7classify.deep.model import DeepModel

    base, _ = registry.read("g7-deep")
    if not isinstance(base, DeepModel):
        raise ModelFileError("g7-deep as shipped is no deep model; reinstall g7classify")
    return base
