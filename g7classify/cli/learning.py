"""`g7classify train`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from g7classify import modelfile, registry
from g7classify.cli.parameters import codebook, codebook_option, path_argument
from g7classify.errors import ModelFileError, OptionError, UnreadableFileError


@click.command()
@click.argument("data", nargs=-1, required=True, type=path_argument)
@click.option("-o", "--output", required=True, type=path_argument, help="The model file to write, *.safetensors.")
@click.option("--recipe", type=path_argument, help="Hyper-parameters and seed, TOML.")
@codebook_option
@click.option("--name", help="Of the model, instead of the recipe's.")
@click.option("--deep", is_flag=True, help="A head on the transformer of g7-deep, instead of a table.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Threads.  [default: one a core]")
def train(
    data: tuple[Path, ...],
    *,
    output: Path,
    recipe: Path | None,
    codebook_path: Path | None,
    name: str | None,
    deep: bool,
    jobs: int | None,
) -> None:
    """Train a model on labelled rows.

    DATA are JSONL files, or folders of them; each row has a text and its labels. The same rows and recipe give the
    same file, byte for byte.
    """
    from g7classify.learn import card, figures, fit
    from g7classify.learn.dataset import Dataset, digests, files
    from g7classify.learn.recipe import Recipe

    if output.suffix != ".safetensors":
        raise OptionError(f"--output {output}: expected a name that ends in .safetensors")
    if not output.absolute().parent.is_dir():
        raise UnreadableFileError(f"cannot write {output}: there is no folder {output.parent}; make it first")
    card.place(output)  # refused before anything is trained
    chosen = Recipe().complete() if recipe is None else Recipe.read(recipe)
    if name is not None:
        chosen = chosen.renamed(name)
    dataset, known = Dataset.read(data, codebook=codebook(codebook_path)), digests(files(data))

    def progress(done: int, total: int, message: str) -> None:
        click.echo(f"[{done}/{total}] {message}", err=True)

    if deep:
        from g7classify.deep import file, model
        from g7classify.learn import deep as heads

        base, _ = registry.read("g7-deep")
        if not isinstance(base, model.DeepModel):
            raise ModelFileError("g7-deep as shipped is no deep model; reinstall g7classify")
        head = heads.train(dataset, chosen, base, data_sha256=known, progress=progress)
        sha256, evaluation = file.write(head.model, output), head.evaluation
        told = card.write(head, dataset, chosen, output)
    else:
        trained = fit.train(dataset, chosen, data_sha256=known, n_jobs=jobs, progress=progress)
        sha256, evaluation = modelfile.write(trained.model, output), trained.evaluation
        told = card.write(trained, dataset, chosen, output)
    figures.write(evaluation, sys.stdout)
    click.echo(f"wrote {output}, sha256 {sha256}, and its card {told}", err=True)
