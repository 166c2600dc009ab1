from __future__ import annotations

import pytest

from g7classify.languages import by_code
from g7classify.stops import find_end, skip


@pytest.mark.parametrize(
    ("code", "text", "end"),
    [
        ("en", "Done. Next", 5),
        ("en", 'Done." Next', 6),
        ("en", "Done.[12] Next", 9),
        ("en", "Done.12 Next", 7),
        ("en", "Done.Next", 5),
        ("en", "Done. next", None),
        ("en", "Done.", None),
        ("en", "Done. ", None),
        ("en", "Done.next", None),
        ("en", "Done., Next", None),
        ("en", "Mr. Next", None),
        ("fr", "Fini. » Suite", 7),
        ("de", "Aus. »Neu", 4),
        ("ja", "終。次", 2),
        ("ja", "終！と人", None),
    ],
)
def test_where_a_run_of_stops_ends_a_sentence(code: str, text: str, end: int | None) -> None:
    at = next(i for i, char in enumerate(text) if char in ".。！")
    found = find_end(text, 0, at, at + 1, by_code(code))
    assert found == (None if end is None else (end, skip(text, end)))


def test_skip() -> None:
    assert skip(" \n\u3000a", 0) == 3
    assert skip("a", 0) == 0
    assert skip("  ", 0) == 2
