"""Tables and figures in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from g7classify.learn.judging.evaluating import Figure, Rates


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table whose first column is left-aligned, the others right-aligned; ends with a newline."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, marks, *lines))


def number(value: float | None) -> str:
    """A share as .123, a dash where unknown."""
    return "-" if value is None else f"{value:.3f}".lstrip("0") if value < 1 else f"{value:.3f}"


def figure(value: Figure) -> str:
    """A figure with its interval."""
    interval = f" [{number(value.low)}, {number(value.high)}]" if value.low is not None else ""
    return f"{number(value.value)}{interval}"


def rates(value: Rates) -> str:
    """Precision, recall and F1."""
    return f"{number(value.precision)} / {number(value.recall)} / {number(value.f1)}"
