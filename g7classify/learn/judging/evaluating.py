"""How well a model tags labelled sentences: per label, per language, at its own thresholds and at the best ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, metrics
from g7classify.decision import OPERATING_POINTS, OperatingPoint
from g7classify.errors import DataError
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging import columns, mistakes, reliability
from g7classify.learn.judging.evaluation import (
    Evaluation,
    Figure,
    LabelFigures,
    Parts,
    PointFigures,
    Rates,
    Summary,
    known,
)
from g7classify.learn.judging.resampling import ROUNDS
from g7classify.learn.judging.sharing import limited
from g7classify.learn.judging.summaries import best_tags, chief_f1, label_figures, rates, summarise
from g7classify.tagger import Tagger

__all__ = [
    "ROUNDS",
    "Evaluation",
    "Figure",
    "LabelFigures",
    "PointFigures",
    "Rates",
    "Summary",
    "best_tags",
    "chief_f1",
    "compare",
    "evaluate",
    "known",
    "rates",
    "summarise",
]

Bools = NDArray[np.bool_]
Probabilities = NDArray[np.float32]

MISTAKES = 10  # of each kind


def evaluate(
    tagger: Tagger,
    dataset: Dataset,
    *,
    by: str = "language",
    rounds: int = ROUNDS,
    seed: int = 0,
    most_mistakes: int = MISTAKES,
) -> Evaluation:
    """Tag the sentences of a dataset and compare with its labels.

    The result holds the sentences of the mistakes that it tells; give `most_mistakes=0` where they must not get about.

    Args:
        tagger: any: of a table, a deep model, a cascade.
        dataset: n labelled sentences, with the tagger's codebook, or another that shares labels with it; `left_out`
            tells of those that are not judged.
        by: a column by which the rows are told apart too: language, source, sample or group.
        rounds: bootstrap resamplings behind the intervals, in which whole groups are drawn.
        seed: of the resampling.
        most_mistakes: how many are told, of tags that are wrong and of labels that were missed.

    Raises:
        DataError: the dataset's codebook shares no label with the tagger's; no row says anything in `by`, or too many
            things.
        OptionError: there is no such column.
    """
    dataset, left_out = limited(dataset, tagger.codebook)
    own = [tagger.codebook.index(name) for name in dataset.codebook.names]
    masks = columns.parts(dataset, by)
    if by != "language" and not masks:
        raise DataError(f"no row says its {by}; leave `by` out, or give the rows a `{by}`")
    labels, every = dataset.labels, tagger.predict_proba(dataset.texts)
    tags_at = {
        point: decision.decide(every, tagger.at(point).thresholds, tagger.codebook)[:, own]
        for point in OPERATING_POINTS
    }
    tags, probabilities, thresholds = tags_at[tagger.operating_point], every[:, own], tagger.thresholds[own]
    doubt = decision.in_doubt(probabilities, thresholds, tagger.band)
    found = compare(
        dataset, probabilities, tags_at, doubt, operating_point=tagger.operating_point, rounds=rounds, seed=seed
    )
    told, unexplained = mistakes.most_confident(tagger, dataset, probabilities, tags, count=most_mistakes)
    parted = None if by == "language" else _parts(dataset, masks, by, probabilities, tags, rounds=rounds, seed=seed)
    return found.model_copy(
        update={
            "model": str(tagger.id),
            "parts": parted,
            "calibration": reliability.calibration(labels, probabilities, dataset.codebook) if len(dataset) else None,
            "curves": {
                name: reliability.curve(labels[:, i], probabilities[:, i], float(thresholds[i]))
                for i, name in enumerate(dataset.codebook.names)
                if labels[:, i].any()
            },
            "mistakes": told,
            "unexplained": unexplained,
            "left_out": left_out,
        }
    )


def compare(
    dataset: Dataset,
    probabilities: Probabilities,
    tags_at: Mapping[OperatingPoint, Bools],
    doubt: Bools,
    *,
    operating_point: OperatingPoint = "balanced",
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Evaluation:
    """Figures of given probabilities, tags and close decisions, each (n, k), against the labels of a dataset.

    Args:
        dataset: n labelled sentences.
        probabilities: of all labels.
        tags_at: tags at some operating points.
        doubt: close decisions at `operating_point`.
        operating_point: one of `tags_at`, which all figures are of but `points`.
        rounds, seed: of the bootstrap behind the intervals.
    """
    labels, tags = dataset.labels, tags_at[operating_point]
    languages = columns.parts(dataset, "language")
    parted = _parts(dataset, languages, "language", probabilities, tags, rounds=rounds, seed=seed)
    wrong = labels != tags
    return Evaluation(
        overall=summarise(dataset, probabilities, tags, rounds=rounds, seed=seed),
        languages=parted.summaries,
        labels=label_figures(dataset, probabilities, tags, rounds=rounds, seed=seed),
        label_f1_by_language=parted.label_f1,
        in_doubt=float(doubt.mean()) if doubt.size else 0.0,
        mistakes_in_doubt=float(doubt[wrong].mean()) if wrong.any() else None,
        operating_point=operating_point,
        points={point: rates(dataset, at) for point, at in tags_at.items()},
    )


def _parts(
    dataset: Dataset,
    masks: Mapping[str, Bools],
    column: str,
    probabilities: Probabilities,
    tags: Bools,
    *,
    rounds: int,
    seed: int,
) -> Parts:
    names = dataset.codebook.names
    return Parts(
        column=column,
        summaries={
            part: summarise(dataset.select(mask), probabilities[mask], tags[mask], rounds=rounds, seed=seed)
            for part, mask in masks.items()
        },
        label_f1={
            part: dict(zip(names, map(known, metrics.count(dataset.labels[mask], tags[mask]).f1), strict=True))
            for part, mask in masks.items()
        },
    )
