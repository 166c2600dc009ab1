"""The cards of what we ship, in Markdown: what it is, what it learned from, how well it does, where it errs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from g7classify.cascade import Fusion
from g7classify.classifier import Classifier
from g7classify.learn.cards import markdown, sections
from g7classify.learn.cards.markdown import number
from g7classify.learn.dataset import digests, files
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.manifest import ModelEntry
from g7classify.vectorfile import Vectors
from training import build
from training.stated import Stated

LICENCE = "mit"
LIMITS = f"""\
- {sections.BY_SENTENCE}
- {{seen}} Its weakest labels are
  {{weakest}}.
- {sections.NAMES}
- Labels were given by language models that followed the codebook, not by human annotators; so were the labels that
  it is measured against.
- Probabilities are calibrated for sentences{{drawn}}. Where labels are commoner than there, its
  probabilities are too low; where they are rarer, too high.
- {sections.READING_AID}"""


def card(model: Classifier, stated: Stated, evaluation: Evaluation, *, sha256: str, size_bytes: int) -> str:
    """The text of a model's card."""
    info, overall = model.info, evaluation.overall
    metrics = {name: getattr(overall, key).value for key, name in sections.F1.items()}
    return f"""\
{sections.front_matter(info, metrics, rows=overall.rows, licence=LICENCE)}
# {info.name} {info.version}

{info.description}

| | |
| --- | --- |
| file | {size_bytes:,} bytes, sha256 `{sha256}` |
| languages | {", ".join(info.languages)} |
| labels | {len(model.codebook.names)} of the codebook {model.codebook.name!r} {model.codebook.version} |
| learned from | {info.rows:,} labelled sentences |
| shape | {sections.shape(model)} |
| recipe | sha256 `{info.recipe_sha256}`, {stated.chief} |
| licence | MIT |

## How well it does

On {overall.rows:,} sentences{drawn(model)}, each scored by a model that had seen neither it, nor
its document, nor a near-duplicate; the decisions on each fold were fitted on the other folds. Intervals are bootstraps
over documents. The best thresholds are chosen on the very rows that they are measured on: for sub-types a bound that no
honest choice reaches. They are each label's own, while tagged categories also follow from tagged sub-types.

{sections.chief(evaluation)}
{sections.doubt(evaluation)}

### Operating points

Precision / recall / F1, cross-validated. All other figures and the thresholds below are of the balanced point.

{sections.points(evaluation)}
### By language

{sections.languages(evaluation)}
### By label

ECE is the expected calibration error of the probabilities, in 15 bins.

{sections.labels(model, evaluation)}
### F1 by label and language

{sections.by_language(evaluation)}
## Known limits

{LIMITS.format(seen=sections.seen(model), weakest=sections.weakest(evaluation), drawn=drawn(model))}

## What it learned from

Text outside the repository is named by its sha256 alone and is not in it.

{sections.data(info)}"""


def drawn(model: Classifier) -> str:
    """How the rows of the evaluation were picked: with nothing but the seeds to learn from, they are of the seeds."""
    seeds = set(digests(files(build.SEEDS)).values())
    written = seeds.issuperset(model.info.data_sha256.values())
    return " of the written corpus" if written else " drawn at random from public documents"


def of_cascade(
    fusion: Fusion,
    table: ModelEntry,
    deep: ModelEntry,
    figures: Sequence[dict[str, float | None]],
    *,
    rows: int,
    sha256: str,
    size_bytes: int,
) -> str:
    """The text of a cascade's card.

    Args:
        fusion: how the two models decide together.
        table, deep: the models.
        figures: what fusing.figures gives, a budget each.
        rows: that these were measured on.
        sha256, size_bytes: of the cascade's file.
    """
    info = fusion.info
    keys = ("subtype_macro_f1", "subtype_micro_f1", "category_macro_f1")
    lines = [[*(f"{one[key]:.1%}" for key in ("budget", "escalated")), *(number(one[key]) for key in keys)]
             for one in figures]  # fmt: skip
    tenth = next(one for one in figures if one["budget"] == 0.1)
    metrics = {f"{name} at a budget of 10 %": tenth[key] for key, name in sections.F1.items()}
    head = ["budget", "escalated", "sub-type macro-F1", "sub-type micro-F1", "category macro-F1"]
    return f"""\
{sections.front_matter(info, metrics, rows=rows, licence=LICENCE)}
# {info.name} {info.version}

{info.description} It is a file that goes with the two and holds neither:
`g7classify.load({table.name!r}, escalate={deep.name!r}, budget=0.1)`.

| | |
| --- | --- |
| file | {size_bytes:,} bytes, sha256 `{sha256}` |
| reads everything | {table.id}, sha256 `{table.sha256}`: see `{table.card}` |
| reads what is escalated | {deep.id}, sha256 `{deep.sha256}`: see `{deep.card}` |
| needs | `pip install 'g7classify[deep]'` |
| decides | the sum of the deep model's score and {fusion.weight:g} of the table's, calibrated as a sum |
| languages | {", ".join(info.languages)} |
| labels | {len(fusion.codebook)} of the codebook {fusion.codebook.name!r} {fusion.codebook.version} |
| learned from | the cross-validated scores of both models of {info.rows:,} sentences |
| licence | MIT |

A sentence is escalated if most is to be gained of it: if the table's probabilities are close to its thresholds, over
the labels, a rare label weighing more. The budget is the share of sentences that may be. Thresholds are fitted for each
of the budgets below, on the mixture of both models' sentences, and interpolated between them.

## How well it does

On {rows:,} sentences drawn at random from public documents, each scored by two models that had seen neither it, nor its
document, nor a near-duplicate; what decides in each fold was fitted on the other folds. The operating point is the
balanced one. A budget of 0 is {table.id} alone; at 100 % all sentences have the sum of both scores.

{markdown.table(head, lines)}
## Known limits

- It has the limits of both models: see their cards. What the table is wrong and sure of is never escalated.
- How many sentences are escalated depends on the text: as many as are as doubtful as the budget's share of the natural
  sentences that it was fitted on. Of one call, or of one batch, at most the budget and 32 sentences more are; a
  sentence that was left out for it says so.
- The weight of the table's score was chosen on these very rows; see `WEIGHT` in training/deep/fusing.py.
- {sections.READING_AID}

## What it learned from

What its two models learned from, and nothing else; text outside the repository is named by its sha256 alone.

{sections.data(info)}"""


def of_vectors(
    vectors: Vectors, settings: Mapping[str, object], explained: float, *, sha256: str, size_bytes: int
) -> str:
    """The text of the card of vectors of n-grams.

    Args:
        vectors: what the card is of.
        settings: how they were made, by name.
        explained: R squared on sentences that they were not learned from.
        sha256, size_bytes: of the file.
    """
    info = vectors.info
    used = int((vectors.rows != 0).any(axis=1).sum())
    read = "\n".join(f"- {name}: sha256 `{digest}`" for name, digest in info.data_sha256.items())
    stated = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return f"""\
# {info.name} {info.version}

{info.description} Training starts from them (`vectors` in a recipe): a new model then knows related words that no
training row holds. They are no classifier, and no part of a trained model's file.

| | |
| --- | --- |
| file | {size_bytes:,} bytes, sha256 `{sha256}` |
| languages | {", ".join(info.languages)} |
| shape | {len(vectors.rows):,} buckets, {used:,} of them not zero, width {vectors.rows.shape[1]}, int8 |
| how they were made | {stated} |
| licence | MIT; multilingual-e5-small is MIT too |

Of the variance of the transformer's vectors in these dimensions, the sum over a sentence's n-grams explains
{explained:.1%} on sentences that it did not learn from.

## What they learned from

Sentences without labels, none a near-duplicate of a labelled one that a shipped model is trained or measured on.
No sentence can be read out of the vectors of single n-grams, and no label went in.

{read}
"""
