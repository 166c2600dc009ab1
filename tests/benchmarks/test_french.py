"""Tables of figures in French: every head is translated, and no number changes its value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import figures, french

PAGE = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"<!-- figures: ([a-z0-9-]+) -->", PAGE)))
# What is the same in both languages: abbreviations, and languages with a count.
SAME = re.compile(r"micro|(?:c|numpy): p\d+|[a-z]{2} \(.*\)")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (".709", "0,709"),
        ("-.049 [-.069, -.027]", "−0,049 [−0,069 ; −0,027]"),
        ("1,193,000", "1\u202f193\u202f000"),
        ("2,037.5", "2\u202f037,5"),
        ("5.9%", "5,9\u00a0%"),
        ("106 of 111", "106 sur 111"),
        ("", ""),
    ],
)
def test_numbers_are_written_as_the_french_write_them(cell: str, written: str) -> None:
    assert french.number(cell) == written


@pytest.mark.parametrize("name", NAMES)
def test_every_head_is_translated(name: str) -> None:
    english, translated = (
        text.splitlines()[0] for text in (figures.TABLES[name](), french.told(figures.TABLES[name]()))
    )
    assert len(english.split("|")) == len(translated.split("|"))
    for before, after in zip(english.split("|"), translated.split("|"), strict=True):
        assert before.strip() != after.strip() or not before.strip() or SAME.fullmatch(before.strip()), before


@pytest.mark.parametrize("name", NAMES)
def test_no_number_changes(name: str) -> None:
    def digits(text: str) -> str:
        return "".join(re.findall(r"\d", re.sub(r"(?<!\d)\.(?=\d)", "0.", text)))

    def numbers(line: str) -> str:
        return digits("".join(line.split("|")[2:]))

    english, translated = figures.TABLES[name]().splitlines(), french.told(figures.TABLES[name]()).splitlines()
    if english[0].startswith("|"):
        assert [numbers(line) for line in translated[2:]] == [numbers(line) for line in english[2:]]


def test_a_name_that_holds_a_word_of_ours_stays() -> None:
    assert french.told("| model-x | `sentences/split` |\n") == "| model-x | `sentences/split` |\n"
