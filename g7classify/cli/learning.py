"""`g7classify train` and `g7classify update`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from g7classify import Tagger, modelfile, registry
from g7classify.cli import outputs
from g7classify.cli.cleaning import cleaning_options, to_learn_from
from g7classify.cli.parameters import (
    AUTO,
    Option,
    codebook,
    codebook_option,
    layout_options,
    other_layout_option,
    path_argument,
    share,
)
from g7classify.cli.progress import shown
from g7classify.errors import ForgettingError, ModelFileError, OptionError

if TYPE_CHECKING:
    from g7classify.codebook import Codebook
    from g7classify.deep.model import DeepModel
    from g7classify.learn.data.cleaning import Way
    from g7classify.learn.searching import Searched

output_option: Option = click.option(
    "-o", "--output", required=True, type=path_argument, help="The model file to write, *.safetensors."
)
recipe_option: Option = click.option("--recipe", type=path_argument, help="Hyper-parameters and seed, TOML.")
jobs_option: Option = click.option("-j", "--jobs", type=click.IntRange(min=1), help="Threads.  [default: one a core]")

# Three figures of the same rows and folds that differ: said apart, so that they do not seem to contradict each other.
RACE: Final = """\
race F1: macro-F1 of scores before calibration, each label at the threshold that is best on these very rows; it ranks
recipes and is no result. Below, `macro` is what to expect: at thresholds fitted on other folds. `best` is again at the
best thresholds, after calibration. The recipe was picked on these folds, so all of it is a little too good"""


@click.command()
@click.argument("data", nargs=-1, required=True, type=path_argument)
@output_option
@recipe_option
@codebook_option
@layout_options
@cleaning_options
@click.option("--with", "beside", multiple=True, type=path_argument, help="More rows to learn from, but not judge by.")
@click.option("--with-codebook", type=path_argument, help="Theirs.  [default: the shipped one]")
@other_layout_option("with", "--with")
@click.option("--name", help="Of the model, instead of the recipe's.")
@click.option("--task", type=click.Choice(["multi-label", "single-label"]), help="Instead of the recipe's.")
@click.option("--weights", type=click.Choice(["equal", "balanced"]), help="Instead of the recipe's.")
@click.option("--search", "seconds", type=click.IntRange(min=1), help="Seconds to look for a better recipe first.")
@click.option("--deep", is_flag=True, help="A head on the transformer of g7-deep, instead of a table.")
@click.option(
    "--base",
    type=click.Choice(["g7-deep", "e5"]),
    default="g7-deep",
    show_default=True,
    help="Whose transformer --deep takes: e5 is multilingual-e5-small before it learned our labels, for other fields.",
)
@click.option(
    "--tune",
    is_flag=True,
    help="Tune the transformer of g7-deep too: minutes to an hour. Goes on from OUTPUT.tuning where it was broken off.",
)
@jobs_option
def train(
    data: tuple[Path, ...],
    *,
    output: Path,
    recipe: Path | None,
    codebook_path: Path | None,
    min_rows: int,
    conflicts: Way,
    beside: tuple[Path, ...],
    with_codebook: Path | None,
    with_layout: dict[str, Any] | None,
    name: str | None,
    task: str | None,
    weights: str | None,
    seconds: int | None,
    deep: bool,
    base: str,
    tune: bool,
    jobs: int | None,
    **layout: Any,
) -> None:
    """Train a model on labelled rows.

    DATA are files of labelled rows, or folders of them: JSONL, CSV, Parquet, fastText, and what annotation tools
    export. Each row has a text and its labels. Of fewer than 5,000 rows and without a recipe, cross-validation chooses
    among a handful of recipes. The same rows and recipe give the same file, byte for byte. Interrupted, it leaves the
    file that was there before, or none.
    """
    from g7classify.learn import fit, searching, vectors
    from g7classify.learn.cards import card
    from g7classify.learn.dataset import Dataset, digests, files
    from g7classify.learn.judging import figures
    from g7classify.learn.recipe import Recipe

    check_output(output)
    for option, given in (("--with", beside), ("--search", seconds), ("--weights", weights)):
        if (deep or tune) and given:
            raise OptionError(f"{option} is for tables; a deep model does without: leave it or --deep and --tune out")
    chosen = Recipe().complete() if recipe is None else Recipe.read(recipe)
    stated: dict[str, Any] = {"name": name, "task": task, "weights": weights}
    chosen = chosen.changed(**{key: value for key, value in stated.items() if value is not None})
    dataset = Dataset.read(data, codebook=codebook(codebook_path), **layout)
    dataset = to_learn_from(dataset, conflicts, inferred=codebook_path == AUTO, min_rows=min_rows)
    others = [Dataset.read(beside, codebook=codebook(with_codebook), **(with_layout or layout))] if beside else []
    known = digests(files([*data, *beside]))
    searched: Searched | None = None
    with shown() as progress:
        if seconds:
            searched = searching.search(dataset, chosen, seconds=seconds, beside=others, n_jobs=jobs, progress=progress)
            chosen = searched.recipe
        elif recipe is None and not (deep or tune):
            searched = searching.settle(dataset, chosen, beside=others, n_jobs=jobs, progress=progress)
            chosen = searched.recipe
        if tune:
            from g7classify.tune import tune as tune_model

            folder, rows = output.with_name(f"{output.name}.tuning"), fit.for_task(dataset, chosen)
            tuned = tune_model(rows, chosen, shipped_deep(), folder=folder, data_sha256=known, progress=progress)
            trained: card.Trained = tuned
            sha256 = tuned.write(output)
        elif deep:
            from g7classify.deep import file
            from g7classify.deep.model import plain
            from g7classify.learn import deep as heads

            start = plain() if base == "e5" else shipped_deep()
            head = heads.train(fit.for_task(dataset, chosen), chosen, start, data_sha256=known, progress=progress)
            trained, sha256 = head, file.write(head.model, output)
        else:
            chosen = vectors.pinned(chosen)  # the card names them
            table = fit.train(dataset, chosen, beside=others, data_sha256=known, n_jobs=jobs, progress=progress)
            trained, sha256 = table, modelfile.write(table.model, output)
        told = card.write(trained, dataset, chosen, output)
    if searched is not None and searched.tried:
        write_tried(searched)
        click.echo(RACE, err=True)
    if tune:
        click.echo(tuned.compared, err=True)
    figures.write(trained.evaluation, sys.stdout)
    click.echo(f"wrote {output}, sha256 {sha256}, and its card {told}", err=True)


@click.command()
@click.argument("model")
@click.argument("data", nargs=-1, required=True, type=path_argument)
@output_option
@click.option(
    "--codebook",
    "codebook_path",
    type=path_argument,
    help="Of DATA: new labels, with or without the model's, TOML or JSON, or `auto`.  [default: the model's]",
)
@layout_options
@cleaning_options
@click.option("--replay", multiple=True, type=path_argument, help="Labelled rows of before, which hold the old labels.")
@click.option("--replay-codebook", type=path_argument, help="Theirs.  [default: the model's]")
@click.option(
    "--check",
    "unseen",
    multiple=True,
    type=path_argument,
    help="Labelled rows that the model has not learned from, to judge the old labels by.  [default: the replay]",
)
@other_layout_option("replay", "--replay and --check")
@click.option(
    "--allowed-loss",
    type=share,
    default=0.01,
    show_default=True,
    help="What macro-F1 of the old labels may lose beyond chance, and F1 of one 20 times.",
)
@click.option("--force", is_flag=True, help="Write the model even if more is lost, or the new labels look shuffled.")
@recipe_option
@jobs_option
@click.option("--json", "as_json", is_flag=True, help="What changed, as JSON.")
def update(
    model: str,
    data: tuple[Path, ...],
    *,
    output: Path,
    codebook_path: Path | None,
    min_rows: int,
    conflicts: Way,
    replay: tuple[Path, ...],
    replay_codebook: Path | None,
    replay_layout: dict[str, Any] | None,
    unseen: tuple[Path, ...],
    allowed_loss: float,
    force: bool,
    recipe: Path | None,
    jobs: int | None,
    as_json: bool,
    **layout: Any,
) -> None:
    """Learn new rows, and new labels, without forgetting the old ones.

    MODEL is the name of a table, shipped or added, or a .safetensors file; DATA are labelled rows. Nothing is written
    if the old labels lose more than is allowed: then the table of what fell is printed, and the exit status is 1.
    """
    from g7classify.learn import forgetting, updating
    from g7classify.learn.cards import update_card
    from g7classify.learn.dataset import Dataset, digests, files
    from g7classify.learn.recipe import Recipe

    def write(changes: tuple[forgetting.Change, ...]) -> None:
        if as_json:
            click.echo(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=2))
        else:
            forgetting.write(changes, sys.stdout)

    def book(path: Path | None) -> Codebook | None:
        return tagger.codebook if path is None else codebook(path)

    check_output(output)
    tagger = Tagger.load(model)
    rows = Dataset.read(data, codebook=book(codebook_path), **layout)
    rows = to_learn_from(rows, conflicts, inferred=codebook_path == AUTO, min_rows=min_rows)
    earlier = {"codebook": book(replay_codebook), **(replay_layout or layout)}
    before = Dataset.read(replay, **earlier) if replay else None
    judging = Dataset.read(unseen, **earlier) if unseen else None
    try:
        with shown() as progress:
            updated = updating.update(
                tagger,
                rows,
                replay=before,
                unseen=judging,
                recipe=None if recipe is None else Recipe.read(recipe),
                allowed_loss=allowed_loss,
                force=force,
                data_sha256=digests(files([*data, *replay])),
                n_jobs=jobs,
                progress=progress,
            )
    except ForgettingError as error:
        write(error.changes)
        raise
    sha256 = modelfile.write(updated.model, output)
    told = update_card.write(updated, tagger.id, rows, output)
    write(updated.check.changes)
    if unchecked := updated.check.unchecked:
        click.echo(f"not checked, as too few rows hold them: {', '.join(unchecked)}", err=True)
    if before is None and judging is None:
        click.echo(
            "checked on the new rows alone; rows of before, by --replay, tell more of what is forgotten", err=True
        )
    elif updated.check.by_heart:
        click.echo(
            "the model knows the checked rows by heart, which hides what it forgets; give others by --check", err=True
        )
    click.echo(f"wrote {output}, sha256 {sha256}, and its card {told}", err=True)


def check_output(output: Path) -> None:
    """Refuse a file that could not be written, or its card, before anything is read."""
    from g7classify.learn.cards import card

    if output.suffix != ".safetensors":
        raise OptionError(f"--output {output}: expected a name that ends in .safetensors")
    outputs.check(output, ())
    card.place(output)


def shipped_deep() -> DeepModel:
    """The deep model that heads and tuning start from."""
    from g7classify.deep.model import DeepModel

    base, _ = registry.read("g7-deep")
    if not isinstance(base, DeepModel):
        raise ModelFileError("g7-deep as shipped is no deep model; reinstall g7classify")
    return base


def write_tried(searched: Searched) -> None:
    """The recipes that a search tried, best first, by what they change."""
    from g7classify import report

    first = searched.tried[0].recipe.model_dump()
    rows = []
    for tried in sorted(searched.tried, key=lambda tried: (-tried.folds, -tried.f1)):
        stated = tried.recipe.model_dump()
        changed = {key: value for key, value in stated.items() if value != first[key] and key != "spec"}
        changed |= {key: value for key, value in stated["spec"].items() if value != first["spec"][key]}
        said = ", ".join(f"{key} {value}" for key, value in changed.items()) or "the recipe as given"
        rows.append((f"{tried.f1:.3f}", str(tried.folds), f"{tried.seconds:.1f}", said))
    report.write_grid(("race F1", "folds", "s", "changed"), rows, sys.stdout)
