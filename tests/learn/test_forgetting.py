from __future__ import annotations

import io

import pytest

from g7classify.errors import ForgettingError
from g7classify.learn.forgetting import Change, Check, by_chance, chance, write


def change(label: str, before: float | None, after: float, **values: int | bool) -> Change:
    known = {"labelled": 50, "worse": 0, "better": 0, "lost": 0, "gained": 0, "fell": False} | values
    return Change(label=label, before=before, after=after, **known)


def test_chance_is_that_of_a_coin() -> None:
    assert chance(0, 0) == 1
    assert chance(1, 1) == pytest.approx(0.75)
    assert chance(10, 0) == pytest.approx(2**-10)


def test_means_are_of_labels_of_before_that_rows_tell_of() -> None:
    check = Check((change("a", 0.8, 0.6), change("b", 0.6, 0.8), change("c", 0.9, 0.1, labelled=4)), ("d",))
    assert check.macro_before == check.macro_after == pytest.approx(0.7)
    assert check.unchecked == ("c",)
    assert check.new_macro is None
    check.refuse(0)
    Check((), ()).refuse(0)


def test_a_label_that_fell_is_named_even_if_the_mean_did_not_fall() -> None:
    check = Check((change("a", 0.8, 0.4, fell=True), change("b", 0.4, 0.8), change("new", None, 0.1)), ("new",))
    with pytest.raises(ForgettingError, match=r"from 0.600 to 0.600.*; a fell most") as caught:
        check.refuse(0.01)
    assert caught.value.changes == check.changes


def test_the_mean_is_refused_only_beyond_chance() -> None:
    by_chance = Check((change("a", 0.8, 0.7, worse=3, better=1), change("b", 0.8, 0.8)), ())
    by_chance.refuse(0.01)
    surely = Check((change("a", 0.8, 0.7, worse=20, better=1), change("b", 0.8, 0.8)), ())
    with pytest.raises(ForgettingError, match="a fell most"):
        surely.refuse(0.01)
    surely.refuse(0.06)


def test_a_label_that_is_tagged_no_more_is_no_chance_however_many_decisions_got_better() -> None:
    assert by_chance(0, 0, 0, 0) == by_chance(1, 1, 0, 0) == 1
    assert by_chance(18, 101, 18, 1) == pytest.approx(2 * chance(18, 1))
    emptied = Check((change("a", 0.8, 0.1, worse=18, better=101, lost=18, gained=1), change("b", 0.8, 0.8)), ())
    with pytest.raises(ForgettingError, match="a fell most"):
        emptied.refuse(0.01)
    Check((change("a", 0.8, 0.1, worse=18, better=101, lost=3, gained=1),), ()).refuse(0.01)


def test_the_table_says_what_fell() -> None:
    out = io.StringIO()
    write([change("a", 0.8, 0.4, worse=9, fell=True), change("new", None, 0.5)], out)
    lines = out.getvalue().splitlines()
    assert [line.split() for line in lines if line.split()[:1] in (["a"], ["new"])] == [
        ["a", "50", "0.800", "0.400", "9", "0", "fell"],
        ["new", "50", "-", "0.500", "0", "0"],
    ]
