"""The tables and pictures of the quality benchmark for the pages: see figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import records
from benchmarks.quality_tables import CHIEF, COVERAGES, OF_DECISIONS, at_coverages, interval, signed, sources
from g7classify.learn.cards import markdown
from g7classify.learn.cards.markdown import number

FEWEST = 50  # sentences of a source whose F1 is worth telling
PICTURES = {
    "reliability": "Probabilities told and shares that hold, of the categories and of all sub-types",
    "coverage-risk": "Share of sentences with a mistake when the least certain are left out",
    "learning-curve": "Sub-type F1 by number of labelled rows",
    "labels": "F1 of every label with its 95 % interval",
}


def cross_validation() -> str:
    """All systems in cross-validation, overall and by language."""
    return evaluations("cross_validation", [])


def held_out() -> str:
    """The shipped model and all systems on rows that were never trained on, and what two annotations agree on."""
    agreed = records.read("quality")["agreement"]
    if not agreed:
        return evaluations("held_out", [])
    shares = (number(agreed[key]["value"]) for key in ("subtype_micro_f1", "category_macro_f1", "category_micro_f1"))
    return evaluations("held_out", ["two annotations", interval(agreed["subtype_macro_f1"]), "", *shares])


def evaluations(part: str, last: list[str]) -> str:
    """One part of the quality benchmark, and a last line without languages if it is not empty."""
    found = records.read("quality")[part]["evaluations"]
    counted = next(iter(found.values()))["languages"]
    languages = sorted(counted)
    lines = []
    for name, evaluation in found.items():
        overall = evaluation["overall"]
        more = (
            overall["best_subtype_macro_f1"],
            *(overall[key]["value"] for key in ("subtype_micro_f1", "category_macro_f1", "category_micro_f1")),
            *(evaluation["languages"][language]["subtype_macro_f1"]["value"] for language in languages),
        )
        lines.append([name, interval(overall["subtype_macro_f1"]), *map(number, more)])
    if last:
        lines.append(last + [""] * len(languages))
    head = ["system", "sub-type macro-F1 [95 %]", "at best thresholds", "micro", "category macro", "micro"]
    heads = [f"{language} ({counted[language]['rows']:,})" for language in languages]
    return markdown.table([*head, *heads], lines)


def leads() -> str:
    """Every peer beside ours, trained on the same rows: its F1, and how far ours is ahead."""
    peers = records.read("quality")["peers"]
    parts = [part for part in ("first_fold", "test") if part in peers["parts"]]
    first = peers["parts"][parts[0]]
    lines = []
    for name in sorted(first, key=lambda name: -(first[name]["subtype_macro_f1"]["value"] or 0)):
        line = [name]
        for part in parts:
            system = peers["parts"][part].get(name)
            line.append(number(system["subtype_macro_f1"]["value"]) if system else "")
            behind = system.get("behind") if system else None
            line += [interval(behind[key]) if behind else "" for key in CHIEF[2:]]
        lines.append(line)
    lines += [[f"{name}: {why}", *[""] * (3 * len(parts))] for name, why in peers["unavailable"].items()]
    rows = {"first_fold": "cross-validation", "test": "held-out"}
    heads = [f"{rows[part]}: {what}" for part in parts for what in ("macro-F1", "our lead [95 %]", "in micro-F1")]
    return markdown.table(["system", *heads], lines)


def by_source() -> str:
    """Our systems by source, in cross-validation and on held-out rows."""
    figures = records.read("quality")
    lines = []
    for part, title in (("cross_validation", "cross-validation"), ("held_out", "held-out")):
        of = figures[part]["sources"][figures[part]["chief"]]
        for source in sources(figures[part]):
            if of[source]["rows"] >= FEWEST:
                cells = [interval(of[source][key]) for key in ("subtype_micro_f1", "category_micro_f1")]
                lines.append([f"{title}: {source}", f"{of[source]['rows']:,}", *cells])
    return markdown.table(["source", "sentences", "sub-type micro-F1 [95 %]", "category micro-F1 [95 %]"], lines)


def calibration() -> str:
    """Expected calibration error, and risk at three coverages, of every system."""
    figures = records.read("quality")
    lines = []
    for part, title in (("cross_validation", "cross-validation"), ("held_out", "held-out")):
        for name, curves in figures[part]["reliability"].items():
            risk = figures[part]["coverage_risk"][name]
            told = (
                *(one["calibration_error"] for one in curves.values()),
                *at_coverages(risk["sentences"], "risk", COVERAGES),
                risk["sentences"]["area"],
                *at_coverages(risk["decisions"], "subtype_micro_f1", OF_DECISIONS),
            )
            lines.append([f"{title}: {name}", *map(number, told)])
    head = ["system", *(f"ECE {what}" for what in next(iter(figures["cross_validation"]["reliability"].values())))]
    head += ["sentences with a mistake", "of the surest 80 %", "of the surest 50 %", "area"]
    head += ["sub-type micro-F1", "of the surest 95 % of the decisions", "of the surest 90 %"]
    return markdown.table(head, lines)


def robustness() -> str:
    """F1 lost by noise."""
    figures = records.read("quality")["robustness"]
    systems = list(next(iter(figures.values()))["lost"])
    lines = [
        [noise, str(of["changed"]), *(interval(of["lost"][name][key]) for name in systems for key in CHIEF[2:])]
        for noise, of in figures.items()
    ]
    heads = [f"{name}: {what} lost" for name in systems for what in ("macro-F1", "micro-F1")]
    return markdown.table(["noise", "sentences changed", *heads], lines)


def learning_curve() -> str:
    """F1 by share of the labelled rows."""
    points = records.read("quality")["learning_curve"]["points"]
    lines = [
        [f"{group[0]['learned']:,}", *(cell for point in group for cell in curve_cells(point))]
        for group in zip(*points.values(), strict=True)
    ]
    heads = [f"{name}: {what}" for name in points for what in ("sub-type macro-F1 [95 %]", "micro")]
    return markdown.table(["labelled rows", *heads], lines)


def curve_cells(summary: dict[str, Any]) -> list[str]:
    """Macro-F1 with its interval, and micro-F1."""
    return [interval(summary["subtype_macro_f1"]), number(summary["subtype_micro_f1"]["value"])]


def transfer() -> str:
    """A language with and without its own rows."""
    lines = []
    for language, of in records.read("quality")["transfer"].items():
        for name, ways in of["systems"].items():
            cells = [number(ways[way][key]["value"]) for key in CHIEF[2:] for way in ("with", "without")]
            pairs = [[ways[way][key]["value"] for way in ("with", "without")] for key in CHIEF[2:]]
            lost = [signed(None if None in pair else pair[0] - pair[1]) for pair in pairs]
            lines.append([f"{language}, {name}", f"{of['rows']:,}", *cells[:2], lost[0], *cells[2:], lost[1]])
    heads = [f"{what} {how}" for what in ("macro-F1", "micro-F1") for how in ("with", "without", "lost")]
    return markdown.table(["language and system", "sentences", *heads], lines)


def agreement() -> str:
    """Cohen's kappa of the categories and the mean of the sub-types'."""
    agreed = records.read("quality")["agreement"] or {"kappa": {}, "subtype_mean_kappa": None}
    lines = [[name, number(value)] for name, value in agreed["kappa"].items() if "." not in name]
    return markdown.table(["label", "kappa"], [*lines, ["mean of the sub-types", number(agreed["subtype_mean_kappa"])]])


def students() -> str:
    """What each choice of the recipe is worth: see students.py."""
    variants = records.read("students")["variants"]
    keys = ("subtype_macro_f1", "subtype_micro_f1", "category_macro_f1")
    lines = [
        [one["changed"], one["to"], *(number(one[key]) for key in keys), f"{one['megabytes']}", f"{one['seconds']:.0f}"]
        for one in variants
    ]
    return markdown.table(["changed", "to", "sub-type macro-F1", "micro", "category macro", "MB", "seconds"], lines)


def pictures() -> str:
    """Every picture, for a page beside the folder of results."""
    return "\n".join(f"![{what}]({records.FOLDER.name}/quality-{name}.svg)\n" for name, what in PICTURES.items())


TABLES: dict[str, Callable[[], str]] = {
    "cross-validation": cross_validation,
    "held-out": held_out,
    "quality-agreement": agreement,
    "quality-calibration": calibration,
    "quality-curve": learning_curve,
    "quality-leads": leads,
    "quality-pictures": pictures,
    "quality-robustness": robustness,
    "quality-sources": by_source,
    "quality-transfer": transfer,
    "students": students,
}
