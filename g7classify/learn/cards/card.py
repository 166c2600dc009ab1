"""The card of a model that a user trained, in Markdown, beside its file: what it learned from, how well it does, what
it was not tested on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

import g7classify
from g7classify import languages, registry
from g7classify.atomic import write_bytes
from g7classify.classifier import Classifier
from g7classify.container import DEEP
from g7classify.deep.model import DeepModel
from g7classify.errors import UnreadableFileError
from g7classify.learn.cards import markdown, sections
from g7classify.learn.cards.markdown import number
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.learn.recipe import Recipe
from g7classify.report import escaped

# Judged rows of a label: with 31 to 43 of them g7-base has intervals of F1 .13 to .30 wide, with 328 to 359 .05 to .08.
FEW_LABELLED: Final = 50
FEW_ROWS: Final = 200  # of a language: 38 labels then have 5 sentences each


class Trained(Protocol):
    """What training gives, of a table (fit.Trained) or a deep model's head (deep.TrainedHead)."""

    @property
    def model(self) -> Classifier:
        """Trained on all rows."""

    @property
    def evaluation(self) -> Evaluation:
        """What cross-validation says of it."""


def place(path: str | os.PathLike[str]) -> Path:
    """Where the card of a model file lies.

    Raises:
        UnreadableFileError: something else lies there, which is not to be lost.
    """
    card = Path(path).with_suffix(".md")
    try:
        with card.open("rb") as file:
            start = file.read(200)
    except FileNotFoundError:
        return card
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        reason = getattr(error, "strerror", None) or error
        raise UnreadableFileError(f"cannot write the card {card}: {reason}") from error
    if not start.startswith(f"---\n{sections.LIBRARY}\n".encode()):
        raise UnreadableFileError(f"cannot write the card {card}: it is another file; move it, or name the model anew")
    return card


def write(trained: Trained, dataset: Dataset, recipe: Recipe, path: str | os.PathLike[str]) -> Path:
    """Write the card of a model beside its file, whole or not at all; an older card gives way.

    Args:
        trained: the model that was written, and its evaluation.
        dataset: what it learned from.
        recipe: by which.
        path: of the model's file.

    Returns:
        Where the card lies: the file's path, but for .md in the end.

    Raises:
        UnreadableFileError: the model's file cannot be read or the card not be written; or something that is no card
            lies there.
    """
    card, file = place(path), Path(path)
    size = file.stat().st_size if file.is_file() else 0
    told = text(trained, dataset, recipe, file=file.name, sha256=registry.sha256(file), size_bytes=size)
    write_bytes(card, told.encode())
    return card


def text(trained: Trained, dataset: Dataset, recipe: Recipe, *, file: str, sha256: str, size_bytes: int) -> str:
    """The card's text; `file`, `sha256` and `size_bytes` are the model file's."""
    model, evaluation = trained.model, trained.evaluation
    info, codebook, overall = model.info, model.codebook, evaluation.overall
    metrics = {name: getattr(overall, key).value for key, name in sections.F1.items()}
    settings = json.dumps(recipe.model_dump(mode="json"), ensure_ascii=False, indent=1)
    by_language = sections.by_language(evaluation) if evaluation.languages else "No row tells its language.\n"
    return f"""\
{sections.front_matter(info, metrics, rows=overall.rows, licence=None)}
# {info.name} {info.version}

{info.description or "Its recipe says no more of what it is for."}

| | |
| --- | --- |
| file | {escaped(file)}, {size_bytes:,} bytes, sha256 `{sha256}` |
| languages | {", ".join(map(escaped, info.languages)) or "not told by the rows"} |
| labels | {len(codebook)} of the codebook {escaped(codebook.name)} {escaped(codebook.version)} |
| codebook | sha256 `{codebook.sha256}` |
| learned from | {len(dataset):,} labelled sentences |
| shape | {sections.shape(model)} |
| recipe | sha256 `{info.recipe_sha256}`, at the end of this card |
| trained with | g7classify {g7classify.__version__} |
| licence | not told: it is for whoever passes the model on to say |

## What it learned from

{sources(model, dataset)}
### Labelled sentences, by label and language

{counts(dataset)}
## How well it does

On {overall.rows:,} of these sentences{judged(dataset, recipe)}, in {recipe.folds} folds: each was scored by a model
that had seen neither it, nor its group, nor a near-duplicate (of a similarity of {recipe.near_duplicate:g} or more);
the decisions on each fold were fitted on the other folds. Intervals are bootstraps over groups. The best thresholds
are chosen on the very rows that they are measured on: a bound, not a result.{levels(dataset)}

{sections.chief(evaluation)}
{sections.doubt(evaluation)}

### Operating points

Precision / recall / F1. All other figures and the thresholds below are of the {evaluation.operating_point} point.

{sections.points(evaluation)}
### By language

{sections.languages(evaluation) if evaluation.languages else by_language}
### By label

{sections.labels(model, evaluation)}
### F1 by label and language

{by_language}
### Calibration

{calibrated(evaluation, recipe)}

## Known limits

{bullets(limits(model, dataset, evaluation))}
## Recipe

```json
{settings}
```
"""


def sources(model: Classifier, dataset: Dataset) -> str:
    """How many rows, and of which files."""
    bare = int((~dataset.labels.any(axis=1)).sum())
    rows = (
        f"{len(dataset):,} sentences in {len(np.unique(dataset.groups)):,} groups, {bare:,} of them without a label; "
        f"their sha256, as JSON in this order, is `{digest(dataset)}`.\n"
    )
    files = sections.data(model.info) if model.info.data_sha256 else "They were not read from files.\n"
    return f"{rows}\n{before(model)}{files}"


def before(model: Classifier) -> str:
    """Of a deep model, what its transformer had learned from."""
    if not isinstance(model, DeepModel):
        return ""
    known = model.info.data_sha256.items()
    bases = [str(entry.id) for entry in registry.models() if entry.kind == DEEP and entry.data_sha256.items() <= known]
    return (
        f"Its transformer was tuned before, on other rows: those of {', '.join(bases) or 'the model whose it was'}, "
        "whose files are listed too. Only labels and decisions were learned from the rows above.\n\n"
    )


def digest(dataset: Dataset) -> str:
    """Of texts, labels and what else the rows tell, in their order: 64 hexadecimal digits."""
    found = hashlib.sha256()
    names = dataset.codebook.names
    columns = (dataset.languages, dataset.groups, dataset.samples)
    for text, labels, *told in zip(dataset.texts, dataset.labels, *columns, strict=True):
        row = [text, [names[column] for column in np.flatnonzero(labels)], *map(str, told)]
        found.update(json.dumps(row, separators=(",", ":")).encode() + b"\n")
    return found.hexdigest()


def counts(dataset: Dataset) -> str:
    """How many rows have each label, in each language."""
    spoken = np.unique(dataset.languages).tolist()
    columns = [dataset.labels[dataset.languages == language] for language in spoken]
    lines = [["all sentences", f"{len(dataset):,}", *(f"{len(column):,}" for column in columns)]]
    for i, name in enumerate(dataset.codebook.names):
        cells = (found[:, i].sum() for found in (dataset.labels, *columns))
        lines.append([escaped(name), *(f"{cell:,}" for cell in cells)])
    return markdown.table(["label", "all", *(escaped(language) or "not told" for language in spoken)], lines)


def judged(dataset: Dataset, recipe: Recipe) -> str:
    """Which rows were."""
    told = (dataset.samples == recipe.calibrate_on).any()
    return f", those of the sample {escaped(recipe.calibrate_on)}" if told else ""


def levels(dataset: Dataset) -> str:
    """What categories and sub-types are where there is one level."""
    if dataset.codebook.subtypes:
        return ""
    return " The codebook has one\nlevel: what is said of categories and of sub-types is said of all labels."


def calibrated(evaluation: Evaluation, recipe: Recipe) -> str:
    """How scores became probabilities, and how far these are off."""
    errors = {one.label: one.calibration_error for one in evaluation.labels if one.calibration_error is not None}
    worst = max(errors, key=lambda label: errors[label], default="")
    found = (
        f"Their expected calibration error, in 15 bins, is {number(float(np.mean(list(errors.values()))))} in the mean "
        f"over the labels and {number(errors[worst])} at most ({escaped(worst)})."
        if errors
        else "How far they are off is not known."
    )
    return (
        "A logistic curve a label turns scores into probabilities, fitted on the cross-validated scores of these rows; "
        f"what all labels have in common counts as {recipe.shrinkage:g} labelled sentences in each. {found} A category "
        "is never less probable than its sub-types."
    )


def limits(model: Classifier, dataset: Dataset, evaluation: Evaluation) -> Iterable[str]:
    """What to bear in mind, drawn from the rows and the figures."""
    yield sections.BY_SENTENCE
    yield sections.seen(model)
    if weakest := sections.weakest(evaluation):
        yield f"Its weakest labels are {weakest}."
    never = [one.label for one in evaluation.labels if not one.labelled]
    few = [f"{escaped(one.label)} ({one.labelled})" for one in evaluation.labels if 0 < one.labelled < FEW_LABELLED]
    if never:
        yield f"No judged row has these labels, so nothing is known of them: {', '.join(map(escaped, never))}."
    if few:
        yield f"Labels of fewer than {FEW_LABELLED} judged rows, whose figures are uncertain: {', '.join(few)}."
    yield from spoken(dataset.languages)
    if len(np.unique(dataset.groups)) == len(dataset):
        yield (
            "No two rows say that they belong together (`group`): if some are of the same document, it is easier to "
            "cross-validate than new text will be, and the figures are too high."
        )
    if isinstance(model, DeepModel):
        yield (
            "Where its rows are among those that its transformer had learned from, cross-validation says too much of "
            "them."
        )
    yield (
        "It was tested on no other text than these rows: not on other sources, times or kinds of text. `g7classify "
        "evaluate` does so, with rows that it has not seen."
    )
    yield (
        "Probabilities are calibrated for sentences that are labelled as often as these. Where labels are commoner, "
        "its probabilities are too low; where they are rarer, too high."
    )
    yield sections.NAMES
    yield sections.READING_AID


def spoken(of_rows: NDArray[np.str_]) -> Iterable[str]:
    """What the rows' languages leave unknown."""
    found, rows = np.unique(of_rows, return_counts=True)
    known = {str(code): int(count) for code, count in zip(found, rows, strict=True)}
    untold = known.pop("", 0)
    if untold:
        yield f"{untold:,} rows do not tell their language."
    few = [f"{escaped(code)} ({count})" for code, count in known.items() if count < FEW_ROWS]
    if few:
        yield f"Languages of fewer than {FEW_ROWS} rows, of which little is known: {', '.join(few)}."
    absent = sorted({one.code for one in languages.LANGUAGES} - set(known))
    if absent and known:
        yield f"No row is said to be of the languages {', '.join(absent)}: what it makes of these is not known."


def bullets(lines: Iterable[str]) -> str:
    """A list in Markdown."""
    return "".join(f"- {line}\n" for line in lines)
