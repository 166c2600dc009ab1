from __future__ import annotations

import pytest

from g7classify.languages import by_code
from g7classify.lines import Paragraph, ends_sentence, is_blank

LONG = "the ministers met in the old town hall and agreed on the plan by"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        *[("\n", False), ("\r\n", False), ("\n  ", False), ("\u2028", False)],
        *[("\n\n", True), ("\r\n\r\n", True), ("\n \t\n", True), ("\r\r", True), ("\u2029", True), ("\n\u2029", True)],
    ],
)
def test_blank_lines(gap: str, expected: bool) -> None:
    assert is_blank(f"a{gap}b", 1, 1 + len(gap)) is expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Short headline", "Another headline", True),
        ("Short headline", "goes on", False),
        (LONG, "Rome", False),
        (LONG, "- item", False),
        (LONG + ":", "- item", True),
        ("They shall,", "Having met", False),
        ("They shall;", "having met", True),
        ("They shall:", "meet", True),
        (LONG + ":", "meet", True),
        ("Text", "# Heading", True),
        ("Text", "(a) item", True),
        ("Text", "12) item", True),
        ("ended by an abbreviation such as Mr.", "Smith", False),
        ("the meeting held on the day of", "12. October", False),
        ("警察は本日の記者会見で、逮捕された男の国籍や年齢などの詳しい情報を", "明らかにした", False),
        ("四人逮捕", "大阪税関", True),
    ],
)
def test_single_line_breaks(before: str, after: str, expected: bool) -> None:
    text = f"{before}\n{after}"
    at = len(before)
    assert ends_sentence(text, 0, at, at + 1, by_code("en"), Paragraph()) is expected


def test_the_paragraph_tells_wrapped_prose_from_headlines() -> None:
    english = by_code("en")
    first = "A delegation of border police from five states in the western Balkans met"
    for second, wraps in [
        ("Frontex staff there and went on to sign a plan that all of the parties had", True),
        ("Next", False),
    ]:
        text = f"{first}\n{second}\nagreed on" if wraps else f"{first}\n{second}"
        assert ends_sentence(text, 0, len(first), len(first) + 1, english, Paragraph()) is not wraps


def test_an_empty_line_forgets_the_paragraph() -> None:
    english = by_code("en")
    paragraph = Paragraph()
    text = f"{LONG}\nthe end of it all\n\nHeadline"
    assert not ends_sentence(text, 0, len(LONG), len(LONG) + 1, english, paragraph)
    assert paragraph.wraps(len(LONG))
    stop = text.index("\n\n")
    assert ends_sentence(text, len(LONG) + 1, stop, stop + 2, english, paragraph)
    assert not paragraph.wraps(len(LONG))
