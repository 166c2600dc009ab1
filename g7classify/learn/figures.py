"""An evaluation as tables for the terminal."""

from __future__ import annotations

from typing import TextIO

from g7classify import report
from g7classify.learn.evaluate import Evaluation, Figure, Rates


def write(evaluation: Evaluation, stream: TextIO) -> None:
    """Tables of all rows and each language, of the operating points, and of the labels; `-` where undefined.

    `best` is what thresholds chosen on these very rows would reach: a bound, not a result.
    """
    report.write_grid(
        ("rows", "count", "category macro", "micro", "sub-type macro F1", "95 %", "micro", "best macro", "best micro"),
        [
            (
                name,
                str(summary.rows),
                _number(summary.category_macro_f1.value),
                _number(summary.category_micro_f1.value),
                _number(summary.subtype_macro_f1.value),
                _interval(summary.subtype_macro_f1),
                _number(summary.subtype_micro_f1.value),
                _number(summary.best_subtype_macro_f1),
                _number(summary.best_subtype_micro_f1),
            )
            for name, summary in [("all", evaluation.overall), *evaluation.languages.items()]
        ],
        stream,
    )
    report.write_grid(
        ("precision / recall / F1", *evaluation.points),
        [(name, *map(_rates, row)) for name, row in by_point(evaluation)],
        stream,
    )
    report.write_grid(
        ("label", "labelled", "tagged", "precision", "recall", "F1", "95 %", "best F1"),
        [
            (
                row.label,
                str(row.labelled),
                str(row.tagged),
                *map(_number, (row.precision, row.recall, row.f1.value)),
                _interval(row.f1),
                _number(row.best_f1),
            )
            for row in evaluation.labels
        ],
        stream,
    )


def by_point(evaluation: Evaluation) -> list[tuple[str, list[Rates]]]:
    """The means over sub-types, then each category, by name: what each operating point gives."""
    points = list(evaluation.points.values())
    return [
        ("sub-types, macro", [point.subtype_macro for point in points]),
        *((name, [point.categories[name] for point in points]) for name in points[0].categories),
    ]


def _rates(rates: Rates) -> str:
    return f"{_number(rates.precision)} / {_number(rates.recall)} / {_number(rates.f1)}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(figure: Figure) -> str:
    return f"{_number(figure.low)}..{_number(figure.high)}"
