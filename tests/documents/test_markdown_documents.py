from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import g7classify
from g7classify.documents.markdown import MAX_NESTING, extract
from g7classify.documents.reader import Reader
from g7classify.errors import DataError, EncodingError


def blocks(source: str) -> list[str]:
    text, pages = extract(source.encode())
    assert pages == ()
    return text.split("\n\n") if text else []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Head *one*\n\nTwo lines\nof **one** paragraph.", ["Head one", "Two lines\nof one paragraph."]),
        ("Head\n====\nText.", ["Head", "Text."]),
        ("- one\n\n  more\n- two\n  1. deep\n", ["one", "more", "two", "deep"]),
        ("| a | *b* |\n|---|---|\n| c d | [e](f) |", ["a", "b", "c d", "e"]),
        ("> Quoted\n> text.\n\n---\n\nNext.", ["Quoted\ntext.", "Next."]),
        ('See [the *plan*](http://a.b "t"), ![a map](m.png), [ref] and <http://c.d>.\n\n[ref]: http://e.f', [
            "See the plan, a map, ref and http://c.d.",
        ]),
        ("Before.\n\n```python\nprint(1)\n```\n\n~~~\nx\n~~~\n\n    indented\n\nAfter.", ["Before.", "After."]),
        ("A `term` &amp; \\*more\\*, ~~old~~.", ["A term & *more*, old."]),
        ("A note[^1].\n\n[^1]: The note.", ["A note.", "The note."]),
        ("One\\\ntwo<br>three <b>four</b>.", ["One\ntwo\nthree four."]),
        ("<!-- hidden\n\nstill -->\n\nSeen.", ["Seen."]),
        (
            '<div align="center">\n<p>One <b>and</b></p><p>two &lt;</p>\n<!-- no --><script>no</script></div>',
            ["One and", "two <"],
        ),
        ("", []),
        ("```\nonly code\n```", []),
    ],
)  # fmt: skip
def test_markup_goes_and_text_stays(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected
    assert blocks(source.replace("\n", "\r\n")) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("---\ntitle: A\ntags: [b]\n---\nText.", ["Text."]),
        ("---\ntitle: A\n...\nText.", ["Text."]),
        ('+++\ntitle = "A"\n+++\nText.', ["Text."]),
        ("---\n\nText.\n\n---\n\nMore.", ["Text.", "More."]),  # two rules
        ("---\n# Head\n---\nMore.", ["Head", "More."]),
        ("---\ntitle: A", ["title: A"]),  # it never ends
        ("Text.\n\n---\ntitle: A\n\n---\n", ["Text.", "title: A"]),  # not at the beginning
    ],
)
def test_front_matter_is_left_out(source: str, expected: list[str]) -> None:
    assert blocks(source) == expected


@given(st.lists(st.text("abcé日 ", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_paragraphs_of_plain_words_stay_as_they_are(paragraphs: list[str]) -> None:
    assert blocks("\n\n".join(paragraphs)) == paragraphs


@given(st.text("ab \n#*_-[]()!<>`|&;~^:=+\\/"))
def test_any_text_is_read(source: str) -> None:
    assert all(block == block.strip() and block for block in blocks(source))


def test_offsets_count_in_the_extracted_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("\ufeff# Bilan\n\nLa [police](x) a saisi des armes.\n".encode())
    document = g7classify.tag(g7classify.read(path))
    assert document.text == "Bilan\n\nLa police a saisi des armes."
    assert [document.text[one.start : one.end] for one in document.sentences] == [
        "Bilan",
        "La police a saisi des armes.",
    ]


def test_what_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"caf\xe9")
    with pytest.raises(EncodingError, match="byte 3"):
        g7classify.read(path)


@pytest.mark.parametrize("source", ["> " * 100_000, "- " * 100_000, "<!--\n" * 100_000, "<div><!--" * 100_000])
def test_deep_and_unfinished_markup_is_read(source: str) -> None:
    assert blocks(source) == []


def test_what_is_nested_as_deep_as_people_do_is_read() -> None:
    depth = MAX_NESTING // 2 - 1
    assert blocks("\n".join("  " * i + "- a" for i in range(depth))) == ["a"] * depth


def test_hostile_brackets_take_no_more_than_the_time_given(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"[" * 1_000_000)
    with Reader(limit_seconds=0.5) as reader, pytest.raises(DataError, match="took more than 2 s to parse"):
        reader.read(path)
