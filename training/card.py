"""The card of a model, in Markdown: what it is, what it learned from, how well it does, where it errs."""

from __future__ import annotations

from g7classify.classifier import Classifier
from g7classify.deep.model import DeepModel
from g7classify.learn.dataset import digests, files
from g7classify.learn.evaluate import Evaluation, Figure, Rates
from g7classify.learn.figures import by_point
from g7classify.model import Model
from training import build, markdown
from training.stated import Stated

LIMITS = """\
- A label is decided from one sentence alone; what only its neighbours tell is not seen.
- {seen} Its weakest labels are
  {weakest}.
- It knows the names and events of its training text; new ones are read by their parts.
- Labels were given by language models that followed the codebook, not by human annotators; so were the labels that
  it is measured against.
- Probabilities are calibrated for sentences{drawn}. Where labels are commoner than there, its
  probabilities are too low; where they are rarer, too high.
- It is a reading aid. Do not use it to decide about persons."""


def card(model: Classifier, stated: Stated, evaluation: Evaluation, *, sha256: str, size_bytes: int) -> str:
    """The card's text."""
    info = model.info
    overall = evaluation.overall
    head = ["figure", "cross-validated [95 % interval]", "at the best thresholds"]
    chief = [
        ["category macro-F1", figure(overall.category_macro_f1), number(overall.best_category_macro_f1)],
        ["category micro-F1", figure(overall.category_micro_f1), number(overall.best_category_micro_f1)],
        ["sub-type macro-F1", figure(overall.subtype_macro_f1), number(overall.best_subtype_macro_f1)],
        ["sub-type micro-F1", figure(overall.subtype_micro_f1), number(overall.best_subtype_micro_f1)],
    ]
    files = [[f"`{name}`", f"`{digest}`"] for name, digest in info.data_sha256.items()]
    language_head = ["language", "sentences", "category macro-F1", "sub-type macro-F1", "sub-type micro-F1"]
    label_head = ["label", "labelled", "tagged", "precision", "recall", "F1 [95 %]", "threshold", "ECE"]
    cross_head = ["label", *evaluation.label_f1_by_language]
    return f"""\
# {info.name} {info.version}

{info.description}

| | |
| --- | --- |
| file | {size_bytes:,} bytes, sha256 `{sha256}` |
| languages | {", ".join(info.languages)} |
| labels | {len(model.codebook.names)} of the codebook {model.codebook.name!r} {model.codebook.version} |
| learned from | {info.rows:,} labelled sentences |
| shape | {shape(model)} |
| recipe | sha256 `{info.recipe_sha256}`, {stated.chief} |
| licence | MIT |

## How well it does

On {overall.rows:,} sentences{drawn(model)}, each scored by a model that had seen neither it, nor
its document, nor a near-duplicate; the decisions on each fold were fitted on the other folds. Intervals are bootstraps
over documents. The best thresholds are chosen on the very rows that they are measured on: for sub-types a bound that no
honest choice reaches. They are each label's own, while tagged categories also follow from tagged sub-types.

{markdown.table(head, chief)}
The band of doubt around the thresholds holds {evaluation.in_doubt:.1%} of all decisions and
{evaluation.mistakes_in_doubt or 0:.0%} of the mistakes.

### Operating points

Precision / recall / F1, cross-validated. All other figures and the thresholds below are of the balanced point.

{markdown.table(["", *evaluation.points], point_lines(evaluation))}
### By language

{markdown.table(language_head, language_lines(evaluation))}
### By label

ECE is the expected calibration error of the probabilities, in 15 bins.

{markdown.table(label_head, label_lines(model, evaluation))}
### F1 by label and language

{markdown.table(cross_head, cross_lines(evaluation))}
## Known limits

{LIMITS.format(seen=seen(model), weakest=weakest(evaluation), drawn=drawn(model))}

## What it learned from

Text outside the repository is named by its sha256 alone and is not in it.

{markdown.table(["file", "sha256"], files)}"""


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


def drawn(model: Classifier) -> str:
    """How the rows of the evaluation were picked: with nothing but the seeds to learn from, they are of the seeds."""
    seeds = set(digests(files(build.SEEDS)).values())
    written = seeds.issuperset(model.info.data_sha256.values())
    return " of the written corpus" if written else " drawn at random from public documents"


def weakest(evaluation: Evaluation) -> str:
    """The three labels of the lowest F1."""
    known = sorted((label.f1.value, label.label) for label in evaluation.labels if label.f1.value is not None)
    return ", ".join(f"{label} ({number(value)})" for value, label in known[:3])


def figure(value: Figure) -> str:
    """A figure with its interval."""
    interval = f" [{number(value.low)}, {number(value.high)}]" if value.low is not None else ""
    return f"{number(value.value)}{interval}"


def number(value: float | None) -> str:
    """A share as .123, a dash where unknown."""
    return "-" if value is None else f"{value:.3f}".lstrip("0") if value < 1 else f"{value:.3f}"


def point_lines(evaluation: Evaluation) -> list[list[str]]:
    """One line for the sub-types and each category, one column an operating point."""
    return [[name, *map(rates, row)] for name, row in by_point(evaluation)]


def rates(value: Rates) -> str:
    """Precision, recall and F1."""
    return f"{number(value.precision)} / {number(value.recall)} / {number(value.f1)}"


def language_lines(evaluation: Evaluation) -> list[list[str]]:
    """One line a language."""
    return [
        [language, f"{s.rows:,}", figure(s.category_macro_f1), figure(s.subtype_macro_f1), figure(s.subtype_micro_f1)]
        for language, s in evaluation.languages.items()
    ]


def label_lines(model: Classifier, evaluation: Evaluation) -> list[list[str]]:
    """One line a label."""
    return [
        [
            label.label,
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


def cross_lines(evaluation: Evaluation) -> list[list[str]]:
    """One line a label, one column a language."""
    by_language = evaluation.label_f1_by_language
    return [
        [label.label, *(number(by_language[language][label.label]) for language in by_language)]
        for label in evaluation.labels
    ]
