"""The figures of the quality benchmark as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from g7classify.learn.cards.markdown import number

CHIEF = ("category_macro_f1", "category_micro_f1", "subtype_macro_f1", "subtype_micro_f1")
COVERAGES = (1.0, 0.8, 0.5)  # that are told of sentences
OF_DECISIONS = (1.0, 0.95, 0.9)  # most are easy: nearly every sentence lacks nearly every label
CHIEF_HEADS = ("category macro", "category micro", "sub-type macro", "sub-type micro")


def show(figures: dict[str, Any]) -> None:
    """Print whatever there is."""
    for part, title in (("cross_validation", "cross-validation"), ("held_out", "held-out rows")):
        if part in figures:
            show_part(title, figures[part])
    if "robustness" in figures:
        show_robustness(figures["robustness"])
    if "learning_curve" in figures:
        show_curve(figures["learning_curve"])
    if "transfer" in figures:
        show_transfer(figures["transfer"])
    if "peers" in figures:
        show_peers(figures["peers"])
    if figures.get("agreement"):
        show_agreement(figures["agreement"])


def table(title: str, head: Sequence[str], groups: Iterable[Iterable[Sequence[str]]], *, left: int = 1) -> None:
    """Print groups of lines, the first `left` columns left-aligned."""
    grid = Table(*head, title=title)
    for column in grid.columns[left:]:
        column.justify = "right"
    for group in groups:
        for line in group:
            grid.add_row(*line)
        grid.add_section()
    Console(width=130).print(grid)


def interval(figure: dict[str, float | None]) -> str:
    """A value with its interval; a minus keeps its sign."""
    value, low, high = (figure[key] for key in ("value", "low", "high"))
    return f"{signed(value)} [{signed(low)}, {signed(high)}]"


def signed(value: float | None) -> str:
    """A share as .123 or -.123, a dash where unknown."""
    if value is None:
        return number(None)
    return f"-{number(-value)}" if round(value, 3) < 0 else number(abs(value))


def summary_cells(summary: dict[str, Any]) -> list[str]:
    """F1 at the chosen and at the best thresholds."""
    return [f"{number(summary[name]['value'])} / {number(summary[f'best_{name}'])}" for name in CHIEF]


def show_part(title: str, part: dict[str, Any]) -> None:
    """Everything about one set of sentences."""
    evaluations = part["evaluations"]
    first = next(iter(evaluations.values()))
    by_language: dict[str, dict[str, Any]] = {"all": {name: one["overall"] for name, one in evaluations.items()}}
    by_language |= {
        language: {name: one["languages"][language] for name, one in evaluations.items()}
        for language in first["languages"]
    }
    by_source = {source: {name: of[source] for name, of in part["sources"].items()} for source in sources(part)}
    for kind, groups in (("language", by_language), ("source", by_source)):
        lines = (
            [[where, f"{s['rows']:,}", name, *summary_cells(s)] for name, s in systems.items()]
            for where, systems in groups.items()
        )
        table(
            f"{title}: F1 at the chosen / at the best thresholds", [kind, "rows", "system", *CHIEF_HEADS], lines, left=3
        )
    names = list(evaluations)
    labels = (
        [[label["label"], str(label["labelled"]), *(interval(evaluations[name]["labels"][i]["f1"]) for name in names)]]
        for i, label in enumerate(first["labels"])
    )
    table(f"{title}: F1 of each label [95 %]", ["label", "labelled", *names], labels)
    errors = (
        [[what, *(number(part["reliability"][name][what]["calibration_error"]) for name in names)]]
        for what in part["reliability"][names[0]]
    )
    table(f"{title}: expected calibration error", ["label", *names], errors)
    risks = (
        [[name, unit, *risk_cells(of[unit])] for unit in ("sentences", "decisions")]
        for name, of in part["coverage_risk"].items()
    )
    head = ["system", "of", "wrong", "of the surest 80 %", "of the surest 50 %", "area", "least area"]
    head += ["micro-F1", "of the surest 95 %", "of the surest 90 %"]
    table(f"{title}: risk when the least certain are left out", head, risks, left=2)
    show_leads(f"{title}: lead of {part['chief']}", part["leads"])


def sources(part: dict[str, Any]) -> list[str]:
    """The sources, those of most rows first."""
    of = next(iter(part["sources"].values()))
    return sorted(of, key=lambda source: (-of[source]["rows"], source))


def risk_cells(curve: dict[str, Any]) -> list[str]:
    """Risk at three coverages, the area under the curve and the least there could be; of decisions, F1 at three."""
    risks = at_coverages(curve, "risk", COVERAGES)
    f1 = at_coverages(curve, "subtype_micro_f1", OF_DECISIONS) if "subtype_micro_f1" in curve else []
    return [*map(number, (*risks, curve["area"], curve["least_area"], *f1)), *[""] * (3 - len(f1))]


def at_coverages(curve: dict[str, Any], key: str, coverages: Sequence[float]) -> list[float | None]:
    """What a curve has at some coverages."""
    return [curve[key][curve["coverage"].index(coverage)] for coverage in coverages]


def show_leads(title: str, leads: dict[str, Any]) -> None:
    """How far ours is ahead of each."""
    lines = ([[name, *(interval(lead[key]) for key in CHIEF[2:])]] for name, lead in leads.items())
    table(title, ["over", *(f"{head} F1 [95 %]" for head in CHIEF_HEADS[2:])], lines)


def show_robustness(figures: dict[str, Any]) -> None:
    """F1 lost by noise and system."""
    lines = (
        [
            [noise, str(of["changed"]), name, *(interval(lost[key]) for key in CHIEF[2:])]
            for name, lost in of["lost"].items()
        ]
        for noise, of in figures.items()
    )
    head = ["noise", "changed", "system", *(f"{head} F1 lost [95 %]" for head in CHIEF_HEADS[2:])]
    table("held-out rows with noise", head, lines, left=3)


def show_curve(figures: dict[str, Any]) -> None:
    """Figures by share of the rows."""
    points = zip(*figures["points"].values(), strict=True)
    lines = (
        [
            [f"{point['share']:.0%}", f"{point['learned']:,}", name, *summary_cells(point)]
            for name, point in zip(figures["points"], group, strict=True)
        ]
        for group in points
    )
    title = f"learning curve: {figures['rows']:,} rows of fold {figures['fold'] + 1}, labels alone"
    table(title, ["groups", "rows", "system", *CHIEF_HEADS], lines, left=3)


def show_transfer(figures: dict[str, Any]) -> None:
    """Figures of a language with and without its rows."""
    lines = (
        [
            [language, name, way, f"{summary['learned']:,}", *summary_cells(summary)]
            for name, ways in of["systems"].items()
            for way, summary in ways.items()
        ]
        for language, of in figures.items()
    )
    head = ["language", "system", "its rows", "learned", *CHIEF_HEADS]
    table("transfer: a language with and without its own rows, labels alone", head, lines, left=3)


def show_peers(figures: dict[str, Any]) -> None:
    """Every peer on the same rows, and our lead."""
    for part, systems in figures["parts"].items():
        lines = []
        for name, system in sorted(systems.items(), key=lambda item: -(item[1]["subtype_macro_f1"]["value"] or 0)):
            behind = system.get("behind")
            leads = [interval(behind[key]) if behind else "" for key in CHIEF[2:]]
            lines.append([[name, *summary_cells(system), *leads]])
        head = ["system", *CHIEF_HEADS, "our lead, macro", "our lead, micro"]
        table(f"{part.replace('_', ' ')}: lead of {figures['chief']}", head, lines)
        way = figures["way_to_teacher"][part]
        if way is not None:
            Console(width=130).print(f"of the way from labels alone to the teacher in sub-type macro-F1: {way:.0%}")
    for name, why in figures["unavailable"].items():
        Console(width=130).print(f"{name} is not available: {why}")


def show_agreement(figures: dict[str, Any]) -> None:
    """Two annotations against each other."""
    lines = [[head, interval(figures[key])] for key, head in zip(CHIEF, CHIEF_HEADS, strict=True)]
    kappas = [[f"kappa of {label}", number(value)] for label, value in figures["kappa"].items() if "." not in label]
    mean = [["mean kappa of the sub-types", number(figures["subtype_mean_kappa"])]]
    title = f"two independent annotations of {figures['rows']:,} sentences"
    table(title, ["figure", "value [95 %]"], [lines, kappas, mean])
