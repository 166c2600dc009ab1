"""Lines of pages, and which of them are running heads, feet or page numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MARGIN: Final = 0.12
"""Share of a page's height at its top and at its bottom in which heads and feet stand: 3.5 cm of A4."""
REPEATED: Final = 3
"""Pages on which a line must stand at the same height to be a head or a foot."""
SAME_HEIGHT: Final = 3.0
"""Points."""

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

    A line in the margin goes if it stands at the same height on two other pages, its numbers being the same or
    counting with the pages. "Article 7" at the top of three pages by chance stays: its number does not count so.
    """
    where: dict[tuple[str, int], set[int]] = defaultdict(set)
    for number, page in enumerate(pages):
        for line in _edges(page):
            for key in _keys(line, number):
                where[key].add(number)
    return [
        Page(page.height, [line for line in page.lines if not _repeated(line, page, number, where)])
        for number, page in enumerate(pages)
    ]


def _edges(page: Page) -> Iterable[Line]:
    return (line for line in page.lines if _at_edge(line, page))


def _at_edge(line: Line, page: Page) -> bool:
    return not page.height * MARGIN < line.baseline < page.height * (1 - MARGIN)


def _keys(line: Line, number: int) -> tuple[tuple[str, int], tuple[str, int]]:
    height = round(line.baseline / SAME_HEIGHT)
    counted = _NUMBER.sub(lambda found: f"#{int(found[0]) - number}", line.text)
    return (line.text, height), (counted, height)


def _repeated(line: Line, page: Page, number: int, where: dict[tuple[str, int], set[int]]) -> bool:
    return _at_edge(line, page) and any(len(where[key]) >= REPEATED for key in _keys(line, number))
