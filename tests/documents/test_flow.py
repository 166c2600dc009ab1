from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.documents.flow import flowed
from g7classify.documents.lines import Line, Page

WIDE = 400.0  # what fits in a line; a character is 5 wide


def line(text: str, number: int = 0, *, left: float = 50, size: float = 10, full: bool = True) -> Line:
    right = left + (WIDE if full else len(text) * 5)
    return Line(text, left, right, 700 - number * 12, size)


def page(*lines: str, last_full: bool = False) -> Page:
    """Full lines but for the last one."""
    return Page(842, [line(text, i, full=last_full or i < len(lines) - 1) for i, text in enumerate(lines)])


def text(*lines: str) -> str:
    return flowed([page(*lines)])[0]


def test_full_lines_are_one_paragraph() -> None:
    assert text("La police a saisi des armes. Le", "Ministre parle de", "terrorisme.") == (
        "La police a saisi des armes. Le Ministre parle de terrorisme."
    )
    assert text("警察は昨日、東京で", "大規模な捜査を", "行った。") == "警察は昨日、東京で大規模な捜査を行った。"
    assert text("경찰이", "수사했다.") == "경찰이 수사했다."


class TestHyphens:
    @pytest.mark.parametrize(
        ("first", "second", "expected"),
        [
            ("une coopé-", "ration utile", "une coopération utile"),
            ("die Sicher\u2010", "heit zuerst", "die Sicherheit zuerst"),
            ("une coopé\u00ad", "ration utile", "une coopération utile"),
            ("Innen-", "und Außenpolitik", "Innen- und Außenpolitik"),
            ("pré-", "et post-crise", "pré- et post-crise"),
            ("en Seine-", "Maritime", "en Seine-Maritime"),
            ("entre 2020-", "2024", "entre 2020-2024"),
            ("le G7-", "Gipfel", "le G7-Gipfel"),
            ("dit-", "elle enfin", "dit-elle enfin"),
            ("Il dit -", "enfin", "Il dit - enfin"),
            ("voir p. 3 -", "4", "voir p. 3 - 4"),
        ],
    )
    def test_at_the_end_of_a_line(self, first: str, second: str, expected: str) -> None:
        assert text(first, second) == expected

    def test_a_compound_that_the_document_writes_so_keeps_it(self) -> None:
        assert text("le porte-", "parole, un porte-parole") == "le porte-parole, un porte-parole"
        assert text("le porte-", "parole du ministre") == "le porteparole du ministre"  # as far as anybody can tell

    def test_a_word_that_the_document_writes_whole_is_whole(self) -> None:
        assert text("la vice-", "présidente, viceprésidente; vice-présidente") == (
            "la viceprésidente, viceprésidente; vice-présidente"
        )

    def test_across_pages(self) -> None:
        found, pages = flowed([page("une longue coopé-", last_full=True), page("ration utile.")])
        assert found == "une longue coopération utile."
        assert found[pages[1] :] == "ration utile."


class TestParagraphs:
    def joined(self, *lines: Line) -> str:
        return flowed([Page(842, [*lines])])[0]

    @pytest.mark.parametrize("second", ["Puis une autre phrase.", "1. Premier point"])
    def test_end_where_a_stopped_line_had_room(self, second: str) -> None:
        assert text("x" * 80, f"{'y' * 40}.", "Encore une phrase.").count("\n\n") == 0  # the line is full
        lines = [line("x" * 80), line("Une phrase.", 1, full=False), line(second, 2)]
        assert self.joined(*lines).split("\n\n")[1:] == [second]

    def test_a_short_line_goes_on_in_small_letters(self) -> None:
        assert self.joined(line("x" * 80), line("une ligne", 1, full=False), line("courte", 2)).count("\n\n") == 0

    def test_end_where_type_or_space_or_indent_change(self) -> None:
        body = [line("Une phrase est finie.", i) for i in range(4)]
        for other in (
            line("Titre", 4, size=15),
            line("Plus loin", 6),
            line("Un alinéa", 4, left=65),
            line("• un point", 4),
        ):
            assert self.joined(*body, other).count("\n\n") == 1
        assert self.joined(*body, line("La suite", 4)).count("\n\n") == 0

    def test_go_on_in_the_next_column_and_on_the_next_page(self) -> None:
        left = [line("La ministre de la", i) for i in range(3)]
        assert self.joined(*left, line("Justice parle.", 0, left=500)).count("\n\n") == 0
        assert flowed([page("la ministre de la", last_full=True), page("Justice parle.")])[0] == (
            "la ministre de la Justice parle."
        )
        assert flowed([page("x" * 80, "Tout est dit."), page("Justice parle.")])[0].endswith("dit.\n\nJustice parle.")
        assert flowed([page("x" * 80, "Un titre"), page("Justice parle.")])[0].endswith("titre\n\nJustice parle.")


def test_pages_begin_where_their_text_does() -> None:
    empty = Page(842, [])
    found, pages = flowed([empty, page("Un."), empty, empty, page("Deux."), empty])
    assert found == "Un.\n\nDeux."
    assert pages == (0, 0, 5, 5, 5, 10)
    assert flowed([empty]) == ("", (0,))
    assert flowed([]) == ("", ())


LINES = st.builds(
    Line,
    st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=20),
    *[st.floats(0, 800)] * 3,
    st.floats(1, 30),
)


@given(pages=st.lists(st.builds(Page, st.just(842.0), st.lists(LINES, max_size=8)), max_size=2))
def test_nothing_is_lost_but_hyphens_and_no_page_begins_before_another(pages: list[Page]) -> None:
    found, offsets = flowed(pages)
    kept = "".join(found.split()).replace("-", "").replace("‐", "")
    assert kept == "".join(line.text for page in pages for line in page.lines).replace("-", "").replace("‐", "")
    assert len(offsets) == len(pages)
    assert list(offsets) == sorted(offsets)
    assert all(0 <= offset <= len(found) for offset in offsets)
    for page, offset in zip(pages, offsets, strict=True):
        assert not page.lines or found[offset] == page.lines[0].text[0]
