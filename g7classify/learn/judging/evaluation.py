"""What evaluating returns: a model's figures on labelled rows, as JSON can hold them.

A figure that is undefined is None, never 0: F1 and recall of a label that no row has, precision of one never tagged.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from g7classify.decision import OperatingPoint

Interval = tuple[float, float]


class Measured(BaseModel):
    """Base of all results: immutable."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class Figure(Measured):
    """A figure with its 95 % bootstrap interval; None where it is undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None


UNKNOWN = Figure(value=None)


class Summary(Measured):
    """F1 over many labels. `best` is what thresholds chosen on these very rows would reach: a bound, not a result.

    Attributes:
        category_samples_f1, subtype_samples_f1: means of each sentence's F1, over the sentences that have such a label
            or such a tag; None in evaluations that were written before 0.2.
    """

    rows: int
    category_macro_f1: Figure
    category_micro_f1: Figure
    subtype_macro_f1: Figure
    subtype_micro_f1: Figure
    best_category_macro_f1: float | None
    best_category_micro_f1: float | None
    best_subtype_macro_f1: float | None
    best_subtype_micro_f1: float | None
    category_samples_f1: Figure = UNKNOWN
    subtype_samples_f1: Figure = UNKNOWN


class LabelFigures(Measured):
    """One label's figures at its threshold.

    Attributes:
        labelled: rows that have the label.
        tagged: rows that the model gave it.
        precision_interval, recall_interval: 95 %, by bootstrap.
        best_f1: at the threshold chosen on these very rows, by the label's own probability: a bound, not a result.
        calibration_error: expected, in 15 bins.
        brier: mean squared error of the probability, 0..1.
        log_loss: mean -log(probability of what is the case), in nats.
    """

    label: str
    labelled: int
    tagged: int
    precision: float | None
    recall: float | None
    f1: Figure
    best_f1: float | None
    calibration_error: float | None
    precision_interval: Interval | None = None
    recall_interval: Interval | None = None
    brier: float | None = None
    log_loss: float | None = None


class Rates(Measured):
    """Precision, recall and F1, of a label or as means over labels; None where undefined."""

    precision: float | None
    recall: float | None
    f1: float | None


class PointFigures(Measured):
    """What an operating point gives: means over the sub-types, and each category."""

    subtype_macro: Rates
    categories: dict[str, Rates]


class Parts(Measured):
    """The rows parted by what a column says; a row of which it says nothing is in no part.

    Attributes:
        column: one of columns.COLUMNS.
        summaries: of each part.
        label_f1: of each part, of each label.
    """

    column: str
    summaries: dict[str, Summary]
    label_f1: dict[str, dict[str, float | None]]


class Reliability(Measured):
    """How often decisions of a probability hold, in bins of equal width; empty bins are left out.

    Attributes:
        decisions: in each bin, one for each row and label.
        probability: mean of a bin, 0..1.
        frequency: share of a bin that holds, 0..1.
        calibration_error, brier, log_loss: means over labels, see LabelFigures.
    """

    decisions: tuple[int, ...]
    probability: tuple[float, ...]
    frequency: tuple[float, ...]
    calibration_error: float | None
    brier: float | None
    log_loss: float | None


class Calibration(Measured):
    """Reliability of all categories in one pot, of all sub-types where there are any, and of each label."""

    categories: Reliability
    subtypes: Reliability | None
    labels: dict[str, Reliability]


class Curve(Measured):
    """Precision, recall and F1 of a label tagged from a threshold on, by its own probability; thresholds rise.

    Half of the thresholds are at even steps of recall, half at even steps of probability, from where everything is
    found to where nothing is. `own` is the threshold in use, one of them.
    """

    own: float
    threshold: tuple[float, ...]
    precision: tuple[float | None, ...]
    recall: tuple[float, ...]
    f1: tuple[float, ...]


class Word(Measured):
    """A word and what it adds to the logit of a label: above 0 it speaks for it, below against it."""

    text: str
    contribution: float


class Mistake(Measured):
    """A wrong decision.

    Attributes:
        id: of the row.
        label: tagged and not labelled, or labelled and not tagged.
        tagged: which of the two.
        probability: 0..1, of the label.
        threshold: 0..1.
        explained: the label that `words` speak of: `label`, or the sub-type that lends it its probability; None where
            the model cannot explain, or the text is too long.
        words: the strongest ones, strongest first.
    """

    id: str
    text: str
    label: str
    tagged: bool
    probability: float
    threshold: float
    explained: str | None
    words: tuple[Word, ...]


class Evaluation(Measured):
    """A model's figures on some rows, at one operating point but for `points`.

    Attributes:
        overall: of all rows.
        languages: of the rows of each language.
        labels: of each label, in the codebook's order.
        label_f1_by_language: F1 of each language, of each label.
        in_doubt: share of decisions in the band of doubt.
        mistakes_in_doubt: share of the mistakes there; None if there is no mistake.
        operating_point: of all figures but `points`.
        points: precision, recall and F1 at each operating point.
        model: its name and version.
        parts: by another column than the language, if asked for.
        calibration: what the probabilities are worth.
        curves: of each label that a row has.
        mistakes: the most confident ones, most confident first: those tagged, then those missed.
        unexplained: why no mistake is explained; empty if they are.
        left_out: labels of the model or the rows that are not judged, and why.
    """

    overall: Summary
    languages: dict[str, Summary]
    labels: tuple[LabelFigures, ...]
    label_f1_by_language: dict[str, dict[str, float | None]]
    in_doubt: float
    mistakes_in_doubt: float | None
    operating_point: OperatingPoint
    points: dict[OperatingPoint, PointFigures]
    model: str = ""
    parts: Parts | None = None
    calibration: Calibration | None = None
    curves: dict[str, Curve] = {}
    mistakes: tuple[Mistake, ...] = ()
    unexplained: str = ""
    left_out: dict[str, str] = {}

    @property
    def unsupported(self) -> tuple[str, ...]:
        """The labels that no row has; their recall and F1 are unknown."""
        return tuple(label.label for label in self.labels if not label.labelled)


def known(value: float) -> float | None:
    """A figure rounded to 4 places, None for NaN."""
    return None if np.isnan(value) else round(float(value), 4)
