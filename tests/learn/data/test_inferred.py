from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.errors import CodebookError
from g7classify.labels import is_name
from g7classify.learn.data.inferred import MANY, SHOWN, codebook_of, slips


@pytest.mark.parametrize(
    ("names", "parents"),
    [
        (["tax", "law", "law"], {"law": None, "tax": None}),
        (["a.x", "a.y", "b.x"], {"a": None, "a.x": "a", "a.y": "a", "b": None, "b.x": "b"}),
        (["a", "a.x", "b.x", "c"], {"a": None, "a.x": "a", "b.x": None, "c": None}),
        (["a.x", "c"], {"a.x": None, "c": None}),
        (["a.b.c", "a.b"], {"a": None, "a.b": "a", "a.b.c": "a"}),
        (["Nr. 5", "Nr. 6"], {"Nr. 5": None, "Nr. 6": None}),
        ([".x", "y."], {".x": None, "y.": None}),
        (["法.税", "法"], {"法": None, "法.税": "法"}),
    ],
)
def test_levels(names: list[str], parents: dict[str, str | None]) -> None:
    book = codebook_of(names)
    assert {name: book.parent(name) for name in book.names} == parents
    assert [*book.names] == sorted(book.names)


@given(st.sets(st.text(min_size=1, max_size=12).filter(is_name), min_size=1, max_size=9))
def test_any_names_make_a_codebook_that_holds_them(names: set[str]) -> None:
    book = codebook_of(names)
    assert names <= set(book.names)
    assert book == codebook_of(sorted(names, reverse=True))


def test_what_makes_no_codebook() -> None:
    with pytest.raises(CodebookError, match="no label occurs"):
        codebook_of([])
    with pytest.raises(CodebookError, match="label"):
        codebook_of([" x"])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ({"Threat": 40, "threat": 60, "role": 50}, ["label 'Threat' (40 rows): did you mean 'threat' (60)?"]),
        ({"law enforcement": 9, "law_enforcement": 30}, ["label 'law enforcement' (9 rows): did you mean"]),
        ({"terrorism": 60, "terorism": 1, "tourism": 60}, ["label 'terorism' (1 row): did you mean 'terrorism' (60)"]),
        ({"terrorism": 60, "terrorist": 50}, []),
        ({"one": 60, "two": 4, "six": 5}, ["labels of fewer than 5 rows can hardly be learned: 'two' (4)"]),
        ({"one": 0, "two": 0}, ["labels of fewer than 5 rows can hardly be learned: 'one' (0), 'two' (0)"]),
        ({f"{n}": 1 for n in range(100, 122)}, ["labels of fewer than 5 rows can hardly be learned: '100' (1), '101'"]),
        ({}, []),
    ],
)
def test_slips_among_labels_are_told(rows: dict[str, int], told: list[str]) -> None:
    found = [slip.message for slip in slips(rows)]
    assert len(found) == len(told)
    assert all(sentence.startswith(start) for sentence, start in zip(found, told, strict=True))


def test_many_labels_are_neither_all_listed_nor_compared_letter_by_letter() -> None:
    rows = {f"{n} apples": 1 for n in range(MANY)} | {"Pears": 2, "pears": 9, "pearls": 90}
    near, few = slips(rows)
    assert near == ("Pears", "label 'Pears' (2 rows): did you mean 'pears' (9)?")
    assert few.message.endswith(f"'{SHOWN - 1} apples' (1) and {MANY - SHOWN} more")
