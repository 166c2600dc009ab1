"""How well a model tags labelled sentences: per label, per language, at its own thresholds and at the best ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from g7classify import decision, metrics
from g7classify.codebook import Codebook
from g7classify.decision import OPERATING_POINTS, OperatingPoint
from g7classify.errors import DataError
from g7classify.learn.dataset import Dataset
from g7classify.tagger import Tagger

Probabilities = NDArray[np.float32]
Floats = NDArray[np.float64]

ROUNDS = 1000  # of the bootstrap: the ends of a 95 % interval then move in the third decimal


class Figure(BaseModel):
    """A figure with its 95 % bootstrap interval; None where it is undefined."""

    model_config = ConfigDict(frozen=True)

    value: float | None
    low: float | None = None
    high: float | None = None


class Summary(BaseModel):
    """F1 over many labels. `best` is what thresholds chosen on these very rows would reach: a bound, not a result."""

    model_config = ConfigDict(frozen=True)

    rows: int
    category_macro_f1: Figure
    category_micro_f1: Figure
    subtype_macro_f1: Figure
    subtype_micro_f1: Figure
    best_category_macro_f1: float | None
    best_category_micro_f1: float | None
    best_subtype_macro_f1: float | None
    best_subtype_micro_f1: float | None


class LabelFigures(BaseModel):
    """One label's figures at its threshold."""

    model_config = ConfigDict(frozen=True)

    label: str
    labelled: int
    tagged: int
    precision: float | None
    recall: float | None
    f1: Figure
    best_f1: float | None
    calibration_error: float | None


class Rates(BaseModel):
    """Precision, recall and F1, of a label or as means over labels; None where undefined."""

    model_config = ConfigDict(frozen=True)

    precision: float | None
    recall: float | None
    f1: float | None


class PointFigures(BaseModel):
    """What an operating point gives: means over the sub-types, and each category."""

    model_config = ConfigDict(frozen=True)

    subtype_macro: Rates
    categories: dict[str, Rates]


class Evaluation(BaseModel):
    """A model's figures on some rows, at one operating point but for `points`."""

    model_config = ConfigDict(frozen=True)

    overall: Summary
    languages: dict[str, Summary]
    labels: tuple[LabelFigures, ...]
    label_f1_by_language: dict[str, dict[str, float | None]]
    in_doubt: float
    mistakes_in_doubt: float | None
    operating_point: OperatingPoint
    points: dict[OperatingPoint, PointFigures]


def evaluate(tagger: Tagger, dataset: Dataset, *, rounds: int = ROUNDS) -> Evaluation:
    """Tag the sentences of a dataset and compare with its labels; `rounds` = bootstrap resamplings.

    Raises:
        DataError: the dataset's codebook is not the tagger's.
    """
    if tagger.labels != dataset.codebook.names:
        raise DataError(
            f"the rows are labelled with the codebook {dataset.codebook.name!r}, the model tags with "
            f"{tagger.codebook.name!r}; read the rows with the model's codebook"
        )
    probabilities = tagger.predict_proba(dataset.texts)
    tags = {
        point: decision.decide(probabilities, tagger.at(point).thresholds, tagger.codebook)
        for point in OPERATING_POINTS
    }
    doubt = decision.in_doubt(probabilities, tagger.thresholds, tagger.band)
    return compare(dataset, probabilities, tags, doubt, operating_point=tagger.operating_point, rounds=rounds)


def compare(
    dataset: Dataset,
    probabilities: Probabilities,
    tags_at: Mapping[OperatingPoint, NDArray[np.bool_]],
    doubt: NDArray[np.bool_],
    *,
    operating_point: OperatingPoint = "balanced",
    rounds: int = ROUNDS,
) -> Evaluation:
    """Figures of given probabilities, tags and close decisions, each (n, k), against the labels of a dataset.

    Args:
        dataset: n labelled sentences.
        probabilities: of all labels.
        tags_at: tags at some operating points.
        doubt: close decisions at `operating_point`.
        operating_point: one of `tags_at`, which all figures are of but `points`.
        rounds: bootstrap resamplings behind the intervals.
    """
    labels, tags = dataset.labels, tags_at[operating_point]
    counts = metrics.count(labels, tags)
    best = metrics.count(labels, best_tags(labels, probabilities)).f1
    errors = metrics.calibration_error(labels, probabilities)
    _, groups = np.unique(dataset.groups, return_inverse=True)
    low, high = metrics.bootstrap_counts(lambda counts: counts.f1, labels, [tags], groups, rounds=rounds)
    f1, precision, recall = counts.f1, counts.precision, counts.recall
    names = dataset.codebook.names
    languages = [str(language) for language in np.unique(dataset.languages) if language]
    of_language = {language: dataset.languages == language for language in languages}
    wrong = labels != tags
    return Evaluation(
        overall=summarise(dataset, probabilities, tags, rounds=rounds),
        languages={
            language: summarise(dataset.select(mask), probabilities[mask], tags[mask], rounds=rounds)
            for language, mask in of_language.items()
        },
        labels=tuple(
            LabelFigures(
                label=name,
                labelled=int(counts.labelled[i]),
                tagged=int(counts.tagged[i]),
                precision=known(precision[i]),
                recall=known(recall[i]),
                f1=Figure(value=known(f1[i]), low=known(low[i]), high=known(high[i])),
                best_f1=known(best[i]),
                calibration_error=known(errors[i]),
            )
            for i, name in enumerate(names)
        ),
        label_f1_by_language={
            language: dict(zip(names, map(known, metrics.count(labels[mask], tags[mask]).f1), strict=True))
            for language, mask in of_language.items()
        },
        in_doubt=float(doubt.mean()) if doubt.size else 0.0,
        mistakes_in_doubt=float(doubt[wrong].mean()) if wrong.any() else None,
        operating_point=operating_point,
        points={point: rates(dataset, at) for point, at in tags_at.items()},
    )


def rates(dataset: Dataset, tags: NDArray[np.bool_]) -> PointFigures:
    """Precision, recall and F1 of tags (n, k)."""
    codebook = dataset.codebook
    counts = metrics.count(dataset.labels, tags)
    table = np.stack((counts.precision, counts.recall, counts.f1))

    def figures(values: Floats) -> Rates:
        precision, recall, f1 = map(known, values)
        return Rates(precision=precision, recall=recall, f1=f1)

    under = table[:, codebook.parents >= 0] if codebook.subtypes else table
    means = [metrics.mean_of_known(row) for row in under]
    categories = np.flatnonzero(codebook.parents < 0)
    return PointFigures(
        subtype_macro=figures(np.array(means)),
        categories={codebook.names[column]: figures(table[:, column]) for column in categories},
    )


def summarise(dataset: Dataset, probabilities: Probabilities, tags: NDArray[np.bool_], *, rounds: int) -> Summary:
    """Macro and micro F1 of given tags; a codebook without sub-types counts all its labels as both."""
    labels, codebook = dataset.labels, dataset.codebook
    categories = np.flatnonzero(codebook.parents < 0)
    subtypes = np.flatnonzero(codebook.parents >= 0) if codebook.subtypes else categories

    def figures(counts: metrics.Counts) -> Floats:
        above, under = counts.select(categories), counts.select(subtypes)
        return np.array([above.macro_f1, above.micro_f1, under.macro_f1, under.micro_f1])

    _, groups = np.unique(dataset.groups, return_inverse=True)
    low, high = metrics.bootstrap_counts(figures, labels, [tags], groups, rounds=rounds)
    values = figures(metrics.count(labels, tags))
    best = figures(metrics.count(labels, best_tags(labels, probabilities)))
    shipped = [
        Figure(value=known(value), low=known(a), high=known(b)) for value, a, b in zip(values, low, high, strict=True)
    ]
    return Summary(
        rows=len(labels),
        category_macro_f1=shipped[0],
        category_micro_f1=shipped[1],
        subtype_macro_f1=shipped[2],
        subtype_micro_f1=shipped[3],
        best_category_macro_f1=known(best[0]),
        best_category_micro_f1=known(best[1]),
        best_subtype_macro_f1=known(best[2]),
        best_subtype_micro_f1=known(best[3]),
    )


def chief_f1(labels: NDArray[np.bool_], tags: NDArray[np.bool_], codebook: Codebook) -> dict[str, float | None]:
    """Macro and micro F1 of the sub-types and macro F1 of the categories, of tags (n, k); None where nothing counts."""
    counts = metrics.count(labels, tags)
    subtypes = counts.select(np.flatnonzero(codebook.parents >= 0))
    categories = counts.select(np.flatnonzero(codebook.parents < 0))
    return {
        "subtype_macro_f1": known(subtypes.macro_f1),
        "subtype_micro_f1": known(subtypes.micro_f1),
        "category_macro_f1": known(categories.macro_f1),
    }


def best_tags(labels: NDArray[np.bool_], probabilities: Probabilities) -> NDArray[np.bool_]:
    """The tags (n, k) of the threshold that gives each label its greatest F1 on these rows; none where none holds."""
    tags = np.zeros_like(labels)
    for column in np.flatnonzero(labels.any(axis=0)):
        ranked, f1 = metrics.f1_by_rank(labels[:, column], probabilities[:, column])
        tags[:, column] = probabilities[:, column] >= ranked[f1.argmax()]
    return tags


def known(value: float) -> float | None:
    """A figure rounded to 4 places, None for NaN."""
    return None if np.isnan(value) else round(float(value), 4)
