"""What stands where labels are expected, to a list of labels."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from g7classify.codebook import Codebook
from g7classify.labels import quoted, short
from g7classify.learn.data.rows import Unusable

SEPARATORS: Final = (";", "|", ",", "#")  # doccano's CSV has the last
LIKELIHOOD: Final = 0.5
"""A score of a label from which it holds."""

_YES: Final = frozenset(("1", "1.0", "true", "x"))
_NO: Final = frozenset(("0", "0.0", "false", ""))
_LITERAL_CHARACTERS: Final = 10_000


def labels_of(value: Any, *, name: str, separator: str | None, tabular: bool) -> list[Any]:
    """The labels that a value stands for.

    A list of labels; an object of labels and scores, which hold from LIKELIHOOD on (spaCy's cats); Label Studio's
    {"choices": [...]} and {"taxonomy": [[...]]}, alone or in a list; one label; or a cell of several.

    Args:
        value: what stands there.
        name: of the column, for messages.
        separator: what parts labels in a str; None where nothing does.
        tabular: whether a missing value and a str are cells of a table: no label, and labels written as a list.

    Raises:
        Unusable: it is none of these.
    """
    if value is None and tabular:
        return []
    if isinstance(value, str):
        if tabular or separator is not None:
            return _cell(value, name=name, separator=separator)
        if name != "labels":
            return [value]
    if isinstance(value, Mapping):
        return _object(value, name=name)
    if isinstance(value, list | tuple):
        if any(isinstance(item, list | tuple) for item in value):
            raise Unusable("row", f"{quoted(name)} is {short(value)}: spans of a text; expected labels of the whole")
        return [
            label for item in value for label in (_object(item, name=name) if isinstance(item, Mapping) else [item])
        ]
    raise Unusable("row", f"{quoted(name)} is {short(value)}; expected a list of labels, [] for none")


def _cell(cell: str, *, name: str, separator: str | None) -> list[Any]:
    cell = cell.strip()
    if cell[:1] in ("[", "{") and cell[-1:] in ("]", "}"):
        written = _written(cell)
        if isinstance(written, list | dict):
            return labels_of(written, name=name, separator=None, tabular=False)
    return parts(cell, separator)


def parts(cell: str, separator: str | None) -> list[str]:
    """The labels in a cell, without the spaces around them; none in an empty one."""
    return [part.strip() for part in (cell.split(separator) if separator else [cell]) if part.strip()]


def _written(cell: str) -> Any:
    """A list or object that was written into a cell as JSON, or as Python prints it."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        if len(cell) > _LITERAL_CHARACTERS:
            return None
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _object(value: Mapping[str, Any], *, name: str) -> list[Any]:
    if isinstance(value.get("choices"), list):
        return list(value["choices"])
    if isinstance(value.get("taxonomy"), list):
        return [path_label(path) for path in value["taxonomy"]]
    for label, score in value.items():
        if not isinstance(score, int | float) or not 0 <= score <= 1:
            raise Unusable("row", f"{quoted(name)}: {short(label)} is {short(score)}; expected a score, 0 to 1")
    return [label for label, score in value.items() if score >= LIKELIHOOD]


def path_label(path: Any) -> str:
    """The label that a path in a taxonomy stands for: its names joined by stops, or the last if it says so itself.

    Raises:
        Unusable: no list of names.
    """
    if not isinstance(path, list) or not path or not all(isinstance(name, str) for name in path):
        raise Unusable("row", f"a taxonomy holds {short(path)}; expected lists of names")
    whole = path[0]
    for name in path[1:]:
        whole = name if name.startswith(f"{whole}.") else f"{whole}.{name}"
    return str(whole)


def separator_of(cells: Collection[str], *, codebook: Codebook | None) -> str | None:
    """What parts the labels in the cells of a column; None where each holds one at most.

    With a codebook, what makes the most cells hold known labels. Without, ";" or "|" where they occur; "," or "#",
    which names hold too, only where some part occurs in another cell as well.

    Raises:
        Unusable: that is not certain.
    """
    plain = {cell for cell in cells if cell.strip()[:1] not in ("[", "{")}
    found = [separator for separator in SEPARATORS if any(separator in cell for cell in plain)]
    if codebook is not None:
        known = set(codebook.names)
        holding = {
            separator: sum(set(parts(cell, separator)) <= known for cell in plain) for separator in (None, *found)
        }
        best = max(holding, key=lambda separator: holding[separator])
        if holding[best]:
            return best
    told = [separator for separator in found if separator in ";|" or _recurs(plain, separator)]
    if len(told) == 1 or not found:
        return told[0] if told else None
    raise Unusable(
        "file",
        f"cannot tell what parts the labels in a cell, {' or '.join(map(repr, told or found))}; "
        "give separator= (--separator), '' for nothing",
    )


def _recurs(cells: Collection[str], separator: str) -> bool:
    """Whether a part of a cell occurs in another cell too."""
    seen: set[str] = set()
    for labels in (set(parts(cell, separator)) for cell in cells):
        if labels & seen:
            return True
        seen |= labels
    return False


def is_flag(value: Any) -> bool:
    """Whether a value says that a label holds or does not: 1, 0, true, false, x or nothing."""
    return value is None or str(value).strip().casefold() in _YES | _NO


def flag(value: Any, *, name: str) -> bool:
    """Whether a label holds, as a cell of its column says. Raises Unusable where it does not say."""
    if not is_flag(value):
        raise Unusable("row", f"{quoted(name)} is {short(value)}; expected 1, 0, true, false, x or nothing")
    return value is not None and str(value).strip().casefold() in _YES
