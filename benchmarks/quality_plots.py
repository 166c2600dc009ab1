"""The figures of the quality benchmark as small SVG pictures; the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.quality_risk import SUBTYPES
from g7classify.atomic import write_bytes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE = (5.2, 3.4)  # inches
COLOURS = ("#0b5394", "#cc5500", "#38761d", "#741b47", "#666666")
FAINT = "#bbbbbb"


def draw(figures: dict[str, Any], folder: Path) -> list[Path]:
    """Write every picture that the figures allow, as quality-<name>.svg."""
    pictures: dict[str, tuple[Callable[[Axes, dict[str, Any]], None], tuple[float, float]]] = {
        "reliability": (reliability, SIZE),
        "coverage-risk": (coverage_risk, SIZE),
        "learning-curve": (learning_curve, SIZE),
        "labels": (labels, (6.4, 7.6)),
    }
    return [picture(folder / f"quality-{name}.svg", plot, size, figures) for name, (plot, size) in pictures.items()]


def picture(
    path: Path,
    plot: Callable[[Axes, dict[str, Any]], None],
    size: tuple[float, float],
    figures: dict[str, Any],
) -> Path:
    """One picture, without date or chance in it."""
    import io

    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # not what the user has set
        matplotlib.rcParams.update({"svg.hashsalt": "g7classify", "svg.fonttype": "none", "font.size": 9})
        matplotlib.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        plot(axes, figures)
        content = io.BytesIO()
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    write_bytes(path, content.getvalue())
    return path


def reliability(axes: Axes, figures: dict[str, Any]) -> None:
    """How often what has a probability is true, of our system in cross-validation."""
    part = figures["cross_validation"]
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
    for colour, (name, curve) in zip(cycle(COLOURS), part["reliability"][part["chief"]].items(), strict=False):
        label = f"{name} (ECE {curve['calibration_error']:.3f})"
        style = "--" if name == SUBTYPES else "-"
        axes.plot(curve["probability"], curve["frequency"], style, marker="o", markersize=3, color=colour, label=label)
    axes.set(xlabel="probability told", ylabel="share that holds", xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False, loc="upper left")


def coverage_risk(axes: Axes, figures: dict[str, Any]) -> None:
    """What is wrong among the most certain sentences, of every system in cross-validation."""
    part = figures["cross_validation"]
    for colour, (name, curves) in zip(cycle(COLOURS), part["coverage_risk"].items(), strict=False):
        curve = curves["sentences"]
        axes.plot(curve["coverage"], curve["risk"], color=colour, label=f"{name} (area {curve['area']:.3f})")
    axes.set(xlabel="share of the sentences that are tagged, the surest first", ylabel="share with a mistake")
    axes.set(xlim=(0, 1), ylim=(0, None))
    axes.legend(frameon=False, loc="lower right")


def learning_curve(axes: Axes, figures: dict[str, Any]) -> None:
    """Sub-type F1 by number of labelled rows."""
    for colour, (name, points) in zip(cycle(COLOURS), figures["learning_curve"]["points"].items(), strict=False):
        rows = [point["learned"] for point in points]
        for key, style in (("subtype_macro_f1", "-"), ("subtype_micro_f1", ":")):
            values = [point[key]["value"] for point in points]
            axes.plot(rows, values, style, marker="o", markersize=3, color=colour, label=f"{name}, {key[8:13]}")
        low, high = ([point["subtype_macro_f1"][end] for point in points] for end in ("low", "high"))
        axes.fill_between(rows, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.set(xlabel="labelled rows", ylabel="sub-type F1", xlim=(0, None))
    axes.legend(frameon=False, loc="lower right")


def labels(axes: Axes, figures: dict[str, Any]) -> None:
    """F1 of each label with its interval, of our system in cross-validation; rarer labels have wider ones."""
    part = figures["cross_validation"]
    rows = [row for row in part["evaluations"][part["chief"]]["labels"] if row["f1"]["value"] is not None]
    values = [row["f1"]["value"] for row in rows]
    below = [row["f1"]["value"] - row["f1"]["low"] if row["f1"]["low"] is not None else 0 for row in rows]
    above = [row["f1"]["high"] - row["f1"]["value"] if row["f1"]["high"] is not None else 0 for row in rows]
    colours = [COLOURS[0] if "." not in row["label"] else "#6fa8dc" for row in rows]
    axes.barh(range(len(rows)), values, xerr=[below, above], color=colours, height=0.7, ecolor="#333333")
    axes.set_yticks(range(len(rows)), [f"{row['label']} ({row['labelled']:,})" for row in rows], fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="F1 [95 %]", xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
