from __future__ import annotations

from typing import Any

import pytest

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.learn.data.cells import flag, labels_of, parts, path_label, separator_of
from g7classify.learn.data.inferred import codebook_of
from g7classify.learn.data.rows import Unusable


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        (["a", "b"], ["a", "b"]),
        ([], []),
        ("a", ["a"]),
        ({"a": 1.0, "b": 0.5, "c": 0.49, "d": True, "e": 0}, ["a", "b", "d"]),
        ({"choices": ["a", "b"]}, ["a", "b"]),
        ([{"taxonomy": [["a", "b"], ["c"], ["d", "d.e"]]}], ["a.b", "c", "d.e"]),
        ([{"choices": ["a"]}, "b"], ["a", "b"]),
    ],
)
def test_values_of_json(value: Any, labels: list[str]) -> None:
    assert labels_of(value, name="label", separator=None, tabular=False) == labels


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "expected a list of labels"),
        (7, "`label` is 7"),
        ({"a": "yes"}, "'a' is 'yes'; expected a score"),
        ({"a": float("nan")}, "'a' is nan"),
        ({"a": 3}, "'a' is 3"),
        ([[0, 3, "a"]], "spans of a text"),
    ],
)
def test_values_that_are_no_labels(value: Any, message: str) -> None:
    with pytest.raises(Unusable, match=message):
        labels_of(value, name="label", separator=None, tabular=False)


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        (None, []), ("", []), (" ", []), ("a", ["a"]), (" a ; b;", ["a", "b"]), ('["a", "b;c"]', ["a", "b;c"]),
        ("['a', 'b']", ["a", "b"]), ('{"choices": ["a"]}', ["a"]), ("[a]", ["[a]"]), ("[]", []),
        ("[" * 9 + "]", ["[" * 9 + "]"]),
    ],
)  # fmt: skip
def test_cells(cell: str | None, labels: list[str]) -> None:
    assert labels_of(cell, name="labels", separator=";", tabular=True) == labels


BOOK = codebook_of(["law, order", "tax", "law", "order"])


@pytest.mark.parametrize(
    ("cells", "codebook", "separator"),
    [
        ({"a", "b"}, None, None),
        ({"a;b", "c"}, None, ";"),
        ({"a, x; b"}, None, ";"),
        ({"a,b", "b"}, None, ","),
        ({"a#b", "b#c"}, None, "#"),
        ({'["a, b"]', "c"}, None, None),
        ({"law, order", "tax"}, BOOK, None),
        ({"law, order; tax", "tax"}, BOOK, ";"),
        ({"law,tax"}, BOOK, ","),
        ({"threat,role", "actor,measure,thread"}, CODEBOOK, ","),
        ({"x|y", "y"}, CODEBOOK, "|"),
        (set(), None, None),
    ],
)
def test_separators_that_are_told(cells: set[str], codebook: Codebook | None, separator: str | None) -> None:
    assert separator_of(cells, codebook=codebook) == separator


@pytest.mark.parametrize("cells", [{"law, order", "tax"}, {"a;b", "c|d"}, {"a,b#a", "a"}])
def test_separators_that_are_not_certain(cells: set[str]) -> None:
    with pytest.raises(Unusable, match="cannot tell what parts the labels"):
        separator_of(cells, codebook=None)


def test_parts_and_paths_and_flags() -> None:
    assert parts("a,,b", ",") == ["a", "b"]
    assert path_label(["a", "b", "c"]) == "a.b.c"
    assert [flag(v, name="a") for v in (1, 1.0, True, "X", "true", "1", 0, False, "", " ", None, "FALSE")] == [
        True
    ] * 6 + [False] * 6
    with pytest.raises(Unusable, match="`a` is 2; expected 1, 0"):
        flag(2, name="a")


@pytest.mark.parametrize(
    ("name", "shown"), [("é x", "`é x`"), ("\ud800", "`\\ud800`"), ("a\x1b[2J", "`a\\x1b[2J`"), ("x" * 9999, "x" * 100)]
)
def test_a_column_of_any_name_can_be_told_of(name: str, shown: str) -> None:
    with pytest.raises(Unusable) as refused:
        labels_of([["law"]], name=name, separator=None, tabular=True)
    message = str(refused.value)
    assert shown in message
    assert len(message) < 300
    message.encode()
