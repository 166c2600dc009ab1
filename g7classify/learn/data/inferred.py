"""A codebook for those who have none: the labels that occur, in alphabetical order.

Labels are taken to be of two levels, `category.subtype`, where every label has a stop in it, or where what stands
before the stop is a label itself; otherwise a stop is a character like any other.

Among the labels that occur are slips: "Threat" beside "threat", "terorism" once. They are told, and rare labels can be
left out; which of two spellings is meant, only the user knows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from g7classify.codebook import Codebook
from g7classify.errors import CodebookError
from g7classify.labels import Label

# A stop before a space ("Nr. 5") is punctuation.
_LEVELS: Final = re.compile(r"([^.]*[^.\s])\.(?=\S)")
NEAR: Final = 0.85  # difflib's ratio: one letter of six more, less or another
SELDOM: Final = 10  # how many times rarer than the label that it is near a slip is
FEW: Final = 5  # rows, below which a label can hardly be learned, and not be judged at all


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


def plain(label: str) -> str:
    """A label without what slips differ in: case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", " ", label.casefold())


def slips(rows: Mapping[str, int]) -> Iterator[str]:
    """What may be wrong with labels that were taken from the rows, a sentence each.

    Args:
        rows: how many hold each label.
    """
    told = set()
    for label, count in sorted(rows.items(), key=lambda item: (item[1], item[0])):
        commoner = [other for other, rest in rows.items() if (rest, other) > (count, label)]
        meant = [other for other in commoner if plain(other) == plain(label)]
        if not meant:
            often = [other for other in commoner if rows[other] >= SELDOM * count]
            meant = difflib.get_close_matches(label, often, n=2, cutoff=NEAR)
        if meant:
            told.add(label)
            named = " or ".join(f"{other!r} ({rows[other]})" for other in meant)
            yield f"label {label!r} ({count} row{'s' * (count != 1)}): did you mean {named}?"
    few = [f"{label!r} ({count})" for label, count in rows.items() if count < FEW and label not in told]
    if few:
        yield f"labels of fewer than {FEW} rows can hardly be learned: {', '.join(few)}"
