"""Records to what they say: the text, the labels and the other fields of each, in our own layout and in tables.

What the exports of annotation tools mean, where it differs, is told by exports.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from g7classify.codebook import Codebook
from g7classify.labels import short
from g7classify.learn.data.cells import flag, is_flag, labels_of, separator_of
from g7classify.learn.data.layout import LABEL_NAMES, Layout, listed
from g7classify.learn.data.records import Source
from g7classify.learn.data.rows import FIELDS, Unusable

# Beside the task's own fields and the controls, in JSON-MIN and CSV.
_LABEL_STUDIO: Final = frozenset(
    ("annotation_id", "annotator", "annotators", "created_at", "updated_at", "lead_time", "agreement")
)
_LABELS_OF_TOOLS: Final = {"doccano": "label", "spacy": "cats"}
# A table whose cells say yes or no has so many columns of labels at least, where no codebook tells them.
MIN_FLAG_COLUMNS: Final = 2


class Said(NamedTuple):
    """What a record says, unchecked."""

    text: Any
    labels: Sequence[Any]
    fields: Mapping[str, Any]
    """May hold id, lang, group, sample and source."""
    note: str = ""
    """What somebody should look at, though the row can be used: that people disagreed."""


Meaning = Callable[[Mapping[str, Any]], Said | None]
"""What an object says; None where an earlier record of the same text has said it. Raises Unusable."""


def mappings(source: Source) -> list[Mapping[str, Any]]:
    """The records that are sound objects."""
    return [r.value for r in source.records if not r.wrong and isinstance(r.value, Mapping)]


def names_in(objects: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each name that some object has, in the order in which they are met."""
    return list(dict.fromkeys(name for found in objects for name in found))


def meaning_of_columns(source: Source, *, layout: Layout, codebook: Codebook | None) -> Meaning:
    """Columns or fields that hold the text and the labels.

    Raises:
        Unusable: it is not certain which do.
    """
    objects = mappings(source)
    # A file without any sound object has its rows reported one by one, under the names that we use.
    names = names_in(objects) or ["text", "labels"]
    text = layout.text_column(names)
    if "annotation_id" in names and "lead_time" in names:
        controls = [name for name in names if name not in {text, *FIELDS, *_LABEL_STUDIO}]
        control = controls[0] if len(controls) == 1 and layout.labels is None else layout.label_column(controls)
        return lambda found: _by_cell(found, text=text, labels=control, separator=layout.separator, tabular=True)
    columns = _flag_columns(objects, names, text=text, layout=layout, codebook=codebook)
    if columns:
        return lambda found: _by_flags(found, text=text, columns=columns)
    own = _LABELS_OF_TOOLS.get(layout.format or "")
    labels = own if own in names and layout.labels is None else layout.label_column(names)
    separator = layout.separator or None
    if layout.separator is None and source.tabular and (layout.format == "doccano" or "Comments" in names):
        separator = "#"  # as doccano joins labels in CSV, beside which stand comments
    elif layout.separator is None and source.tabular:
        cells = {cell for found in objects if isinstance(cell := found.get(labels), str)}
        separator = separator_of(cells, codebook=codebook)
    tabular = source.tabular
    return lambda found: _by_cell(found, text=text, labels=labels, separator=separator, tabular=tabular)


def _by_cell(found: Mapping[str, Any], *, text: str, labels: str, separator: str | None, tabular: bool) -> Said:
    given = labels_of(found.get(labels), name=labels, separator=separator or None, tabular=tabular)
    return Said(found.get(text), given, found)


def _by_flags(found: Mapping[str, Any], *, text: str, columns: Collection[str]) -> Said:
    return Said(found.get(text), [n for n, value in found.items() if n in columns and flag(value, name=n)], found)


def _flag_columns(
    objects: Sequence[Mapping[str, Any]], names: Sequence[str], *, text: str, layout: Layout, codebook: Codebook | None
) -> frozenset[str]:
    """The columns that are one label each; none where one column holds the labels."""
    if layout.labels is not None and not isinstance(layout.labels, str):
        if missing := [name for name in layout.labels if name not in names]:
            raise Unusable("file", f"no column {short(missing[0])} for a label; there is {listed(names)}")
        return frozenset(layout.labels)
    if layout.labels is not None or "labels" in names:
        return frozenset()
    rest = [name for name in names if name != text and name not in FIELDS]
    if codebook is None:
        others = {name for found in objects for name, value in found.items() if not is_flag(value)}
        told = {name for found in objects for name, value in found.items() if value not in (None, "")}
        flags = frozenset(rest) & (told - others)
        enough = len(flags) >= MIN_FLAG_COLUMNS
    else:
        flags = frozenset(rest).intersection(codebook.names)
        enough = bool(flags)
    usual = [name for name in rest if name.strip().casefold() in LABEL_NAMES]
    if enough and usual and codebook is not None:
        raise Unusable(
            "file", f"labels may stand in {short(usual[0])} or in columns of their own; give labels=NAME, NAME"
        )
    return flags if enough and not usual else frozenset()
