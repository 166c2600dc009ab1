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
from pydantic import ValidationError

from g7classify.deep import base
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.learn.recipe import Recipe
from training import command_line, taught
from training.build import ROOT
from training.teacher import adapters, rows, teacher
from training.teacher.loop import Run
from training.teacher.options import Options
from training.teacher.teacher import Card

CHECKPOINT = "checkpoint.pt"
ADAPTERS_RATE = 2e-3  # on a GPU, fold 0, rank 32: .763 in sub-type macro-F1 at 2e-3, .748 at 1e-3, .728 at 5e-4
DEFAULT = Options()


class Pace:
    """Speed since the last line, and the time left."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._started, self._first = time.monotonic(), run.step
        self._since, self._rows, self._losses = self._started, 0, list[float]()

    def count(self, rows: int, loss: float) -> None:
        """A step was done."""
        self._rows += rows
        self._losses.append(loss)

    def line(self) -> str:
        """Loss and speed since the last line; the time left by the tokens done since the start."""
        now, run = time.monotonic(), self._run
        done, left = run.work[self._first : run.step].sum(), run.work[run.step :].sum()
        text = (
            f"step {run.step:,}/{run.steps:,}  loss {sum(self._losses) / max(1, len(self._losses)):.4f}  "
            f"{self._rows / (now - self._since):.1f} rows/s  {left / done * (now - self._started) / 60:.1f} min left"
        )
        self._since, self._rows, self._losses = now, 0, []
        return text


def train(run: Run, folder: Path, *, report: Callable[[str], None], report_every: int, save_every: int) -> Card:
    """Fine-tune to the end, from the folder's checkpoint if there is one, and write the teacher to the folder.

    Args:
        run: not started.
        folder: where the teacher and, until it is done, the checkpoint lie; made if need be.
        report: called with a line every `report_every` steps and after each epoch.
        report_every: steps.
        save_every: steps from one checkpoint to the next; there is one after each epoch too.

    Raises:
        OptionError: the checkpoint is of another run.
        UnreadableFileError: the folder may not be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    if checkpoint.exists():
        run.resume(checkpoint)
    report(f"{run.card.rows:,} rows, {run.steps:,} steps on {run.model.position.device}, {run.step:,} of them done")
    pace = Pace(run)
    while run.step < run.steps:
        pace.count(*run.advance())
        if run.step % report_every == 0:
            report(pace.line())
        if run.epoch_ended:
            figures = run.judge()
            report(f"epoch done: {figures.model_dump_json() if figures else 'nothing is held out'}")
        if run.epoch_ended or run.step % save_every == 0:
            run.save(checkpoint)
    if run.card.options.rank:
        adapters.tuned(run.model, run.base, run.card).write(folder / teacher.ADAPTERS)
    else:
        teacher.write(folder, run.model, run.card)
    checkpoint.unlink(missing_ok=True)
    return run.card


def fold_number(_context: click.Context, _parameter: click.Parameter, value: str) -> int | None:
    """A fold as the command line gives it; "none" is None."""
    if value == "none":
        return None
    if not value.isdecimal():
        raise click.BadParameter(f"expected a number or none, got {value!r}")
    return int(value)


def checked(**values: Any) -> Options:
    """Options. Raises OptionError, which names what is out of its range."""
    try:
        return Options(**values)
    except ValidationError as error:
        raise OptionError("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())) from error


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
@click.option("--save-every", default=500, show_default=True, type=click.IntRange(1), help="Steps.")
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
    save_every: int,
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
        options = checked(
            fold=fold,
            folds=chosen.folds,
            epochs=epochs,
            batch=batch,
            rank=rank,
            rate=rate if rate is not None else ADAPTERS_RATE if rank else DEFAULT.rate,
            longest=longest,
            frozen=frozen,
            seed=seed,
        )
        known = rows.read(data, chosen, fold=fold)
        read, digests = taught.read(*given, known.dataset.codebook) if given else (None, None)
        if read and fold is not None and read.folds != (fold,):  # with nothing held out, the mean of all is learned
            raise OptionError(
                f"{', '.join(map(str, soft))}: what it learns from held out the folds {read.folds}, and it is to hold "
                f"out {fold}"
            )
        run = Run(base.read(base.path()), known, options, soft=read, soft_sha256=digests)
        train(run, output, report=report, report_every=report_every, save_every=save_every)
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
