"""What tagging returns: a document, its sentences and their tags.

All offsets are half-open, in code points, into the text as it was given: `document.text[s.start:s.end] == s.text`.
Probabilities and thresholds are rounded to six decimals: that is more than calibration can promise, it keeps JSON
short, and it hides the last bits, in which processors may differ.

A document that a tagger gives makes its sentences when somebody looks at them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from g7classify.errors import DataError, OptionError
from g7classify.labels import several, short
from g7classify.result import Result, Unread, fill

if TYPE_CHECKING:
    from g7classify.tagger import Tagger


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
            check_probability(value, name, self.label)


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
            raise DataError(
                f"sha256 {self.sha256[:100]!r} of model {short(str(self))}: expected 64 hexadecimal digits, or none"
            )


class TagMaker(Protocol):
    """The tags of a sentence before there are such objects."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the tags."""

    def __call__(self) -> tuple[Tag, ...]:
        """The tags, most probable first."""


@dataclass(frozen=True, slots=True)
class Sentence(Unread):
    """One sentence and its tags.

    Attributes:
        text: the sentence.
        start: offset of its first code point in the document's text.
        end: offset after its last.
        tags: most probable first; ties in the order of the codebook.
        in_doubt: labels, tagged or not, whose probability is close to their threshold; codebook order.
        probabilities: of all k labels, if asked for.
        decided_by: which model decided; None if it is the document's.
        left: whether a better model would have been asked, had its budget not been spent.
    """

    _unread: ClassVar[str] = "tags"

    text: str
    start: int
    end: int
    tags: tuple[Tag, ...]
    in_doubt: tuple[str, ...] = ()
    probabilities: dict[str, float] | None = None
    decided_by: ModelId | None = None
    left: bool = False

    @classmethod
    def unread(
        cls,
        text: str,
        start: int,
        end: int,
        in_doubt: tuple[str, ...],
        probabilities: dict[str, float] | None,
        make: TagMaker,
        decided_by: ModelId | None = None,
        *,
        left: bool = False,
    ) -> Sentence:
        """A sentence whose tags `make` makes, once, when they are first looked at."""
        sentence = cls.__new__(cls)
        _put_text(sentence, text)
        _put_start(sentence, start)
        _put_end(sentence, end)
        _put_in_doubt(sentence, in_doubt)
        _put_probabilities(sentence, probabilities)
        _put_decided_by(sentence, decided_by)
        _put_left(sentence, left)
        _put_make(sentence, make)
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
            InputTypeError: `labels` is one str instead of several, or nothing that holds any.
            OptionError: `min_probability` is not from 0 to 1.
        """
        if not 0 <= min_probability <= 1:
            raise OptionError(f"min_probability: expected 0 to 1, got {min_probability}")
        if labels is not None:
            several(labels, name="labels")
        tags = tuple(t for t in self.tags if (labels is None or t.label in labels) and t.probability >= min_probability)
        # A tag that is left out is not said to be in doubt either: that would read as a label that just missed.
        dropped = set(self.labels).difference(tag.label for tag in tags)
        doubt = tuple(x for x in self.in_doubt if x not in dropped and (labels is None or x in labels))
        known = self.probabilities
        if known and labels is not None:
            known = {label: p for label, p in known.items() if label in labels}
        return replace(self, tags=tags, in_doubt=doubt, probabilities=known)

    def _repr_html_(self) -> str | None:
        """What a notebook shows; nothing, so that it shows the plain form, if jinja2 is not installed."""
        from g7classify.pages import notebook

        return notebook.sentence(self)

    def _check(self) -> None:
        if self.decided_by is not None:
            self.decided_by._check()
        for tag in self.tags:
            tag._check()
        for label, probability in (self.probabilities or {}).items():
            check_probability(probability, "probability", label)


# Slots of a frozen dataclass are filled so in half the time that object.__setattr__ takes.
_put_text, _put_start, _put_end, _put_in_doubt, _put_probabilities, _put_decided_by, _put_left, _put_make = (
    getattr(Sentence, name).__set__
    for name in ("text", "start", "end", "in_doubt", "probabilities", "decided_by", "left", "_make")
)


def check_probability(value: float, name: str, label: str) -> None:
    """Raise DataError if a value of a label is no probability; `name` is what the message calls it."""
    if not 0 <= value <= 1:  # NaN neither
        raise DataError(f"{name} of {short(label)}: expected 0 to 1, got {value}")


@dataclass(frozen=True, slots=True)
class Source(Result):
    """Where a text comes from.

    Attributes:
        file: its path, as it was given; "-" is standard input.
        row: of a table, or line of JSONL, from 1 on; None for a whole file.
        pages: offset into the text of each page's first code point; none where there are no pages.
    """

    file: str
    row: int | None = None
    pages: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.file if self.row is None else f"{self.file}:{self.row}"

    def _check(self) -> None:
        if self.row is not None and self.row < 1:
            raise DataError(f"row {self.row} of {self.file[:100]!r}: expected 1 or more")
        if self.pages and (self.pages[0] < 0 or any(a > b for a, b in pairwise(self.pages))):
            raise DataError(f"pages of {self.file[:100]!r}: expected offsets from 0 on that never fall")


@dataclass(frozen=True, slots=True)
class Document(Unread):
    """One text, split into sentences, and their tags.

    Attributes:
        text: as it was given.
        language: ISO 639-1 code of the language whose rules split the text.
        sentences: in the order of the text; they do not overlap.
        model: which decided.
        source: where the text comes from, if that is known.
    """

    _unread: ClassVar[str] = "sentences"

    text: str
    language: str
    sentences: tuple[Sentence, ...]
    model: ModelId
    source: Source | None = None

    @classmethod
    def unread(
        cls,
        text: str,
        language: str,
        model: ModelId,
        make: Callable[[], tuple[Sentence, ...]],
        source: Source | None = None,
    ) -> Document:
        """A document whose sentences `make` makes, once, when they are first looked at."""
        document = cls.__new__(cls)
        fill(document, "text", text)
        fill(document, "language", language)
        fill(document, "model", model)
        fill(document, "source", source)
        fill(document, "_make", make)
        return document

    @property
    def labels(self) -> tuple[str, ...]:
        """Each label that some sentence is tagged with, once, in alphabetical order."""
        return tuple(sorted({tag.label for sentence in self.sentences for tag in sentence.tags}))

    def page(self, sentence: Sentence) -> int | None:
        """The page, from 1 on, on which a sentence of the document begins; None where there are no pages."""
        return bisect_right(self.source.pages, sentence.start) or None if self.source else None

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, as in the JSON; no `source` where there is none."""
        values = Unread.to_dict(self)
        if self.source is None:
            del values["source"]
        return values

    def keep(self, labels: Collection[str] | None = None, *, min_probability: float = 0.0) -> Document:
        """The same document with nothing said about other labels (None: all), and no tag below a probability.

        Given labels, sentences that are left without a tag are left out.

        Raises:
            InputTypeError: `labels` is one str instead of several, or nothing that holds any.
            OptionError: `min_probability` is not from 0 to 1.
        """
        kept = tuple(sentence.keep(labels, min_probability=min_probability) for sentence in self.sentences)
        if labels is not None:
            kept = tuple(sentence for sentence in kept if sentence.tags)
        return replace(self, sentences=kept)

    def rows(self) -> list[dict[str, Any]]:
        """One row a sentence, for pandas.DataFrame or polars.DataFrame.

        Columns, whichever models decided: start, end, text, labels (list, most probable first), probabilities (list,
        of those labels), in_doubt (list), decided_by (name@version of a model), left; and, if all probabilities were
        asked for, one column a label, `p:` and its name.
        """
        model = str(self.model)
        return [
            {
                "start": sentence.start,
                "end": sentence.end,
                "text": sentence.text,
                "labels": list(sentence.labels),
                "probabilities": [tag.probability for tag in sentence.tags],
                "in_doubt": list(sentence.in_doubt),
                "decided_by": model if sentence.decided_by is None else str(sentence.decided_by),
                "left": sentence.left,
            }
            | {f"p:{label}": p for label, p in (sentence.probabilities or {}).items()}
            for sentence in self.sentences
        ]

    def to_frame(self, *, backend: Any = "pandas") -> Any:
        """The rows of `rows` as a frame, whose columns and types are the same if there is no sentence.

        Args:
            backend: "pandas", "polars", "pyarrow" or another library that narwhals knows, or that module. In pandas,
                lists are Arrow's (pandas.ArrowDtype); an element of them is a list.

        Raises:
            OptionError: narwhals knows no such library.
            MissingExtraError: narwhals, pyarrow or that library is not installed.
        """
        from g7classify import native

        return native.frame(native.sentences(self.rows()), backend)

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

    def to_html(self, *, tagger: Tagger | None = None, interface: str | None = None) -> str:
        """One self-contained page to read, filter and send on, as `g7classify report` writes it.

        Args:
            tagger: that made the document; its words are told. If not given, its model is loaded by its name, if it is
                shipped or was added.
            interface: "en" or "fr"; the language of the document if there is one in it, else English.

        Raises:
            MissingExtraError: jinja2 is not installed.
            OptionError: there is no such interface.
            DataError: more sentences than a browser can show.
        """
        from g7classify.pages import documents

        return documents.render([("", self)], tagger=tagger, interface=interface)

    def _repr_html_(self) -> str | None:
        """What a notebook shows; nothing, so that it shows the plain form, if jinja2 is not installed."""
        from g7classify.pages import notebook

        return notebook.document(self)

    def _check(self) -> None:
        before = 0
        self.model._check()
        if self.source is not None:
            self.source._check()
            if self.source.pages and self.source.pages[-1] > len(self.text):
                raise DataError(f"page {len(self.source.pages)} begins at {self.source.pages[-1]}, after the text")
        for sentence in self.sentences:
            sentence._check()
            if sentence.start < before or self.text[sentence.start : sentence.end] != sentence.text:
                raise DataError(f"sentence {sentence.start}..{sentence.end} does not lie in the text, in order")
            before = sentence.end
