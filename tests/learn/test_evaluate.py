from __future__ import annotations

import numpy as np
import pytest

from g7classify import decision, metrics
from g7classify.codebook import CODEBOOK
from g7classify.errors import DataError
from g7classify.learn import evaluate
from g7classify.learn.dataset import Dataset
from g7classify.learn.fit import Trained
from g7classify.tagger import Tagger


def test_perfect_tags_have_perfect_figures(rows: Dataset) -> None:
    perfect = evaluate.compare(
        rows,
        rows.labels.astype(np.float32),
        {"balanced": rows.labels},
        np.zeros(rows.labels.shape, dtype=bool),
        rounds=20,
    )
    for summary in (perfect.overall, *perfect.languages.values()):
        assert summary.subtype_macro_f1.value == summary.subtype_macro_f1.low == summary.category_macro_f1.high == 1.0
        assert summary.best_subtype_macro_f1 == 1.0
    assert perfect.mistakes_in_doubt is None
    assert {label.calibration_error for label in perfect.labels} == {0.0}
    assert sum(s.rows for s in perfect.languages.values()) == perfect.overall.rows == len(rows)


def test_empty_tags_have_none_where_undefined_and_zero_where_wrong(rows: Dataset) -> None:
    nothing = np.zeros(rows.labels.shape, dtype=bool)
    found = evaluate.compare(rows, nothing.astype(np.float32), {"balanced": nothing}, nothing, rounds=20)
    for label in found.labels:
        assert label.precision is None
        assert label.recall == 0.0
    assert found.overall.subtype_macro_f1.value == 0.0


def test_best_f1_is_never_below_the_shipped(trained: Trained) -> None:
    for label in trained.evaluation.labels:
        if label.f1.value is not None and label.best_f1 is not None and "." in label.label:
            assert label.best_f1 >= label.f1.value


def test_no_threshold_parts_equal_probabilities() -> None:
    labels = np.array([[True], [False], [False]])

    def best_f1(probabilities: np.ndarray) -> float:
        return float(metrics.count(labels, evaluate.best_tags(labels, probabilities)).f1[0])

    assert best_f1(np.full((3, 1), 0.5, dtype=np.float32)) == 0.5
    assert best_f1(np.array([[0.5], [0.5], [0.4]], dtype=np.float32)) == pytest.approx(2 / 3)


def test_operating_points_trade_recall_for_precision(trained: Trained) -> None:
    points = trained.evaluation.points
    assert list(points) == list(decision.OPERATING_POINTS)
    recall, balanced, precision = points.values()
    assert recall.subtype_macro.recall > balanced.subtype_macro.recall > precision.subtype_macro.recall  # type: ignore[operator]
    assert recall.subtype_macro.precision < precision.subtype_macro.precision  # type: ignore[operator]
    assert balanced.subtype_macro.f1 == trained.evaluation.overall.subtype_macro_f1.value
    figures = {label.label: label for label in trained.evaluation.labels}
    for name, rates in balanced.categories.items():
        assert (rates.precision, rates.recall, rates.f1) == (
            figures[name].precision,
            figures[name].recall,
            figures[name].f1.value,
        )
    assert set(balanced.categories) == {"crime", "body"}


def test_evaluates_at_the_operating_point_of_the_tagger(trained: Trained, rows: Dataset) -> None:
    tagger = Tagger(trained.model)
    balanced = evaluate.evaluate(tagger, rows, rounds=2)
    precision = evaluate.evaluate(tagger.at("precision"), rows, rounds=2)
    assert (balanced.operating_point, precision.operating_point) == ("balanced", "precision")
    assert precision.points == balanced.points
    assert precision.overall.subtype_macro_f1.value == precision.points["precision"].subtype_macro.f1
    assert sum(label.tagged for label in precision.labels) < sum(label.tagged for label in balanced.labels)


def test_interval_holds_the_value(trained: Trained) -> None:
    figure = trained.evaluation.overall.subtype_macro_f1
    assert figure.low is not None and figure.value is not None and figure.high is not None  # noqa: PT018
    assert figure.low < figure.value < figure.high


def test_evaluates_a_model(trained: Trained, rows: Dataset) -> None:
    found = evaluate.evaluate(Tagger(trained.model), rows, rounds=5)
    assert found.overall.subtype_macro_f1.value is not None
    assert found.overall.subtype_macro_f1.value > 0.9, "on its own training rows"
    assert 0 < found.in_doubt < 0.2


def test_other_codebook_is_refused(trained: Trained) -> None:
    other = Dataset.from_rows([], codebook=CODEBOOK)
    with pytest.raises(DataError, match="read the rows with the model's codebook"):
        evaluate.evaluate(Tagger(trained.model), other)
