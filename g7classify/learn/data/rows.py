"""One labelled row: what it holds, what makes it unusable, and how it is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from g7classify.codebook import Codebook
from g7classify.errors import TextError, UnknownLabelError
from g7classify.labels import MAX_NAME_CHARACTERS, is_name, short
from g7classify.text import check_text

MAX_CHARACTERS: Final = 100_000
"""The longest text that a row may have: labels are of sentences, and longer than a book's chapter is a mistake."""

FIELDS: Final = ("id", "lang", "group", "sample", "source")
"""What a row may have beside its text and labels; anything else that it has is left alone."""

Kind = Literal[
    "file",  # the file as a whole: not of its format, or nobody can tell its columns
    "encoding",  # bytes that are no UTF-8, or a text that was decoded wrongly before
    "row",  # no object, a cell too many, a field that is missing or of the wrong type
    "text",  # empty, too long, or holding what no text may
    "label",  # not of the codebook
    "unlabelled",  # nobody has answered, or the answer was to skip it
    "disagreement",  # several people labelled it, not alike
    "conflict",  # the same text with other labels elsewhere
    "duplicate",  # the same text with the same labels elsewhere
    "near-duplicate",  # almost the same text elsewhere
    "language",  # the text is not in the language that its row states
    "spelling",  # of labels that were taken from the rows: one that looks like another, or too rare to be learned
]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled sentence."""

    text: str
    labels: tuple[str, ...]
    id: str
    lang: str = ""
    group: str = ""
    sample: str = ""
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What a line of JSONL holds of the row; fields that it lacks are left out."""
        rest = {name: getattr(self, name) for name in FIELDS[1:] if getattr(self, name)}
        return {"id": self.id, **rest, "labels": list(self.labels), "text": self.text}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a row, or with a file as a whole.

    Attributes:
        path: the file; "rows" for rows in memory.
        line: of the row, from 1; in a JSON array, Parquet and memory the number of the row; 0 for the file as a whole.
        id: of the row; "" where it has none.
        kind: what is wrong.
        message: what it is, what was expected, what to do.
        severity: "error" where the row or file cannot be used or contradicts another, "warning" otherwise.
    """

    path: str
    line: int
    id: str
    kind: Kind
    message: str
    severity: Severity

    @property
    def where(self) -> str:
        """`file:line`, or the file alone."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.where}: {'warning: ' * (self.severity == 'warning')}{self.message}"


class Unusable(Exception):
    """Says why a row or a file cannot be used; whoever reads makes a Problem or a DataError of it."""

    def __init__(self, kind: Kind, message: str, *, severity: Severity = "error", line: int = 0) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.severity: Severity = severity
        self.line = line


def sound(
    text: object, labels: Sequence[object], fields: Mapping[str, Any], *, where: str, codebook: Codebook | None
) -> Row:
    """The row of a text, its labels and what else there is, all checked.

    Args:
        text: should be a str that says something.
        labels: should be names of the codebook; each is kept once, in the order given.
        fields: a mapping with some of FIELDS and anything else; `where` stands in for a missing id.
        where: of the row.
        codebook: the labels that there are; None lets any label pass that could be one.

    Raises:
        Unusable: one of them is not what it should be.
    """
    return Row(
        _text(text),
        tuple(dict.fromkeys(_label(label, codebook) for label in labels)),
        id=_field(fields, "id") or where,
        **{name: _field(fields, name) for name in FIELDS[1:]},
    )


def _text(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise Unusable("text", f"`text` is {short(text)}; expected a sentence")
    if len(text) > MAX_CHARACTERS:
        raise Unusable(
            "text", f"`text` has {len(text)} characters, more than {MAX_CHARACTERS}; split it into sentences"
        )
    if "\0" in text:
        raise Unusable("text", f"`text` holds NUL at offset {text.index(chr(0))}; remove it")
    try:
        return check_text(text)
    except TextError as error:
        raise Unusable("text", str(error)) from error


def _label(label: object, codebook: Codebook | None) -> str:
    if not isinstance(label, str):
        raise Unusable("row", f"label {short(label)}: expected a list of labels, each a str; give labels names")
    if codebook is not None:
        try:
            codebook.index(label)
        except UnknownLabelError as error:
            raise Unusable("label", str(error)) from error
    elif not is_name(label):
        hint = "; write its accents as NFC" if is_name(unicodedata.normalize("NFC", label)) else ""
        raise Unusable(
            "label",
            f"label {short(label)} cannot be one: expected 1 to {MAX_NAME_CHARACTERS} printable characters without "
            f"spaces around them{hint}",
        )
    return label


def _field(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # pandas makes floats of integers where one is missing
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise Unusable("row", f"`{name}` is {short(value)}; expected a string")
    return str(value)
