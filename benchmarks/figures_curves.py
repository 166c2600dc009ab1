"""The tables and pictures of the learning curves and of training for the pages: see figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import mean
from typing import Any

from benchmarks import records
from benchmarks.curve_plots import slug
from benchmarks.curve_tasks import OURS as G7
from benchmarks.curve_tasks import SDG, VADER
from benchmarks.quality_tables import interval
from g7classify.learn.cards import markdown
from g7classify.learn.cards.markdown import number

TASKS = (G7, VADER, SDG)


def curves(task: str) -> str:
    """Every system on one task at each share of the rows, and our lead over it."""
    found = records.read("curves")
    points: dict[str, list[dict[str, Any]]] = found["tasks"][task]["points"]
    first = next(iter(points.values()))
    lines = [[name, *(cell for point in of for cell in cells(point))] for name, of in points.items()]
    lines += [[f"{name}: {why}", *[""] * 3 * len(first)] for name, why in found["unavailable"].items()]
    heads = [
        f"{mean(point['learned']):,.0f} rows: {figure}"
        for point in first
        for figure in ("macro-F1 [95 %]", "our lead [95 %]", "micro-F1")
    ]
    return markdown.table(["system", *heads], lines)


def cells(point: dict[str, Any]) -> list[str]:
    """Macro-F1, our lead in it, and micro-F1."""
    behind = interval(point["behind"]["subtype_macro_f1"]) if "behind" in point else ""
    return [interval(point["subtype_macro_f1"]), behind, number(point["subtype_micro_f1"]["value"])]


def pictures() -> str:
    """Macro-F1 by labelled rows, a picture a task."""
    return (
        "\n\n".join(
            f"![Macro-F1 by labelled rows on the task {task}](results/curves-{slug(task)}.svg)" for task in TASKS
        )
        + "\n"
    )


def training() -> str:
    """Seconds and memory of training by labelled rows."""
    curve = next(one for name, one in records.read("scaling")["curves"].items() if name.startswith("learn.train"))
    lines = [
        [f"{int(rows):,}", *(f"{point[key]:,.4g}" if point[key] < 1e4 else f"{point[key]:,.0f}" for key in TRAINING)]
        for rows, point in curve["points"].items()
    ]
    return markdown.table(["labelled rows", *TRAINING.values()], lines)


def updating() -> str:
    """F1 of old and new labels before an update, after it, and of training from scratch."""
    lines = []
    for one in records.read("updating")["updates"]:
        low, high = one["old_loss_interval"]
        old, new = one["old_macro_f1"], one["new_f1"]
        lines.append(
            [
                ", ".join(one["labels"]),
                one["setting"],
                *(number(old[name]) for name in ("before", "updated", "scratch")),
                f"{one['old_loss']:.3f} [{low:.3f}, {high:.3f}]",
                *(" / ".join(map(number, new[name])) for name in ("updated", "scratch", "same")),
                f"{one['new_share']:.0%}, {one['new_share_same']:.0%}",
            ]
        )
    old_heads = ("old: macro-F1 before", "after", "from scratch", "lost")
    new_heads = ("new: F1 after", "from scratch", "told the same", "shares")
    return markdown.table(["new labels", "rows before", *old_heads, *new_heads], lines)


TRAINING = {"total_seconds": "seconds", "rows_per_second": "rows/s", "peak_memory_mb": "peak memory, MB"}
TABLES: dict[str, Callable[[], str]] = {f"curves-{slug(task)}": partial(curves, task) for task in TASKS} | {
    "curves-pictures": pictures,
    "training": training,
    "updating": updating,
}
