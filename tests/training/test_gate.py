from __future__ import annotations

import re

import pytest

from g7classify.learn.judging.evaluating import Evaluation, Figure, LabelFigures, Summary
from training import gate


def summary(rows: int, f1: float | None) -> Summary:
    figure = Figure(value=f1)
    return Summary(
        rows=rows, category_macro_f1=figure, category_micro_f1=figure, subtype_macro_f1=figure, subtype_micro_f1=figure,
        best_category_macro_f1=f1, best_category_micro_f1=f1, best_subtype_macro_f1=f1, best_subtype_micro_f1=f1,
    )  # fmt: skip


def evaluation(
    *, overall: float | None = 0.7, languages: dict[str, tuple[int, float]] | None = None, **labels: tuple[int, float]
) -> Evaluation:
    return Evaluation(
        overall=summary(1000, overall),
        languages={name: summary(rows, f1) for name, (rows, f1) in (languages or {}).items()},
        labels=tuple(
            LabelFigures(
                label=name, labelled=n, tagged=n, precision=f1, recall=f1, f1=Figure(value=f1), best_f1=f1,
                calibration_error=0.0,
            )
            for name, (n, f1) in labels.items()
        ),
        label_f1_by_language={},
        in_doubt=0.0,
        mistakes_in_doubt=None,
        operating_point="balanced",
        points={},
    )  # fmt: skip


def test_same_figures_pass_and_are_counted() -> None:
    one = evaluation(languages={"fr": (500, 0.7), "es": (10, 0.7)}, a=(100, 0.6), b=(5, 0.1))
    assert len(gate.check(one, one)) == 4 + 4 + 1


@pytest.mark.parametrize(
    ("worse", "named"),
    [
        ({"overall": 0.69}, "all languages category_macro_f1: 0.7000 -> 0.6900"),
        ({"languages": {"fr": (500, 0.68)}}, "fr category_macro_f1"),
        ({"languages": {}}, "fr category_macro_f1: 0.7000 -> 0.0000"),
        ({"a": (100, 0.5)}, "a: 0.6000 -> 0.5000"),
    ],
)
def test_what_fell_is_named(worse: dict[str, object], named: str) -> None:
    base: dict[str, object] = {"languages": {"fr": (500, 0.7)}, "a": (100, 0.6)}
    with pytest.raises(gate.GateError, match=re.escape(named)):
        gate.check(evaluation(**base), evaluation(**{**base, **worse}))  # type: ignore[arg-type]


def test_a_label_that_vanished_fell() -> None:
    with pytest.raises(gate.GateError, match=r"a: 0\.6000 -> 0\.0000"):
        gate.check(evaluation(a=(100, 0.6)), evaluation())


def test_noise_passes() -> None:
    gate.check(evaluation(a=(100, 0.6), b=(20, 0.9)), evaluation(overall=0.697, a=(100, 0.56), b=(20, 0.1)))


def test_nothing_compared_does_not_pass() -> None:
    with pytest.raises(gate.GateError, match="nothing was compared"):
        gate.check(evaluation(overall=None), evaluation(overall=None))
