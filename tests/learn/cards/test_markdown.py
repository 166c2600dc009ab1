from __future__ import annotations

import pytest

from g7classify.learn.cards import markdown
from g7classify.learn.judging.evaluating import Figure, Rates


def test_a_table_lines_up_its_first_column_on_the_left() -> None:
    assert markdown.table(["a", "b"], [["x", "1"], ["y", "2"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n| y | 2 |\n"


@pytest.mark.parametrize(("value", "told"), [(None, "-"), (0.0, ".000"), (0.12345, ".123"), (1.0, "1.000")])
def test_number(value: float | None, told: str) -> None:
    assert markdown.number(value) == told


def test_figures_and_rates() -> None:
    assert markdown.figure(Figure(value=0.5, low=0.4, high=0.61)) == ".500 [.400, .610]"
    assert markdown.figure(Figure(value=None)) == "-"
    assert markdown.rates(Rates(precision=0.5, recall=None, f1=1)) == ".500 / - / 1.000"
