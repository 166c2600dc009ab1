from __future__ import annotations

from g7classify.documents.lines import Line, Page, without_heads


def line(text: str, baseline: float) -> Line:
    return Line(text, 50, 300, baseline, 10)


def left(*pages: list[Line]) -> list[list[str]]:
    return [[line.text for line in page.lines] for page in without_heads([Page(842, lines) for lines in pages])]


def test_what_is_repeated_at_the_edges_goes() -> None:
    pages = [[line("Rapport", 810), line(f"Texte {i}", 400), line(f"- {i + 7} / 20 -", 30)] for i in range(3)]
    assert left(*pages) == [["Texte 0"], ["Texte 1"], ["Texte 2"]]


def test_heads_of_even_and_odd_pages() -> None:
    pages = [[line("Rapport" if i % 2 else "Chapitre 2", 810), line(f"Texte {i}", 400)] for i in range(6)]
    assert left(*pages) == [[f"Texte {i}"] for i in range(6)]


def test_what_is_repeated_twice_or_in_the_middle_or_elsewhere_stays() -> None:
    twice = [[line("Rapport", 810)]] * 2
    middle = [[line("Rapport", 400)]] * 5
    moving = [[line("Rapport", 740 + 20 * i)] for i in range(5)]
    for pages in (twice, middle, moving):
        assert left(*pages) == [["Rapport"]] * len(pages)


def test_numbers_that_do_not_count_with_the_pages_stay() -> None:
    pages = [[line(f"Article {number}", 810)] for number in (3, 7, 8, 20)]
    assert left(*pages) == [["Article 3"], ["Article 7"], ["Article 8"], ["Article 20"]]


def test_a_stop_alone_is_no_head() -> None:
    assert left(*[[line("。", 745)]] * 3) == [["。"]] * 3
