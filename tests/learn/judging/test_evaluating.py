from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from g7classify import decision, metrics
from g7classify.cascade import Cascade, Fusion
from g7classify.codebook import CODEBOOK, Codebook
from g7classify.deep.model import DeepModel
from g7classify.errors import DataError, OptionError
from g7classify.labels import Label
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.fit import Trained
from g7classify.learn.judging import evaluating
from g7classify.learn.judging.evaluation import Evaluation
from g7classify.model import ModelInfo
from g7classify.tagger import Tagger

EVALUATIONS = Path(__file__).parents[3] / "training" / "evaluations"


def test_perfect_tags_have_perfect_figures(rows: Dataset) -> None:
    perfect = evaluating.compare(
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
    found = evaluating.compare(rows, nothing.astype(np.float32), {"balanced": nothing}, nothing, rounds=20)
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
        return float(metrics.count(labels, evaluating.best_tags(labels, probabilities)).f1[0])

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
    balanced = evaluating.evaluate(tagger, rows, rounds=2)
    precision = evaluating.evaluate(tagger.at("precision"), rows, rounds=2)
    assert (balanced.operating_point, precision.operating_point) == ("balanced", "precision")
    assert precision.points == balanced.points
    assert precision.overall.subtype_macro_f1.value == precision.points["precision"].subtype_macro.f1
    assert sum(label.tagged for label in precision.labels) < sum(label.tagged for label in balanced.labels)


def test_interval_holds_the_value(trained: Trained) -> None:
    figure = trained.evaluation.overall.subtype_macro_f1
    assert figure.low is not None and figure.value is not None and figure.high is not None  # noqa: PT018
    assert figure.low < figure.value < figure.high


def test_evaluates_a_model(trained: Trained, rows: Dataset) -> None:
    found = evaluating.evaluate(Tagger(trained.model), rows, rounds=5)
    assert found.overall.subtype_macro_f1.value is not None
    assert found.overall.subtype_macro_f1.value > 0.9, "on its own training rows"
    assert 0 < found.in_doubt < 0.2


def test_other_codebook_is_refused(trained: Trained) -> None:
    other = Dataset.from_rows([], codebook=CODEBOOK)
    with pytest.raises(DataError, match="shares no label with the model's, 'toy': expected some of crime, body"):
        evaluating.evaluate(Tagger(trained.model), other)


def test_shared_labels_are_judged_as_among_all_and_the_others_told(trained: Trained, rows: Dataset) -> None:
    """Without the category `body`, one of its own, and one that the model calls something else."""
    tagger, book = Tagger(trained.model), rows.codebook
    kept = [book.index(name) for name in ("crime", "crime.fraud", "body.court")]
    labels = (
        *(replace(book.labels[column], parent=None) for column in kept),
        Label("sport", "", "sport", "sport", None),
    )
    apart = replace(
        rows,
        codebook=Codebook("apart", "1", (labels[0], replace(labels[1], parent="crime"), *labels[2:])),
        labels=np.column_stack((rows.labels[:, kept], np.zeros(len(rows), bool))),
    )
    found, whole = (evaluating.evaluate(tagger, one, rounds=5) for one in (apart, rows))
    assert [label.label for label in found.labels] == ["crime", "crime.fraud"]
    for label in found.labels:
        (same,) = (other for other in whole.labels if other.label == label.label)
        assert (label.f1.value, label.tagged, label.calibration_error) == (
            same.f1.value,
            same.tagged,
            same.calibration_error,
        )
        assert found.curves[label.label] == whole.curves[label.label]
    assert found.left_out == {
        "body": "not among the labels of the rows",
        "crime.drugs": "not among the labels of the rows",
        "body.court": "under another category in one of the codebooks",
        "sport": "the rows' alone",
    }
    assert whole.left_out == {}
    assert {mistake.label for mistake in found.mistakes} <= {"crime", "crime.fraud"}


def test_by_another_column(trained: Trained, rows: Dataset) -> None:
    tagger = Tagger(trained.model)
    found = evaluating.evaluate(tagger, rows, by="sample", rounds=10)
    assert found.parts is not None
    natural = rows.select(rows.samples == "natural")
    alone = evaluating.evaluate(tagger, natural, rounds=10)
    assert found.parts.summaries["natural"] == alone.overall
    assert found.parts.label_f1["natural"] == {label.label: label.f1.value for label in alone.labels}
    assert found.languages == evaluating.evaluate(tagger, rows, rounds=10).languages
    assert evaluating.evaluate(tagger, rows, rounds=2).parts is None


def test_refused_columns(trained: Trained, rows: Dataset) -> None:
    with pytest.raises(DataError, match="no row says its source"):
        evaluating.evaluate(Tagger(trained.model), rows, by="source")
    with pytest.raises(OptionError, match="expected one of language"):
        evaluating.evaluate(Tagger(trained.model), rows, by="colour")


def test_samples_f1(trained: Trained, rows: Dataset, book: Codebook) -> None:
    tagger = Tagger(trained.model)
    found = evaluating.evaluate(tagger, rows, rounds=50).overall
    tags = tagger.predict(rows.texts)
    for figure, columns in (
        (found.category_samples_f1, book.parents < 0),
        (found.subtype_samples_f1, book.parents >= 0),
    ):
        some = (rows.labels | tags)[:, columns].any(axis=1)
        theirs = f1_score(rows.labels[some][:, columns], tags[some][:, columns], average="samples", zero_division=0)
        assert figure.value == pytest.approx(theirs, abs=1e-4)
        assert figure.low < figure.value < figure.high  # type: ignore[operator]


def test_precision_and_recall_have_intervals(trained: Trained) -> None:
    for label in trained.evaluation.labels:
        for value, ends in ((label.precision, label.precision_interval), (label.recall, label.recall_interval)):
            assert value is not None
            assert ends is not None
            assert ends[0] <= value <= ends[1]


def test_labels_without_rows_are_unknown_and_named(trained: Trained, rows: Dataset, book: Codebook) -> None:
    column = book.index("crime.fraud")
    found = evaluating.evaluate(Tagger(trained.model), rows.select(~rows.labels[:, column]), rounds=10)
    assert found.unsupported == ("crime.fraud",)
    label = found.labels[column]
    assert (label.labelled, label.recall, label.f1.value, label.f1.low, label.best_f1) == (0, None, None, None, None)
    assert label.recall_interval is None
    assert "crime.fraud" not in found.curves
    assert set(found.curves) == set(book.names) - {"crime.fraud"}
    assert "NaN" not in found.model_dump_json()
    assert found.overall.subtype_macro_f1.value == pytest.approx(
        np.mean([one.f1.value for one in found.labels if "." in one.label and one.f1.value is not None]), abs=1e-4
    )


def test_one_group_has_no_interval(trained: Trained, rows: Dataset) -> None:
    found = evaluating.evaluate(Tagger(trained.model), rows.select(rows.groups == "g1"), rounds=10)
    assert found.overall.category_macro_f1.low is None
    assert {label.precision_interval for label in found.labels} == {None}


def test_no_rows_have_no_figures(trained: Trained, book: Codebook) -> None:
    found = evaluating.evaluate(Tagger(trained.model), Dataset.from_rows([], codebook=book), rounds=5)
    assert found.overall.rows == 0
    assert found.overall.subtype_macro_f1.value is None
    assert found.calibration is None
    assert found.unsupported == book.names
    assert "NaN" not in found.model_dump_json()


def test_training_tells_no_sentence(trained: Trained, rows: Dataset) -> None:
    """What is kept beside a model must not carry its rows."""
    told = trained.evaluation.model_dump_json()
    assert trained.evaluation.mistakes == ()
    assert not any(text in told for text in rows.texts)
    assert evaluating.evaluate(Tagger(trained.model), rows, rounds=2, most_mistakes=0).mistakes == ()


def test_json_reads_back(trained: Trained, rows: Dataset) -> None:
    found = evaluating.evaluate(Tagger(trained.model), rows, by="sample", rounds=5)
    assert Evaluation.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("path", sorted(EVALUATIONS.glob("*.json")), ids=lambda path: path.stem)
def test_evaluations_of_shipped_models_are_still_read(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    if "overall" in json.loads(content):
        assert Evaluation.model_validate_json(content).overall.category_samples_f1.value is None


@pytest.mark.usefixtures("encoders")
def test_deep_models_and_cascades(tagger: Tagger, make_deep: Callable[..., DeepModel], fusion: Fusion) -> None:
    data = Dataset.from_rows([Row("La police arrive.", ("actor.agency",), id="1"), Row("Le ministre.", (), id="2")])
    deep = make_deep()
    for model in (deep, Cascade(tagger.model, deep, fusion, 0.5)):  # type: ignore[arg-type]
        found = evaluating.evaluate(Tagger(model), data, rounds=5)
        assert [one.id for one in found.mistakes] == ["2"]
        assert "no table" in found.unexplained
        assert found.labels[CODEBOOK.index("actor.agency")].f1.value == 1.0


@pytest.fixture
def fusion() -> Fusion:
    k, budgets = len(CODEBOOK), np.array([0, 1], dtype=np.float32)
    ones = np.ones(k, dtype=np.float32)
    return Fusion(
        info=ModelInfo(name="both", version="0.1.0"), codebook=CODEBOOK, table_sha256="0" * 64, deep_sha256="1" * 64,
        weight=1.0, slope=ones, intercept=0 * ones, importance=ones, budgets=budgets,
        cutoffs=np.array([1e9, 0], dtype=np.float32), thresholds=np.full((3, 2, k), 0.5, dtype=np.float32),
        bands=np.ones((3, 2), dtype=np.float32),
    )  # fmt: skip
