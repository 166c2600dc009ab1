from __future__ import annotations

from collections.abc import Sequence

import pytest

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.learn.data.checks import Found, among
from g7classify.learn.data.inferred import Slip
from g7classify.learn.data.rows import Row

LONG = "Les ministres de l'Intérieur ont rappelé que la police agirait avec fermeté contre les réseaux de passeurs."


def check(
    *rows: Row, codebook: Codebook | None = CODEBOOK, slips: Sequence[Slip] = ()
) -> list[tuple[int, str, str, str]]:
    """Line, kind, severity and message of every problem; the first row stands in line 1."""
    found = [Found("a.jsonl", line, row) for line, row in enumerate(rows, 1)]
    problems = among(found, codebook=codebook, slips=slips)
    assert all(problem.line == line for line, of_row in enumerate(problems, 1) for problem in of_row)
    return [(p.line, p.kind, p.severity, p.message) for of_row in problems for p in of_row]


def test_sound_rows_have_no_problem() -> None:
    assert check(Row("La police.", ("threat",), "a", lang="fr"), Row("Der Richter.", (), "b", lang="de")) == []
    assert check() == []


def test_the_same_text_with_other_labels_is_told_at_each() -> None:
    problems = check(
        Row("Un  texte.", ("threat",), "a"), Row("Un texte.", (), "b"), Row("Un texte. ", ("threat",), "c")
    )
    assert [(line, kind, severity) for line, kind, severity, _ in problems] == [
        (n, "conflict", "error") for n in (1, 2, 3)
    ]
    assert [m.split(";")[0].rpartition(" ")[2] for *_, m in problems] == ["a.jsonl:2", "a.jsonl:1", "a.jsonl:2"]


def test_labels_are_compared_with_what_they_imply() -> None:
    rows = [Row("Un texte.", ("threat", "threat.terrorism"), "a"), Row("Un texte.", ("threat.terrorism",), "b")]
    assert [(line, kind, severity) for line, kind, severity, _ in check(*rows)] == [(2, "duplicate", "warning")]
    assert [kind for _, kind, _, _ in check(*rows, codebook=None)] == ["conflict", "conflict"]


def test_almost_the_same_text_is_told_once() -> None:
    rows = [Row(LONG, ("threat",), "a"), Row(LONG + " Oui.", ("threat",), "b"), Row(LONG + " Non.", (), "c")]
    problems = check(*rows)
    assert [(line, kind, severity) for line, kind, severity, _ in problems] == [
        (2, "near-duplicate", "warning"),
        (3, "near-duplicate", "warning"),
    ]
    assert problems[0][3] == "almost the same text stands at a.jsonl:1, with the same labels"
    assert problems[1][3].endswith("with other labels")


@pytest.mark.parametrize(
    ("text", "lang", "told"),
    [
        (LONG, "de", True), (LONG, "fr", False), (LONG, "", False), (LONG, "pt", False), (LONG[:40], "de", False),
        ("警察はこの件について昨日、東京で記者会見を開いて発表した。", "fr", True),
        ("警察はこの件について昨日、東京で記者会見を開いて発表した。", "ja", False),
    ],
)  # fmt: skip
def test_a_language_that_the_text_is_not_in(text: str, lang: str, told: bool) -> None:
    problems = check(Row(text, (), "a", lang=lang))
    assert [(kind, severity) for _, kind, severity, _ in problems] == [("language", "warning")] * told


@pytest.mark.parametrize("text", ["Un café, déjà."[:7], "L’État « fort » — déjà", "Ångström", "São Paulo", "Ça va"])
def test_text_that_was_decoded_wrongly_once(text: str) -> None:
    assert check(Row(text, (), "a")) == []
    if (misread := text.encode().decode("cp1252", "replace")) != text:
        ((line, kind, severity, message),) = check(Row(misread, (), "a"))
        assert (line, kind, severity) == (1, "encoding", "warning")
        assert "was decoded wrongly once" in message


def test_a_slip_is_told_where_its_label_stands_first() -> None:
    rows = [Row("Un.", ("Border-control",), "a"), Row("Deux.", ("border control", "tax"), "b")]
    slips = [Slip("border control", "why"), Slip("", "of several")]
    assert check(*rows, codebook=None, slips=slips) == [(2, "spelling", "warning", "why")]
    assert check(*rows, codebook=None) == []
