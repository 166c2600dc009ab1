"""How well the shipped model tags, beside what one could pick instead, on the same rows: `make quality`.

In cross-validation every row is scored by a model that saw neither it, nor its group, nor a near-duplicate; the
decisions on a fold are fitted on the other folds; figures are of the rows that calibrate. Held-out rows were never
trained or tuned on: systems that learned from all rows tag them with the decisions that cross-validation chose. The
learning curve, transfer between languages and the peers are measured on the first fold alone, and held-out rows are
tagged by the very systems that learned from its other folds. With `--soft` and `--texts`, as in training.build, ours
also learns from what a teacher without the fold has read.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

import g7classify
from benchmarks import quality_plots, quality_tables, records
from benchmarks.peer_rows import FOLDER
from benchmarks.quality_accuracy import cross_validation, held_out
from benchmarks.quality_agreement import agreement, passes
from benchmarks.quality_curve import learning_curve, transfer
from benchmarks.quality_peers import closed, compare, scores
from benchmarks.quality_robustness import noisy
from benchmarks.quality_rows import Rows
from benchmarks.quality_systems import OURS, TAUGHT, Fits, learners
from benchmarks.quality_teacher import TeacherScores
from g7classify.codebook import CODEBOOK
from g7classify.errors import G7ClassifyError
from g7classify.learn.recipe import Recipe
from g7classify.tagger import Tagger
from training import command_line, taught
from training.verify import RECIPES

PARTS = ("accuracy", "curve", "transfer", "peers", "agreement")


def measure(
    parts: tuple[str, ...],
    rows: Rows,
    fits: Fits,
    *,
    tagger: Tagger | None,
    teacher: TeacherScores | None,
    held_out_path: Path | None,
) -> dict[str, Any]:
    """The figures of some parts."""
    chief = TAUGHT if TAUGHT in fits.learners else OURS
    figures: dict[str, Any] = {}
    if "accuracy" in parts:
        part, decisions = cross_validation(rows, fits, teacher)
        figures["cross_validation"] = part.figures(chief)
        if rows.test is not None and tagger is not None:
            tested, lost = held_out(rows.test, fits, decisions, tagger)
            figures["held_out"] = tested.figures(next(iter(tested.judged)))
            figures["robustness"] = lost
    if "curve" in parts:
        figures["learning_curve"] = learning_curve(rows, fits)
    if "transfer" in parts:
        figures["transfer"] = transfer(rows, fits)
    if "peers" in parts:
        scored, unavailable = scores(rows, fits, teacher, FOLDER)
        found = compare(rows, scored, chief)
        figures["peers"] = {
            "chief": chief,
            "fold": rows.first,
            "parts": found,
            "unavailable": unavailable,
            "way_to_teacher": {part: closed(systems, OURS, TAUGHT) for part, systems in found.items()},
        }
    if "agreement" in parts and rows.test is not None and held_out_path is not None:
        both = passes(held_out_path, rows.test.codebook)
        figures["agreement"] = agreement(rows.test, *both) if both else None
    return figures


@click.command()
@click.option("--recipe", default=RECIPES / "g7-base.toml", type=click.Path(exists=True, path_type=Path))
@command_line.data
@click.option(
    "--held-out",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of labelled rows never trained on.",
)
@click.option("--model", help="Shipped model that tags the held-out rows; by default the recipe's.")
@command_line.soft
@command_line.texts
@click.option(
    "--teacher-scores",
    type=click.Path(exists=True, path_type=Path),
    help="A teacher's scores of labelled rows, each by one that had not seen its fold: see quality_teacher.",
)
@click.option(
    "--part", "parts", multiple=True, type=click.Choice(PARTS), help="A part alone, printed and not recorded."
)
def main(
    recipe: Path,
    data: tuple[Path, ...],
    held_out: Path | None,
    model: str | None,
    soft: tuple[Path, ...],
    texts: Path | None,
    teacher_scores: Path | None,
    parts: tuple[str, ...],
) -> None:
    """Print and record the quality of a recipe, of its shipped model and of their peers."""
    given = command_line.read(soft, texts)
    start = time.perf_counter()
    # What is not there is to be known at once, before the long training.
    if held_out and not parts and find_spec("matplotlib") is None:
        raise click.ClickException("the pictures need matplotlib: pip install 'g7classify[bench]'")
    try:
        chosen = Recipe.read(recipe)
        tagger = g7classify.load(model or f"{chosen.name}@{chosen.version}") if held_out else None
        teacher = TeacherScores.read(teacher_scores, CODEBOOK) if teacher_scores else None
        read = taught.read(*given, CODEBOOK)[0] if given else None
        rows = Rows.read(chosen, data, held_out, judged=None if read is None else read.folds)
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error
    variants = tuple(noisy(rows.test.texts).values()) if rows.test else ()
    fits = Fits(rows, learners(rows, read), variants)
    found = measure(parts or PARTS, rows, fits, tagger=tagger, teacher=teacher, held_out_path=held_out)
    quality_tables.show(found)
    if parts or not held_out:
        click.echo("not recorded: that takes all parts, and --held-out as the pages need its figures too")
        return
    figures = {
        "recipe": recipe.name,
        "rows": len(rows.dataset),
        "folds": [fold + 1 for fold in rows.judged],
        "seconds": round(time.perf_counter() - start),
        **found,
    }
    path = records.write("quality", figures)
    drawn = quality_plots.draw(figures, path.parent)
    click.echo(f"written to {', '.join(str(one) for one in (path, *drawn))}")


if __name__ == "__main__":
    sys.exit(main())
