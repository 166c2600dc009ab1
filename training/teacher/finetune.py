"""Fine-tune a teacher: `python -m training.teacher.finetune --data FILE --hold-out-fold 0 --output build/teacher/0`.

It learns from the seeds and the given rows, less one fold of the light models' cross-validation, on whose naturally
drawn rows it is judged after each epoch. `--rank 40` tunes adapters instead of whole matrices, of which training.deep
builds a deep model. A run that was broken off goes on from its last checkpoint when the same command is given again. It
runs on a GPU where there is one.

With `--soft FILE --texts FOLDER` it learns also from what an earlier teacher of the same fold has read
(training.teacher.score), so that it has seen the sentences that it will read (self-training: Xie et al. 2020,
"Self-training with noisy student improves ImageNet classification").
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from g7classify.deep import base
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.learn.recipe import Recipe
from g7classify.tune import adapters, checkpoint
from g7classify.tune.loop import Run, finish, identify
from g7classify.tune.options import ADAPTERS_RATE, Options, checked
from training import command_line, taught
from training.build import ROOT
from training.deep.tuned import Tuned, TunedCard
from training.teacher import rows, teacher

DEFAULT = Options()


def train(run: Run, folder: Path, *, report: Callable[[str], None], report_every: int) -> None:
    """Fine-tune to the end, from the folder's checkpoint if there is one, and write what was tuned to the folder.

    Args:
        run: not started.
        folder: where the teacher or the adapters and, until it is done, the checkpoint lie; made if need be.
        report: called with a line every `report_every` steps and after each epoch.
        report_every: steps.

    Raises:
        OptionError: the checkpoint is of another run.
        UnreadableFileError: the folder may not be written.
    """
    finish(run, folder, report=report, report_every=report_every)
    if run.identity.options.rank:
        tuned_of(run).write(folder / teacher.ADAPTERS)
    else:
        card = teacher.Card(**dict(run.identity), figures=run.figures)
        teacher.write(folder, run.model, card)
    checkpoint.end(folder)


def tuned_of(run: Run) -> Tuned:
    """The adapters and the head of a run at a rank above 0, as the file from which a deep model is built."""
    identity, options = run.identity, run.identity.options
    card = TunedCard(
        labels=identity.labels,
        base_sha256=identity.encoder_sha256,
        longest=options.longest,
        fold=options.fold,
        folds=options.folds,
        folds_sha256=identity.folds_sha256,
        rows=identity.rows,
        data_sha256=identity.data_sha256,
        options=options.model_dump(mode="json"),
    )
    head, bias = adapters.array(run.model.head.weight), adapters.array(run.model.head.bias)
    return Tuned(adapters.tuned(run.model, run.base), head, bias, card)


def fold_number(_context: click.Context, _parameter: click.Parameter, value: str) -> int | None:
    """A fold as the command line gives it; "none" is None."""
    if value == "none":
        return None
    if not value.isdecimal():
        raise click.BadParameter(f"expected a number or none, got {value!r}")
    return int(value)


@click.command()
@command_line.data
@click.option("--hold-out-fold", "fold", callback=fold_number, required=True, help="0 .. folds - 1, or none.")
@click.option("--folds", type=int, help="As in the recipe by default.")
@click.option(
    "--recipe",
    default=ROOT / "training" / "recipes" / "g7-base.toml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Of the light model whose folds these are.",
)
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder.")
@command_line.soft
@command_line.texts
@click.option("--epochs", default=DEFAULT.epochs, show_default=True)
@click.option("--batch", default=DEFAULT.batch, show_default=True, help="Labelled rows a step.")
@click.option(
    "--rank", default=0, show_default=True, help="Of adapters, which are tuned instead of whole matrices; 0 = none."
)
@click.option("--rate", type=float, help=f"AdamW's; {DEFAULT.rate:g} by default, {ADAPTERS_RATE:g} for adapters.")
@click.option("--longest", default=DEFAULT.longest, show_default=True, help="Tokens a sentence.")
@click.option("--frozen", default=DEFAULT.frozen, show_default=True, help="Lowest layers that are left as they are.")
@click.option("--seed", default=DEFAULT.seed, show_default=True)
@click.option("--report-every", default=200, show_default=True, type=click.IntRange(1), help="Steps.")
def main(
    data: tuple[Path, ...],
    fold: int | None,
    folds: int | None,
    recipe: Path,
    output: Path,
    soft: tuple[Path, ...],
    texts: Path | None,
    epochs: int,
    batch: int,
    rank: int,
    rate: float | None,
    longest: int,
    frozen: int,
    seed: int,
    report_every: int,
) -> None:
    """Fine-tune a teacher on the seeds and other labelled rows."""
    given = command_line.read(soft, texts)
    started = time.monotonic()

    def report(line: str) -> None:
        click.echo(f"{(time.monotonic() - started) / 60:6.1f} min  {line}")

    try:
        chosen = Recipe.read(recipe)
        if folds is not None:
            chosen = chosen.model_copy(update={"folds": folds})
        given_rate: dict[str, Any] = {} if rate is None else {"rate": rate}
        options = checked(
            fold=fold,
            folds=chosen.folds,
            epochs=epochs,
            batch=batch,
            rank=rank,
            longest=longest,
            frozen=frozen,
            seed=seed,
            **given_rate,
        )
        known = rows.read(data, chosen, fold=fold)
        read, digests = None, None
        if given:
            read, digests = taught.read(*given, known.dataset.codebook, folds_sha256=known.folds_sha256)
        if read and fold is not None and read.folds != (fold,):  # with nothing held out, the mean of all is learned
            raise OptionError(
                f"{', '.join(map(str, soft))}: what it learns from held out the folds {read.folds}, and it is to hold "
                f"out {fold}"
            )
        weights = base.read(base.path())
        run = Run(weights, known, identify(weights, known, options, soft_sha256=digests), soft=read)
        train(run, output, report=report, report_every=report_every)
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
