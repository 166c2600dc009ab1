"""What tagging returns: a document, its sentences and their tags.

All offsets are half-open, in code points, into the text as it was given: `document.text[s.start:s.end] == s.text`.
Probabilities and thresholds are rounded to six decimals: that is more than calibration can promise, it keeps JSON
short, and it hides the last bits, in which processors may differ.

They are frozen dataclasses: a pydantic model of the same fields takes twice as long to make. A document that a
tagger gives makes its sentences when somebody looks at them. What comes from outside, by `from_dict` and `from_json`,
is checked by pydantic.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

from g7classify.errors import DataError, InputTypeError
from g7classify.foreign import Malformed, checked


class Result:
    """A frozen dataclass that goes to plain values and JSON, and comes back checked."""

    __slots__ = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}
    __match_args__: tuple[str, ...] = ()  # of a dataclass: its fields

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, as in the JSON."""
        return {name: _plain(getattr(self, name)) for name in self.__match_args__}

    def to_json(self) -> str:
        """One line of JSON; `from_json` of the class reads it back."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What `to_dict` gave, checked.

        Raises:
            DataError: not what `to_dict` gives; says what is wrong, and where.
        """
        return cls._from(values)

    @classmethod
    def from_json(cls, content: str | bytes) -> Self:
        """What `to_json` gave, checked.

        Raises:
            DataError: not what `to_json` gives; says what is wrong, and where.
        """
        return cls._from(content)

    @classmethod
    def _from(cls, value: Any) -> Self:
        try:
            found = checked(cls, value)
        except Malformed as error:
            raise DataError(f"no {cls.__name__}: {error}") from error
        found._check()
        return found

    def _check(self) -> None:
        """Raise DataError where values contradict each other or their range; types are right."""


def _plain(value: Any) -> Any:
    # Most values are plain already: to ask for them first makes a dict in two thirds of the time.
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.to_dict() if isinstance(value, Result) else value


_PLAIN = frozenset((str, int, float))


@dataclass(frozen=True, slots=True)
class Tag(Result):
    """One label that the model decided on.

    A category comes with each of its sub-types, so its own probability may be below its own threshold.

    Attributes:
        label: its name.
        category: the label's category; the label itself if it is one.
        probability: calibrated, in 0..1, that the label holds.
        threshold: of the label, in 0..1: tagged from this probability on.
    """

    label: str
    category: str
    probability: float
    threshold: float

    def _check(self) -> None:
        for name, value in (("probability", self.probability), ("threshold", self.threshold)):
            check_probability(value, f"{name} of {self.label!r}")


@dataclass(frozen=True, slots=True)
class ModelId(Result):
    """Which model decided.

    Attributes:
        name: of the model.
        version: three numbers, as in 0.1.0.
        sha256: of the model file; empty if it came from none.
    """

    name: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    def _check(self) -> None:
        if self.sha256 and (len(self.sha256) != 64 or not set(self.sha256) <= set("0123456789abcdef")):
            raise DataError(f"sha256 {self.sha256[:100]!r} of model {self}: expected 64 hexadecimal digits, or none")


class TagMaker(Protocol):
    """The tags of a sentence before there are such objects."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the tags."""

    def __call__(self) -> tuple[Tag, ...]:
        """The tags, most probable first."""


class _Unread(Result):
    """A result of which one field is made when somebody looks at it."""

    __slots__ = ("_make",)
    _unread: ClassVar[str]
    _make: Callable[[], Any]

    def __getattr__(self, name: str) -> Any:
        # Python comes here only if a slot is empty: the field is still to be made, or there is no such name.
        if name != self._unread:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        try:
            make = self._make
        except AttributeError:  # another thread has filled the slot meanwhile, or nothing ever will
            return object.__getattribute__(self, name)
        value = make()
        _set(self, name, value)
        with suppress(AttributeError):  # lets go of what it was made from; another thread may have done so
            object.__delattr__(self, "_make")
        return value


@dataclass(frozen=True, slots=True)
class Sentence(_Unread):
    """One sentence and its tags.

    Attributes:
        text: the sentence.
        start: offset of its first code point in the document's text.
        end: offset after its last.
        tags: most probable first; ties in the order of the codebook.
        in_doubt: labels, tagged or not, whose probability is close to their threshold; codebook order.
        probabilities: of all k labels, if asked for.
    """

    _unread: ClassVar[str] = "tags"

    text: str
    start: int
    end: int
    tags: tuple[Tag, ...]
    in_doubt: tuple[str, ...] = ()
    probabilities: dict[str, float] | None = None

    @classmethod
    def unread(
        cls,
        text: str,
        start: int,
        end: int,
        in_doubt: tuple[str, ...],
        probabilities: dict[str, float] | None,
        make: TagMaker,
    ) -> Sentence:
        """A sentence whose tags `make` makes, once, when they are first looked at."""
        sentence = cls.__new__(cls)
        _set(sentence, "text", text)
        _set(sentence, "start", start)
        _set(sentence, "end", end)
        _set(sentence, "in_doubt", in_doubt)
        _set(sentence, "probabilities", probabilities)
        _set(sentence, "_make", make)
        return sentence

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the tags, most probable first."""
        try:
            return self._make.labels  # type: ignore[attr-defined, no-any-return]  # spares the tags
        except AttributeError:
            return tuple([tag.label for tag in self.tags])

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
        return replace(self, tags=tags, in_doubt=doubt, probabilities=known)

    def _check(self) -> None:
        for tag in self.tags:
            tag._check()
        for label, probability in (self.probabilities or {}).items():
            check_probability(probability, f"probability of {label!r}")


def check_probability(value: float, name: str) -> None:
    """Raise DataError if a value is no probability; `name` is what the message calls it."""
    if not 0 <= value <= 1:  # NaN neither
        raise DataError(f"{name}: expected 0 to 1, got {value}")


@dataclass(frozen=True, slots=True)
class Document(_Unread):
    """One text, split into sentences, and their tags.

    Attributes:
        text: as it was given.
        language: ISO 639-1 code of the language whose rules split the text.
        sentences: in the order of the text; they do not overlap.
        model: which decided.
    """

    _unread: ClassVar[str] = "sentences"

    text: str
    language: str
    sentences: tuple[Sentence, ...]
    model: ModelId

    @classmethod
    def unread(cls, text: str, language: str, model: ModelId, make: Callable[[], tuple[Sentence, ...]]) -> Document:
        """A document whose sentences `make` makes, once, when they are first looked at."""
        document = cls.__new__(cls)
        _set(document, "text", text)
        _set(document, "language", language)
        _set(document, "model", model)
        _set(document, "_make", make)
        return document

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
        return replace(self, sentences=kept)

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

    def _check(self) -> None:
        before = 0
        self.model._check()
        for sentence in self.sentences:
            sentence._check()
            if sentence.start < before or self.text[sentence.start : sentence.end] != sentence.text:
                raise DataError(f"sentence {sentence.start}..{sentence.end} does not lie in the text, in order")
            before = sentence.end


_set = object.__setattr__  # the only way to fill a slot of a frozen dataclass
