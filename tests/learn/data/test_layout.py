from __future__ import annotations

import pytest

from g7classify.errors import OptionError
from g7classify.learn.data.layout import FORMATS, MAX_LISTED, Layout, listed
from g7classify.learn.data.rows import Unusable


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a", "text", "sentence"], "text"),
        (["a", "Phrase "], "Phrase "),
        (["本文", "ラベル"], "本文"),
        (["id", "Satz"], "Satz"),
    ],
)
def test_the_usual_name_is_taken_if_it_is_the_only_one(names: list[str], text: str) -> None:
    assert Layout().text_column(names) == text


def test_what_is_given_is_taken_whatever_else_there_is() -> None:
    assert Layout(text="a").text_column(["a", "text"]) == "a"
    assert Layout(labels="b").label_column(["b", "labels"]) == "b"
    with pytest.raises(Unusable, match="no column 'c' for the labels; there is 'a', 'b'"):
        Layout(labels="c").label_column(["a", "b"])
    with pytest.raises(Unusable, match="expected the one name of what holds the labels"):
        Layout(labels=["a", "b"]).label_column(["a", "b"])


def test_no_guess_where_several_could_be_meant() -> None:
    with pytest.raises(Unusable, match=r"may be 'tag' or 'topic'; there is 'tag', 'topic'; give labels=NAME"):
        Layout().label_column(["tag", "topic"])
    with pytest.raises(Unusable, match="there is nothing; give text=NAME"):
        Layout().text_column([])


def test_long_lists_of_names_are_cut() -> None:
    names = [f"n{i}" for i in range(MAX_LISTED + 7)]
    assert listed(names).endswith(f"'n{MAX_LISTED - 1}' and 7 more")
    assert len(listed(["x" * 10_000])) < 100


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_an_option(name: str) -> None:
    assert Layout(format=name).format == name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "cp1252", "shift_jis", "UTF8"])
def test_encodings_of_text(encoding: str) -> None:
    assert Layout(encoding=encoding).encoding == encoding


@pytest.mark.parametrize("encoding", ["", "klingon", "hex", "a\0b"])
def test_encodings_that_are_none(encoding: str) -> None:
    with pytest.raises(OptionError, match="try utf-8"):
        Layout(encoding=encoding)
