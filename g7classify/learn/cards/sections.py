"""What the cards of all models have in common: how they begin, tables of an evaluation, what a model is made of."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from g7classify.classifier import Classifier
from g7classify.deep.model import DeepModel
from g7classify.learn.cards import markdown
from g7classify.learn.cards.markdown import figure, number, rates
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.learn.judging.figures import by_point
from g7classify.model import Model, ModelInfo
from g7classify.report import escaped

LIBRARY: Final = 'library_name: "g7classify"'
F1: Final = {"subtype_macro_f1": "sub-type macro-F1", "subtype_micro_f1": "sub-type micro-F1"}
BY_SENTENCE: Final = "A label is decided from one sentence alone; what only its neighbours tell is not seen."
NAMES: Final = "It knows the names and events of its training text; new ones are read by their parts."
READING_AID: Final = "It is a reading aid. Do not use it to decide about persons."


def front_matter(info: ModelInfo, metrics: dict[str, float | None], *, rows: int | None, licence: str | None) -> str:
    """YAML in the terms of the Hugging Face hub's model cards, between two lines of dashes; values are JSON, thus YAML.

    Args:
        info: of the model.
        metrics: F1 in 0..1 by a name for readers.
        rows: that they were measured on, by cross-validation; None if they were in the check of an update, each label
            on rows of its own.
        licence: as the hub abbreviates it; None leaves it to whoever passes the model on.
    """
    known = [{"type": "f1", "name": name, "value": value} for name, value in metrics.items() if value is not None]
    way = "check of an update" if rows is None else "cross-validation"
    measured: dict[str, Any] = {
        "task": {"type": "text-classification"},
        "dataset": {"type": way.replace(" ", "-"), "name": way if rows is None else f"{way} on {rows:,} sentences"},
        "metrics": known,
    }
    values = {
        "language": [code for code in info.languages if re.fullmatch("[a-z]{2,3}", code)],
        "license": licence,
        "pipeline_tag": "text-classification",
        "tags": ["g7classify", "multi-label"],
        "metrics": ["f1"],
        "model-index": [{"name": info.name, "results": [measured]}],
    }
    lines = [f"{key}: {json.dumps(value)}" for key, value in values.items() if value is not None]
    return "\n".join(["---", LIBRARY, *lines, "---", ""])


def chief(evaluation: Evaluation) -> str:
    """Macro and micro F1, with what the best thresholds would reach."""
    overall = evaluation.overall
    lines = [
        [f"{level} {mean}-F1", figure(getattr(overall, key)), number(getattr(overall, f"best_{key}"))]
        for level, mean, key in (
            ("category", "macro", "category_macro_f1"),
            ("category", "micro", "category_micro_f1"),
            ("sub-type", "macro", "subtype_macro_f1"),
            ("sub-type", "micro", "subtype_micro_f1"),
        )
    ]
    return markdown.table(["figure", "cross-validated [95 % interval]", "at the best thresholds"], lines)


def points(evaluation: Evaluation) -> str:
    """One line for the sub-types and each category, one column an operating point."""
    lines = [[escaped(name), *map(rates, row)] for name, row in by_point(evaluation)]
    return markdown.table(["", *evaluation.points], lines)


def languages(evaluation: Evaluation) -> str:
    """One line a language."""
    head = ["language", "sentences", "category macro-F1", "sub-type macro-F1", "sub-type micro-F1"]
    lines = [
        [
            escaped(language),
            f"{found.rows:,}",
            figure(found.category_macro_f1),
            figure(found.subtype_macro_f1),
            figure(found.subtype_micro_f1),
        ]
        for language, found in evaluation.languages.items()
    ]
    return markdown.table(head, lines)


def labels(model: Classifier, evaluation: Evaluation) -> str:
    """One line a label."""
    head = ["label", "labelled", "tagged", "precision", "recall", "F1 [95 %]", "threshold", "ECE"]
    lines = [
        [
            escaped(label.label),
            f"{label.labelled:,}",
            f"{label.tagged:,}",
            number(label.precision),
            number(label.recall),
            figure(label.f1),
            number(float(threshold)),
            number(label.calibration_error),
        ]
        for label, threshold in zip(evaluation.labels, model.deciding("balanced")[0], strict=True)
    ]
    return markdown.table(head, lines)


def by_language(evaluation: Evaluation) -> str:
    """F1, one line a label, one column a language."""
    of = evaluation.label_f1_by_language
    lines = [
        [escaped(label.label), *(number(of[language][label.label]) for language in of)] for label in evaluation.labels
    ]
    return markdown.table(["label", *map(escaped, of)], lines)


def data(info: ModelInfo) -> str:
    """One line a file that the model learned from."""
    return markdown.table(
        ["file", "sha256"], [[escaped(name), f"`{digest}`"] for name, digest in info.data_sha256.items()]
    )


def doubt(evaluation: Evaluation) -> str:
    """What the band of doubt holds."""
    return (
        f"The band of doubt around the thresholds holds {evaluation.in_doubt:.1%} of all decisions and\n"
        f"{evaluation.mistakes_in_doubt or 0:.0%} of the mistakes."
    )


def shape(model: Classifier) -> str:
    """What the model is made of."""
    if isinstance(model, Model):
        return f"{model.spec.buckets:,} buckets of {model.table.shape[1]} int8 columns"
    if isinstance(model, DeepModel):
        layers, rank, _ = model.adapters.attend_down.shape
        return (
            f"adapters of rank {rank} in {layers} layers, and a head; on the base of the package {model.base}, sha256 "
            f"`{model.base.sha256}`; needs `pip install 'g7classify[deep]'`"
        )
    raise TypeError(f"no card is made of a {type(model).__name__}")


def seen(model: Classifier) -> str:
    """What of a sentence the model sees."""
    if isinstance(model, DeepModel):
        return f"The model reads the first {model.longest} tokens of a sentence, and nothing after them."
    return "The model sees words and pairs of words, not grammar: who does what to whom escapes it."


def weakest(evaluation: Evaluation) -> str:
    """The three labels of the lowest F1."""
    known = sorted((label.f1.value, label.label) for label in evaluation.labels if label.f1.value is not None)
    return ", ".join(f"{escaped(label)} ({number(value)})" for value, label in known[:3])
