"""Let a candidate pass only if nothing that the shipped model does well got worse.

Two evaluations are compared, figure by figure: overall, per language and per label. A figure falls when the
candidate is lower by more than the tolerance of its kind; figures of few labelled sentences, in either evaluation, are
noise and are not compared. A gate that compared nothing does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from g7classify.learn.judging.evaluating import Evaluation, Summary

# A label's F1 on fewer labelled sentences moves by more than the tolerance from seed to seed.
FEWEST_LABELLED = 50
TOLERANCE = {"overall": 0.005, "language": 0.01, "label": 0.05}


class GateError(RuntimeError):
    """The candidate may not be shipped."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of both models."""

    kind: str
    name: str
    shipped: float
    candidate: float

    @property
    def fell(self) -> bool:
        """Whether the candidate is lower by more than the tolerance."""
        return self.candidate < self.shipped - TOLERANCE[self.kind]


def check(shipped: Evaluation, candidate: Evaluation) -> tuple[Comparison, ...]:
    """All comparisons, if none fell.

    Raises:
        GateError: a figure fell, is missing in the candidate, or nothing could be compared.
    """
    found = tuple(compare(shipped, candidate))
    if not found:
        raise GateError("nothing was compared: the two evaluations share no label with enough labelled sentences")
    fallen = [f"{c.name}: {c.shipped:.4f} -> {c.candidate:.4f}" for c in found if c.fell]
    if fallen:
        raise GateError(f"{len(fallen)} of {len(found)} figures fell: {'; '.join(fallen)}")
    return found


def compare(shipped: Evaluation, candidate: Evaluation) -> Iterator[Comparison]:
    """Every figure that the shipped model has, beside the candidate's; a missing one counts as 0."""
    yield from summaries("overall", "all languages", shipped.overall, candidate.overall)
    for language, summary in shipped.languages.items():
        if summary.rows >= FEWEST_LABELLED:
            yield from summaries("language", language, summary, candidate.languages.get(language))
    labels = {figures.label: figures for figures in candidate.labels}
    for figures in shipped.labels:
        theirs = labels.get(figures.label)
        if figures.labelled < FEWEST_LABELLED or (theirs is not None and theirs.labelled < FEWEST_LABELLED):
            continue
        if figures.f1.value is not None:
            yield Comparison("label", figures.label, figures.f1.value, (theirs.f1.value if theirs else None) or 0.0)


def summaries(kind: str, name: str, shipped: Summary, candidate: Summary | None) -> Iterator[Comparison]:
    """The four chief figures of two summaries."""
    for figure in ("category_macro_f1", "category_micro_f1", "subtype_macro_f1", "subtype_micro_f1"):
        before = getattr(shipped, figure).value
        after = getattr(candidate, figure).value if candidate else None
        if before is not None:
            yield Comparison(kind, f"{name} {figure}", before, after or 0.0)
