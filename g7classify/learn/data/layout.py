"""How labelled data lie in a file: what the caller says, and what can be told from the names of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from g7classify import encodings
from g7classify.errors import OptionError
from g7classify.labels import short
from g7classify.learn.data.rows import Unusable

CONTAINERS: Final = ("jsonl", "json", "csv", "tsv", "parquet", "fasttext")
TOOLS: Final = ("label-studio", "argilla", "prodigy", "doccano", "spacy")
FORMATS: Final = CONTAINERS + TOOLS

MAX_LISTED: Final = 40

# In the languages of the shipped models. The first is the name that our own files use: where it stands, it is meant.
TEXT_NAMES: Final = (
    "text", "sentence", "texte", "phrase", "satz", "testo", "frase", "texto", "文", "本文", "テキスト",
    "content", "body", "document", "data",
)  # fmt: skip
LABEL_NAMES: Final = (
    "labels", "label", "cats", "tags", "tag", "categories", "category", "classes", "class", "topics", "topic",
    "étiquettes", "étiquette", "catégories", "catégorie", "etiketten", "etikett", "kategorien", "kategorie",
    "etichette", "etichetta", "categorie", "categoria", "etiquetas", "etiqueta", "categorías", "categoría", "ラベル",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How labelled data lie in a file; what is None is told from the file.

    Attributes:
        format: one of FORMATS; a tool's name says what the objects of its JSON, JSONL, CSV or Parquet mean.
        text: the column or field that holds the text.
        labels: the column or field that holds the labels (in Label Studio the control, in Argilla the question), or
            several columns, one a label, with 1, 0, true, false, x or nothing in them.
        separator: what parts the labels in a cell; "" for nothing, one label a cell.
        encoding: of text files, as Python names it.

    Raises:
        OptionError: a format or encoding that does not exist.
    """

    format: str | None = None
    text: str | None = None
    labels: str | Sequence[str] | None = None
    separator: str | None = None
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in FORMATS:
            raise OptionError(f"format {short(self.format)}: expected one of {', '.join(FORMATS)}")
        encodings.checked(self.encoding)

    def text_column(self, names: Iterable[str]) -> str:
        """The column of the text among those there are. Raises Unusable where that is not certain."""
        return column(list(names), given=self.text, usual=TEXT_NAMES, what="text", option="text")

    def label_column(self, names: Iterable[str], *, what: str = "labels") -> str:
        """The column of the labels among those there are. Raises Unusable where that is not certain."""
        if self.labels is not None and not isinstance(self.labels, str):
            raise Unusable("file", f"labels {short(self.labels)}: expected the one name of what holds the {what}")
        return column(list(names), given=self.labels, usual=LABEL_NAMES, what=what, option="labels")


def column(names: Sequence[str], *, given: str | None, usual: Sequence[str], what: str, option: str) -> str:
    """The name that is given, or else the only usual one, or the first of the usual ones where it is among several.

    Raises:
        Unusable: there is none, or more than one; says which names there are and which option to give.
    """
    seen = listed(names)
    flag = {"text": "--text-field", "labels": "--label-field"}[option]
    if given is not None:
        if given in names:
            return given
        raise Unusable("file", f"no column {short(given)} for the {what}; there is {seen}")
    if usual[0] in names:
        return usual[0]
    known = [name for name in names if name.strip().casefold() in usual]
    if len(known) == 1:
        return known[0]
    both = f": it may be {' or '.join(map(short, known))}" if known else ""
    raise Unusable(
        "file", f"cannot tell which column holds the {what}{both}; there is {seen}; give {option}=NAME ({flag} NAME)"
    )


def listed(names: Sequence[str]) -> str:
    """The names of columns, for a message."""
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return (", ".join(short(name) for name in names[:MAX_LISTED]) or "nothing") + more
