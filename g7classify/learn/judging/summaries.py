"""Figures of given tags and probabilities against the labels of a dataset, over many labels and of each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from g7classify import metrics
from g7classify.codebook import Codebook
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging import resampling
from g7classify.learn.judging.evaluation import Figure, Interval, LabelFigures, PointFigures, Rates, Summary, known
from g7classify.learn.judging.resampling import ROUNDS

Bools = NDArray[np.bool_]
Probabilities = NDArray[np.float32]
Floats = NDArray[np.float64]


def label_figures(
    dataset: Dataset, probabilities: Probabilities, tags: Bools, *, rounds: int = ROUNDS, seed: int = 0
) -> tuple[LabelFigures, ...]:
    """Figures of each label, of given probabilities and tags (n, k)."""
    labels, k = dataset.labels, len(dataset.codebook)
    counts = metrics.count(labels, tags)
    drawn = resampling.resample(_amounts(labels, tags), _groups(dataset), rounds=rounds, seed=seed)
    draws = metrics.Counts(*drawn.reshape(rounds, 3, k).swapaxes(0, 1))
    ends = {name: resampling.interval(getattr(draws, name)) for name in ("precision", "recall", "f1")}
    best = metrics.count(labels, best_tags(labels, probabilities)).f1
    errors, squares, losses = (
        figure(labels, probabilities) for figure in (metrics.calibration_error, metrics.brier, metrics.log_loss)
    )
    return tuple(
        LabelFigures(
            label=name,
            labelled=int(counts.labelled[i]),
            tagged=int(counts.tagged[i]),
            precision=known(counts.precision[i]),
            recall=known(counts.recall[i]),
            f1=_figure(counts.f1[i], ends["f1"][0][i], ends["f1"][1][i]),
            best_f1=known(best[i]),
            calibration_error=known(errors[i]),
            precision_interval=_interval(counts.precision[i], *(end[i] for end in ends["precision"])),
            recall_interval=_interval(counts.recall[i], *(end[i] for end in ends["recall"])),
            brier=known(squares[i]),
            log_loss=known(losses[i]),
        )
        for i, name in enumerate(dataset.codebook.names)
    )


def rates(dataset: Dataset, tags: Bools) -> PointFigures:
    """Precision, recall and F1 of tags (n, k)."""
    codebook = dataset.codebook
    counts = metrics.count(dataset.labels, tags)
    table = np.stack((counts.precision, counts.recall, counts.f1))

    def figures(values: Floats) -> Rates:
        precision, recall, f1 = map(known, values)
        return Rates(precision=precision, recall=recall, f1=f1)

    categories, subtypes = _levels(codebook)
    return PointFigures(
        subtype_macro=figures(metrics.means_of_known(table[:, subtypes])),
        categories={codebook.names[column]: figures(table[:, column]) for column in categories},
    )


def summarise(
    dataset: Dataset, probabilities: Probabilities, tags: Bools, *, rounds: int = ROUNDS, seed: int = 0
) -> Summary:
    """Macro, micro and samples F1 of given tags; a codebook without sub-types counts all its labels as both."""
    labels, k = dataset.labels, len(dataset.codebook)
    levels = _levels(dataset.codebook)

    def figures(sums: Floats) -> Floats:
        counts = metrics.Counts(*np.moveaxis(sums[..., : 3 * k].reshape(*sums.shape[:-1], 3, k), -2, 0))
        samples = sums[..., 3 * k :].reshape(*sums.shape[:-1], len(levels), 2)
        found = [
            np.append(counts.select(level).means, metrics.ratio(of[..., :1], of[..., 1:]), axis=-1)
            for level, of in zip(levels, np.moveaxis(samples, -2, 0), strict=True)
        ]
        return np.concatenate(found, axis=-1)

    by_sentence = [metrics.samples_f1(labels[:, level], tags[:, level]) for level in levels]
    samples = [part for f1 in by_sentence for part in (np.nan_to_num(f1), np.isfinite(f1))]
    amounts = np.column_stack((_amounts(labels, tags), *samples))
    drawn = resampling.resample(amounts, _groups(dataset), rounds=rounds, seed=seed)
    found = [
        _figure(*three)
        for three in zip(figures(amounts.sum(axis=0)), *resampling.interval(figures(drawn)), strict=True)
    ]
    best = metrics.count(labels, best_tags(labels, probabilities))
    bounds = [known(mean) for level in levels for mean in best.select(level).means]
    return Summary(
        rows=len(labels),
        category_macro_f1=found[0],
        category_micro_f1=found[1],
        category_samples_f1=found[2],
        subtype_macro_f1=found[3],
        subtype_micro_f1=found[4],
        subtype_samples_f1=found[5],
        best_category_macro_f1=bounds[0],
        best_category_micro_f1=bounds[1],
        best_subtype_macro_f1=bounds[2],
        best_subtype_micro_f1=bounds[3],
    )


def chief_f1(labels: Bools, tags: Bools, codebook: Codebook) -> dict[str, float | None]:
    """Macro and micro F1 of the sub-types and macro F1 of the categories, of tags (n, k); None where nothing counts."""
    counts = metrics.count(labels, tags)
    subtypes = counts.select(np.flatnonzero(codebook.parents >= 0))
    categories = counts.select(np.flatnonzero(codebook.parents < 0))
    return {
        "subtype_macro_f1": known(subtypes.macro_f1),
        "subtype_micro_f1": known(subtypes.micro_f1),
        "category_macro_f1": known(categories.macro_f1),
    }


def best_tags(labels: Bools, probabilities: Probabilities) -> Bools:
    """The tags (n, k) of the threshold that gives each label its greatest F1 on these rows; none where none holds."""
    tags = np.zeros_like(labels)
    for column in np.flatnonzero(labels.any(axis=0)):
        ranked, f1 = metrics.f1_by_rank(labels[:, column], probabilities[:, column])
        tags[:, column] = probabilities[:, column] >= ranked[f1.argmax()]
    return tags


def _levels(codebook: Codebook) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    categories, subtypes = (np.flatnonzero(mask) for mask in (codebook.parents < 0, codebook.parents >= 0))
    return categories, subtypes if len(subtypes) else categories


def _amounts(labels: Bools, tags: Bools) -> Bools:
    return np.hstack((labels & tags, tags, labels))


def _groups(dataset: Dataset) -> NDArray[np.int64]:
    return np.unique(dataset.groups, return_inverse=True)[1]


def _figure(value: float, low: float, high: float) -> Figure:
    return Figure(value=known(value), low=known(low), high=known(high))


def _interval(value: float, low: float, high: float) -> Interval | None:
    return None if np.isnan((value, low, high)).any() else (round(float(low), 4), round(float(high), 4))
