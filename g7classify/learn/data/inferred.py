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
from typing import Final, NamedTuple

from g7classify.codebook import Codebook
from g7classify.errors import CodebookError
from g7classify.labels import Label

# A stop before a space ("Nr. 5") is punctuation.
_LEVELS: Final = re.compile(r"([^.]*[^.\s])\.(?=\S)")
NEAR: Final = 0.85  # difflib's ratio: one letter of six more, less or another
SELDOM: Final = 10  # how many times rarer than the label that it is near a slip is
FEW: Final = 5  # rows, below which a label can hardly be learned, and not be judged at all
SHOWN: Final = 20  # of such labels
MANY: Final = 500  # labels, above which near ones are not sought: of so many that took up to 1 s, of 4,000 a minute


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


class Slip(NamedTuple):
    """What may be wrong with labels that were taken from the rows.

    Attributes:
        label: which one; "" for several.
        message: a sentence.
    """

    label: str
    message: str


def slips(rows: Mapping[str, int]) -> Iterator[Slip]:
    """What may be wrong with labels that were taken from the rows.

    Args:
        rows: how many hold each label.
    """
    told = set()
    alike: dict[str, list[str]] = {}
    for label in rows:
        alike.setdefault(plain(label), []).append(label)
    for label, count in sorted(rows.items(), key=lambda item: (item[1], item[0])):
        meant = [other for other in alike[plain(label)] if (rows[other], other) > (count, label)]
        if not meant and len(rows) <= MANY:
            often = [other for other, rest in rows.items() if other != label and rest >= SELDOM * count]
            meant = difflib.get_close_matches(label, often, n=2, cutoff=NEAR)
        if meant:
            told.add(label)
            named = " or ".join(f"{other!r} ({rows[other]})" for other in meant)
            yield Slip(label, f"label {label!r} ({count} row{'s' * (count != 1)}): did you mean {named}?")
    few = [f"{label!r} ({count})" for label, count in rows.items() if count < FEW and label not in told]
    if few:
        more = f" and {len(few) - SHOWN} more" if len(few) > SHOWN else ""
        named = f"{', '.join(few[:SHOWN])}{more}"
        yield Slip("", f"labels of fewer than {FEW} rows can hardly be learned: {named}")
