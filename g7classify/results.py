"""What tagging returns: a document, its sentences and their tags, frozen and checked.

All offsets are half-open, in code points, into the text as it was given: `document.text[s.start:s.end] == s.text`.
Probabilities and thresholds are rounded to six decimals: that is more than calibration can promise, it keeps JSON
short, and it hides the last bits, in which processors may differ.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from g7classify.errors import InputTypeError

Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Result(BaseModel):
    # Checked construction is the quick one: 2.9 us a tag against 4.7 us for model_construct, which runs in Python.
    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, as in the JSON."""
        return self.model_dump(mode="json")

    def to_json(self) -> str:
        """One line of JSON; `model_validate_json` of the class reads it back."""
        return self.model_dump_json()


class Tag(_Result):
    """One label that the model decided on.

    A category comes with each of its sub-types, so its own probability may be below its own threshold.
    """

    label: str
    category: str = Field(description="the label's category; the label itself if it is one")
    probability: Probability = Field(description="calibrated, that the label holds")
    threshold: Probability = Field(description="of the label: tagged from this probability on")


class ModelId(_Result):
    """Which model decided."""

    name: str
    version: str
    sha256: str = Field(pattern=r"^([0-9a-f]{64})?$", description="of the model file; empty if it came from none")

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class Sentence(_Result):
    """One sentence and its tags."""

    text: str
    start: int = Field(ge=0, description="offset of the first code point in the document's text")
    end: int = Field(ge=0, description="offset after the last")
    tags: tuple[Tag, ...] = Field(description="most probable first; ties in the order of the codebook")
    in_doubt: tuple[str, ...] = Field(
        default=(), description="labels, tagged or not, whose probability is close to their threshold; codebook order"
    )
    probabilities: dict[str, Probability] | None = Field(default=None, description="of all k labels, if asked for")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the tags, most probable first."""
        return tuple(tag.label for tag in self.tags)

    def keep(self, labels: Collection[str] | None = None, *, min_probability: float = 0.0) -> Sentence:
        """The same sentence with nothing said about other labels (None: all), and no tag below a probability.

        Raises:
            InputTypeError: `labels` is one str instead of several.
        """
        if isinstance(labels, str):
            raise InputTypeError(f"labels: expected several labels, got the str {labels!r}; pass [{labels!r}]")
        tags = tuple(t for t in self.tags if (labels is None or t.label in labels) and t.probability >= min_probability)
        # A tag that is left out is not said to be in doubt either: that would read as a label that just missed.
        dropped = set(self.labels).difference(tag.label for tag in tags)
        doubt = tuple(x for x in self.in_doubt if x not in dropped and (labels is None or x in labels))
        known = self.probabilities
        if known and labels is not None:
            known = {label: p for label, p in known.items() if label in labels}
        return self.model_copy(update={"tags": tags, "in_doubt": doubt, "probabilities": known})


class Document(_Result):
    """One text, split into sentences, and their tags."""

    text: str
    language: str = Field(description="ISO 639-1 code whose rules split the text")
    sentences: tuple[Sentence, ...] = Field(description="in the order of the text; they do not overlap")
    model: ModelId

    @model_validator(mode="after")
    def _sentences_lie_in_text(self) -> Self:
        before = 0
        for sentence in self.sentences:
            if sentence.start < before or self.text[sentence.start : sentence.end] != sentence.text:
                raise ValueError(f"sentence {sentence.start}..{sentence.end} does not lie in the text, in order")
            before = sentence.end
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """Each label that some sentence is tagged with, once, in alphabetical order."""
        return tuple(sorted({tag.label for sentence in self.sentences for tag in sentence.tags}))

    def keep(self, labels: Collection[str] | None = None, *, min_probability: float = 0.0) -> Document:
        """The same document with nothing said about other labels (None: all), and no tag below a probability.

        Given labels, sentences that are left without a tag are left out.

        Raises:
            InputTypeError: `labels` is one str instead of several.
        """
        kept = tuple(sentence.keep(labels, min_probability=min_probability) for sentence in self.sentences)
        if labels is not None:
            kept = tuple(sentence for sentence in kept if sentence.tags)
        return self.model_copy(update={"sentences": kept})

    def rows(self) -> list[dict[str, Any]]:
        """One row a sentence, for pandas.DataFrame or polars.DataFrame.

        Columns: start, end, text, labels (list, most probable first), probabilities (list, of those labels), in_doubt
        (list) and, if all probabilities were asked for, one column a label, `p:` and its name.
        """
        return [
            {
                "start": sentence.start,
                "end": sentence.end,
                "text": sentence.text,
                "labels": list(sentence.labels),
                "probabilities": [tag.probability for tag in sentence.tags],
                "in_doubt": list(sentence.in_doubt),
            }
            | {f"p:{label}": p for label, p in (sentence.probabilities or {}).items()}
            for sentence in self.sentences
        ]

    def tag_rows(self) -> list[dict[str, Any]]:
        """One row a tag, the long form: a sentence without tags has none.

        Columns: sentence (its number, from 0), start, end, text, label, category, probability, threshold, in_doubt.
        """
        return [
            {
                "sentence": number,
                "start": sentence.start,
                "end": sentence.end,
                "text": sentence.text,
                "label": tag.label,
                "category": tag.category,
                "probability": tag.probability,
                "threshold": tag.threshold,
                "in_doubt": tag.label in sentence.in_doubt,
            }
            for number, sentence in enumerate(self.sentences)
            for tag in sentence.tags
        ]
