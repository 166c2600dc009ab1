"""A codebook for those who have none: the labels that occur, in alphabetical order.

Labels are taken to be of two levels, `category.subtype`, where every label has a stop in it, or where what stands
before the stop is a label itself; otherwise a stop is a character like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from g7classify.codebook import Codebook
from g7classify.errors import CodebookError
from g7classify.labels import Label

# A stop before a space ("Nr. 5") is punctuation.
_LEVELS: Final = re.compile(r"([^.]*[^.\s])\.(?=\S)")


def codebook_of(names: Iterable[str], *, name: str = "inferred") -> Codebook:
    """The codebook of the labels that occur: two-level as the module says, or else flat.

    Raises:
        CodebookError: no label at all, more than a codebook may have, or one that cannot be a label.
    """
    found = sorted(set(names))
    if not found:
        raise CodebookError("no label occurs, so that no codebook can be made; label some rows, or pass a codebook")
    prefixes = {label: match[1] for label in found if (match := _LEVELS.match(label))}
    if len(prefixes) < len(found):
        prefixes = {label: prefix for label, prefix in prefixes.items() if prefix in found}
    every = sorted({*found, *prefixes.values()})
    return Codebook(name, "1", tuple(Label(label, "", label, label, prefixes.get(label)) for label in every))
