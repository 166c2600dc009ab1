"""The learning curves as small SVG pictures, one a task; the same figures give the same bytes."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from benchmarks.quality_plots import COLOURS, SIZE, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(figures: dict[str, Any], folder: Path) -> list[Path]:
    """Write curves-<task>.svg for every task."""
    return [picture(folder / f"curves-{slug(name)}.svg", plot, SIZE, task) for name, task in figures["tasks"].items()]


def slug(name: str) -> str:
    """A task's name in file names."""
    return name.lower().replace(" ", "-")


def plot(axes: Axes, task: dict[str, Any]) -> None:
    """Macro-F1 with its interval, by labelled rows."""
    for colour, (name, points) in zip(cycle(COLOURS), task["points"].items(), strict=False):
        rows = [mean(point["learned"]) for point in points]
        figures = [point["subtype_macro_f1"] for point in points]
        axes.plot(rows, [figure["value"] for figure in figures], marker="o", markersize=3, color=colour, label=name)
        low, high = ([figure[end] for figure in figures] for end in ("low", "high"))
        axes.fill_between(rows, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.set(xlabel="labelled rows", ylabel="macro-F1", xscale="log")
    axes.legend(frameon=False, loc="lower right")
