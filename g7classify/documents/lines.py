"""Lines of pages, and which of them are running heads, feet or page numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

MARGIN: Final = 0.09
"""Share of a page's height at its top and at its bottom in which heads and feet stand: 2.7 cm of A4, so that text that
keeps a margin of an inch is no head, even if pages begin alike."""
REPEATED: Final = 3
"""Pages on which a line must stand at the same height to be a head or a foot."""
SAME_HEIGHT: Final = 3.0
"""Points."""

MOST_NUMBERS: Final = 3
"""In a head that counts: "12 / 50", "2024 - page 12 of 50"."""

_NUMBER: Final = re.compile(r"[0-9]{1,5}")


class Line(NamedTuple):
    """A line as it is printed; lengths in points, from the lower left corner of the page."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    """Height of a line of its font, some 1.2 times the font's size."""


class Page(NamedTuple):
    """A page and its lines, in the order in which they are to be read."""

    height: float
    lines: list[Line]


def without_heads(pages: Sequence[Page]) -> list[Page]:
    """The pages without what is repeated at their edges.

    A line of letters or digits in the margin goes if it stands at the same height on two other pages, its numbers being
    the same or counting with the pages. Headings such as "Article 7" that happen to begin pages stay: they count
    otherwise.
    """
    where: dict[tuple[str, int], set[int]] = defaultdict(set)
    for number, page in enumerate(pages):
        for line in page.lines:
            if _at_edge(line, page):
                for key in _keys(line, number):
                    where[key].add(number)
    return [
        Page(page.height, [line for line in page.lines if not _repeated(line, page, number, where)])
        for number, page in enumerate(pages)
    ]


def _at_edge(line: Line, page: Page) -> bool:
    inside = page.height * MARGIN < line.baseline < page.height * (1 - MARGIN)
    return not inside and any(map(str.isalnum, line.text))


def _keys(line: Line, number: int) -> Iterator[tuple[str, int]]:
    """What a line has in common with its likes: each number of it may stay as it is, or count with the pages."""
    height = round(line.baseline / SAME_HEIGHT)
    numbers = list(_NUMBER.finditer(line.text))[:MOST_NUMBERS]
    for count in product((False, True), repeat=len(numbers)):
        text = line.text
        for found, counts in zip(reversed(numbers), reversed(count), strict=True):
            if counts:
                text = f"{text[: found.start()]}#{int(found[0]) - number}{text[found.end() :]}"
        yield text, height


def _repeated(line: Line, page: Page, number: int, where: dict[tuple[str, int], set[int]]) -> bool:
    return _at_edge(line, page) and any(len(where[key]) >= REPEATED for key in _keys(line, number))
