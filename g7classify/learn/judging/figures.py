"""An evaluation, and a comparison of two models, as tables for the terminal; `-` where a figure is undefined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TextIO

from g7classify import report
from g7classify.learn.judging.comparison import Comparison, Disagreement
from g7classify.learn.judging.differences import Difference
from g7classify.learn.judging.evaluation import Evaluation, Figure, Mistake, Rates, Summary

LONGEST_NAME: Final = 32  # characters of a label or a part, so that tables fit
LONGEST_TEXT: Final = 300
P_TOLD: Final = """\
p: how often chance alone makes as great a difference (approximate randomisation);
of labels by Holm's correction for their number
A : B: the decisions on which the models differ, by which of them is right

"""


def write(evaluation: Evaluation, stream: TextIO) -> None:
    """Tables of all rows and their parts, of operating points, labels and calibration; then the surest mistakes.

    `best` is what thresholds chosen on these very rows would reach, of many labels macro F1: a bound, not a result.
    """
    levels = ("category",) if flat(evaluation) else ("sub-type", "category")
    for level in levels:
        head = "F1" if flat(evaluation) else f"{level} F1"
        report.write_grid(
            (head, "rows", "macro", "95 %", "micro", "95 %", "samples", "best"),
            [(_short(name), str(one.rows), *_means(one, level)) for name, one in by_part(evaluation)],
            stream,
        )
    report.write_grid(
        ("prec./recall/F1", *evaluation.points),
        [(_short(name), *map(_rates, row)) for name, row in by_point(evaluation)],
        stream,
    )
    report.write_grid(
        ("label", "rows", "tagged", "prec.", "recall", "F1", "95 %", "best", "ECE"),
        [
            (
                _short(row.label),
                str(row.labelled),
                str(row.tagged),
                *map(_number, (row.precision, row.recall, row.f1.value)),
                _interval(row.f1),
                *map(_number, (row.best_f1, row.calibration_error)),
            )
            for row in evaluation.labels
        ],
        stream,
    )
    if evaluation.unsupported:
        names = ", ".join(map(_short, evaluation.unsupported))
        stream.write(f"no row has these labels, so their recall and F1 are unknown: {names}\n\n")
    _left_out(evaluation.left_out, stream)
    if found := evaluation.calibration:
        pots = (("sub-types", found.subtypes), ("labels" if flat(evaluation) else "categories", found.categories))
        report.write_grid(
            ("probabilities", "ECE", "Brier", "log loss"),
            [(name, *map(_number, (one.calibration_error, one.brier, one.log_loss))) for name, one in pots if one],
            stream,
        )
    if evaluation.mistakes:
        without = f", without the words that decided: {evaluation.unexplained}" if evaluation.unexplained else ""
        stream.write(f"the surest mistakes{without}\n\n")
        for mistake in evaluation.mistakes:
            stream.write(f"{_mistake(mistake)}\n\n")


def write_comparison(comparison: Comparison, stream: TextIO) -> None:
    """Tables of the means and labels of two models A and B, and the sentences on which they differ most.

    p is of approximate randomisation, of labels by Holm's correction for their number. `A : B` are the decisions on
    which the models differ, by which of them is right.
    """
    first, second = (report.visible(name) for name in (comparison.first, comparison.second))
    stream.write(f"A: {first}\nB: {second}\n{comparison.rows} rows in {comparison.groups} groups\n")
    for head, rows in (("F1", comparison.means), ("label", comparison.labels)):
        report.write_grid((head, "rows", "A", "B", "B - A", "95 %", "p", "A : B"), map(_difference, rows), stream)
    stream.write(P_TOLD)
    stream.write(f"sentences with every label right: A alone {comparison.first_right}, ")
    stream.write(f"B alone {comparison.second_right}\n\n")
    _left_out(comparison.left_out, stream)
    if comparison.disagreements:
        stream.write("the sentences on which they differ most\n\n")
        for one in comparison.disagreements:
            stream.write(f"{_disagreement(one)}\n\n")


def _left_out(labels: Mapping[str, str], stream: TextIO) -> None:
    for name, why in labels.items():
        stream.write(f"left out: {_short(name)}, {why}\n")
    stream.write("\n" * bool(labels))


def flat(evaluation: Evaluation) -> bool:
    """Whether the codebook has no sub-types: then what is said of categories is said of all labels."""
    points = next(iter(evaluation.points.values()), None)
    return points is None or len(points.categories) == len(evaluation.labels)


def by_part(evaluation: Evaluation) -> list[tuple[str, Summary]]:
    """All rows, then the parts by the column asked for, or else by language."""
    parts = evaluation.languages if evaluation.parts is None else evaluation.parts.summaries
    return [("all", evaluation.overall), *parts.items()]


def by_point(evaluation: Evaluation) -> list[tuple[str, list[Rates]]]:
    """The means over sub-types, then each category, by name: what each operating point gives."""
    points = list(evaluation.points.values())
    means = "labels, macro" if flat(evaluation) else "sub-types, macro"
    return [
        (means, [point.subtype_macro for point in points]),
        *((name, [point.categories[name] for point in points]) for name in points[0].categories),
    ]


def _means(summary: Summary, level: str) -> tuple[str, ...]:
    if level == "category":
        macro, micro, samples = summary.category_macro_f1, summary.category_micro_f1, summary.category_samples_f1
        best = summary.best_category_macro_f1
    else:
        macro, micro, samples = summary.subtype_macro_f1, summary.subtype_micro_f1, summary.subtype_samples_f1
        best = summary.best_subtype_macro_f1
    shown = (_number(macro.value), _interval(macro), _number(micro.value), _interval(micro), _number(samples.value))
    return (*shown, _number(best))


def _difference(row: Difference) -> tuple[str, ...]:
    p = row.p if row.corrected_p is None else row.corrected_p
    change = row.difference
    return (
        _short(row.name),
        str(row.labelled),
        _number(row.first),
        _number(row.second),
        "-" if change.value is None else f"{change.value:+.3f}",
        "-" if change.low is None else f"{change.low:+.3f}..{change.high:+.3f}",
        "-" if p is None else f"{p:.4f}",
        f"{row.first_right} : {row.second_right}",
    )


def _mistake(mistake: Mistake) -> str:
    kind = "tagged, not labelled" if mistake.tagged else "labelled, not tagged"
    sure = f"probability {mistake.probability:.3f}, threshold {mistake.threshold:.3f}"
    lines = [f"{_short(mistake.label)}: {kind} ({sure}; {_short(mistake.id)})", f"  {_text(mistake.text)}"]
    if mistake.words:
        of = "" if mistake.explained == mistake.label else f" of {_short(mistake.explained or '')}"
        words = ", ".join(f"{_short(word.text)} {word.contribution:+.2f}" for word in mistake.words)
        lines.append(f"  words{of}: {words}")
    return "\n".join(lines)


def _disagreement(one: Disagreement) -> str:
    probabilities = f"A {one.first_probability:.3f}, B {one.second_probability:.3f}"
    right = "B" if one.second_right else "A"
    return f"{_short(one.label)}: {probabilities}; {right} is right ({_short(one.id)})\n  {_text(one.text)}"


def _rates(rates: Rates) -> str:
    return "/".join(_number(value).removeprefix("0") for value in (rates.precision, rates.recall, rates.f1))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(figure: Figure) -> str:
    return f"{_number(figure.low)}..{_number(figure.high)}" if figure.low is not None else "-"


def _short(name: str) -> str:
    shown = report.visible(name)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…"


def _text(text: str) -> str:
    shown = report.visible(text[:LONGEST_TEXT])
    return shown if len(text) <= LONGEST_TEXT else f"{shown}…"
