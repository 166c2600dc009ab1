from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from g7classify import report
from g7classify.documents import Text
from g7classify.explanation import Explanation, LabelExplanation, WordContribution
from g7classify.results import Document, ModelId, Sentence, Source, Tag
from g7classify.tagger import Tagger

LONG = "Les ministres de l'Intérieur ont rappelé que la police agirait avec fermeté contre les réseaux de passeurs. "
JAPANESE = "警察は昨日、東京で大規模な捜査を行い、容疑者五名を逮捕したと発表した。"
HOSTILE = "\x1b[31mrouge\x07 [bold]gras[/bold] :smile: <script> | pipe * _ ` \\| \x9b2J\u202e fin"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(write: Any, *documents: tuple[str, Document], **options: Any) -> str:
    stream = io.StringIO()
    write(documents, stream, **options)
    return stream.getvalue()


def one(text: str, *tags: Tag, in_doubt: tuple[str, ...] = ()) -> Document:
    sentence = Sentence(text=text, start=0, end=len(text), tags=tags, in_doubt=in_doubt)
    model = ModelId(name="m", version="1.0.0", sha256="")
    return Document(text=text, language="fr", sentences=(sentence,), model=model)


def tag(label: str, probability: float) -> Tag:
    return Tag(label=label, category=label.split(".")[0], probability=probability, threshold=0.5)


class TestTable:
    @pytest.mark.parametrize("width", [80, 100, 120])
    @pytest.mark.parametrize("text", [LONG, JAPANESE, HOSTILE, "x" * 500, "警" * 200, "👮" * 99])
    def test_no_line_is_wider_than_asked(self, tagger: Tagger, width: int, text: str) -> None:
        table = written(report.write_table, ("file.txt", tagger.tag(text)), width=width)
        lines = table.splitlines()
        assert len(lines) > 3
        assert max(map(cell_len, lines)) <= width
        borders = {cell_len(line) for line in lines[1:]}
        assert borders == {width}

    def test_nothing_of_the_sentence_is_lost(self, tagger: Tagger) -> None:
        table = written(report.write_table, ("file.txt", tagger.tag(JAPANESE)), width=80)
        left = "".join(line.split("│")[1].strip() for line in table.splitlines() if line.startswith("│"))
        assert JAPANESE in left

    def test_tags_doubts_and_near_misses(self) -> None:
        document = one(
            "Un texte.",
            tag("actor", 0.9),
            tag("actor.state", 0.9),
            tag("threat", 0.523),
            in_doubt=("measure", "role", "threat", "role.presidency"),
        )
        table = written(report.write_table, ("a.txt", document), width=80)
        cells = [line.split("│")[2].strip() for line in table.splitlines() if line.startswith("│")]
        assert cells[1:] == ["actor.state 0.90", "threat 0.52 ?", "(measure ?)", "(role.presidency ?)"]
        assert table.startswith("a.txt  1 sentence, fr, m@1.0.0\n")

    def test_who_decided_where_it_is_not_the_document_s_model(self) -> None:
        document = one("Un texte.", tag("threat", 0.9))
        (sentence,) = document.sentences
        deep = replace(sentence, decided_by=ModelId("d\x1b", "2.0.0", ""))
        mixed = replace(document, sentences=(deep, replace(sentence, left=True), sentence))
        table = written(report.write_table, ("a.txt", mixed), width=80)
        cells = [line.split("│")[2].strip() for line in table.splitlines() if line.startswith("│")]
        assert cells[1:] == ["threat 0.90", "by d @2.0.0", "threat 0.90", "left", "threat 0.90"]
        assert "threat 0.90<br>by d @2.0.0 |" in written(report.write_markdown, ("a.txt", mixed))

    def test_no_colour_and_no_control_reaches_a_stream_that_is_no_terminal(
        self, tagger: Tagger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        table = written(report.write_table, (HOSTILE, tagger.tag(HOSTILE)), width=100)
        assert all(c.isprintable() or c == "\n" for c in table)
        assert "[bold]gras[/bold] :smile: <script>" in table

    def test_colour_on_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("COLUMNS", "300")
        monkeypatch.delenv("NO_COLOR", raising=False)
        stream = Terminal()
        report.write_table([("a.txt", one("Un."))], stream)
        assert "\x1b[1m" in stream.getvalue()
        assert max(map(len, re.sub("\x1b.*?m", "", stream.getvalue()).splitlines())) <= report.MAX_WIDTH

    def test_a_document_without_sentences(self, tagger: Tagger) -> None:
        assert written(report.write_table, ("a.txt", tagger.tag(""))).startswith("a.txt  0 sentences")


class TestExplanation:
    LABEL = LabelExplanation(
        "actor.agency",
        tagged=True,
        probability=0.9,
        threshold=0.4,
        raised_by=None,
        logit=2.25,
        bias=-2.25,
        words=(
            WordContribution("La", 0, 2, -0.5),
            WordContribution("police", 3, 9, 4.0),
            WordContribution("est", 10, 13, 0.4),
            WordContribution("là", 14, 16, 0.6),
        ),
    )

    def write(self, *labels: LabelExplanation, text: str = "La police est là.", **options: Any) -> str:
        stream = io.StringIO()
        explanation = Explanation(text, labels, ModelId("m", "1.0.0", ""))
        report.write_explanation(explanation, stream, **({"width": 100} | options))
        return stream.getvalue()

    def cells(self, table: str, column: int) -> list[str]:
        return [line.split("│")[column].strip() for line in table.splitlines() if line.startswith("│")][1:]

    def test_numbers_make_up_the_logit(self) -> None:
        table = self.write(self.LABEL)
        assert self.cells(table, 2) == [
            "actor.agency 0.90",
            "tagged; threshold 0.40",
            "+4.00 police",
            "+0.60 là",
            "-0.50 La",
            "+0.40 1 other word",
            "-2.25 bias",
            "+2.25 in all",
        ]
        assert self.cells(table, 1)[0] == "La police est là."

    def test_a_label_that_is_not_tagged_and_one_that_is_raised(self) -> None:
        table = self.write(
            replace(self.LABEL, tagged=False, words=(), logit=-2.25),
            replace(self.LABEL, label="actor", raised_by="actor.agency"),
        )
        cells = self.cells(table, 2)
        assert cells[:4] == ["actor.agency 0.90", "not tagged; threshold 0.40", "-2.25 bias", "-2.25 in all"]
        assert cells[4:7] == ["actor 0.90", "raised by actor.agency", "tagged; threshold 0.40"]

    def test_words_for_and_against_are_told_apart_without_colours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("NO_COLOR", "1")
        stream = Terminal()
        report.write_explanation(Explanation("La police est là.", (self.LABEL,), ModelId("m", "1", "")), stream)
        assert "\x1b[4mLa\x1b[0m \x1b[1mpolice\x1b[0m est \x1b[1mlà\x1b[0m." in stream.getvalue()

    @pytest.mark.parametrize("text", [LONG, JAPANESE, HOSTILE, "x" * 500, "警" * 200, "👮" * 99, "", "\n a\t\n b \n"])
    def test_any_sentence_is_printable_and_no_wider_than_asked(self, tagger: Tagger, text: str) -> None:
        for width in (80, 120):
            stream = io.StringIO()
            report.write_explanation(tagger.explain(text, labels=["actor", "threat.terrorism"]), stream, width=width)
            assert {cell_len(line) for line in stream.getvalue().splitlines()} == {width}
            assert all(c.isprintable() or c == "\n" for c in stream.getvalue())

    def test_no_tag(self) -> None:
        assert self.write() == "no tag\n"


class TestJsonl:
    def test_a_line_a_sentence(self, tagger: Tagger) -> None:
        documents = [(f"{i}.txt", tagger.tag(text, probabilities=i == 0)) for i, text in enumerate((LONG, HOSTILE, ""))]
        rows = [json.loads(line) for line in written(report.write_jsonl, *documents).splitlines()]
        expected = [
            {"file": name, "language": d.language, "model": "hand-made@0.1.0"} | row | {"page": None, "row": None}
            for name, d in documents
            for row in d.rows()
        ]
        assert rows == expected

    def test_writes_as_it_reads(self, tagger: Tagger) -> None:
        stream = io.StringIO()
        seen = []

        def documents() -> Iterator[tuple[str, Document]]:
            for i in range(5):
                seen.append(stream.getvalue().count("\n"))
                yield f"{i}", tagger.tag("Un mot.")

        for write, before in ((report.write_jsonl, 0), (report.write_csv, 1)):
            stream.truncate(0)
            stream.seek(0)
            seen.clear()
            write(documents(), stream)
            assert seen == [before + i for i in range(5)]


class TestCsv:
    def read(self, text: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def test_a_row_a_sentence(self, tagger: Tagger) -> None:
        document = tagger.tag(f'Un, "deux".\n{LONG}')
        rows = self.read(written(report.write_csv, ("a.txt", document)))
        assert [row["text"] for row in rows] == [s.text for s in document.sentences]
        assert [row["labels"].split(";") for row in rows if row["labels"]] == [
            list(s.labels) for s in document.sentences if s.tags
        ]
        assert {row["file"] for row in rows} == {"a.txt"}
        for row in rows:
            assert row["text"] == document.text[int(row["start"]) : int(row["end"])]

    def test_who_decided(self) -> None:
        document = one("Un.")
        deep = replace(document.sentences[0], decided_by=ModelId("=d", "2.0.0", ""), left=True)
        mixed = replace(document, sentences=(*document.sentences, deep))
        rows = self.read(written(report.write_csv, ("a.txt", mixed)))
        assert [(row["decided_by"], row["left"]) for row in rows] == [("m@1.0.0", "false"), ("'=d@2.0.0", "true")]
        lines = [json.loads(line) for line in written(report.write_jsonl, ("a.txt", mixed)).splitlines()]
        assert [(row["decided_by"], row["left"]) for row in lines] == [("m@1.0.0", False), ("=d@2.0.0", True)]

    def test_a_column_a_label(self, tagger: Tagger) -> None:
        document = tagger.tag(LONG, probabilities=True)
        rows = self.read(written(report.write_csv, ("a.txt", document), labels=tagger.labels))
        assert float(rows[0]["p:actor.agency"]) == document.rows()[0]["p:actor.agency"]
        assert len(rows[0]) == 11 + len(tagger.labels)

    def test_where_a_sentence_comes_from(self, tagger: Tagger) -> None:
        paged = tagger.tag(Text("Un. Deux. Trois.", Source("=a.pdf", pages=(0, 4, 4))))
        row = tagger.tag(Text("Un.", Source("b.jsonl", row=7)))
        plain = tagger.tag("Un.")
        documents = [("x", paged), ("y", row), ("c.txt", plain)]
        rows = self.read(written(report.write_csv, *documents))
        assert [(row["file"], row["page"], row["row"]) for row in rows] == [
            *[("'=a.pdf", page, "") for page in "133"],
            ("b.jsonl", "", "7"),
            ("c.txt", "", ""),
        ]
        lines = [json.loads(line) for line in written(report.write_jsonl, *documents).splitlines()]
        assert [(row["file"], row["page"], row["row"]) for row in lines] == [
            *[("=a.pdf", page, None) for page in (1, 3, 3)],
            ("b.jsonl", None, 7),
            ("c.txt", None, None),
        ]

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＠"])
    def test_a_formula_is_shown_as_text(self, start: str) -> None:
        text = f'{start}HYPERLINK("http://example.org";"click")'
        row = self.read(written(report.write_csv, (text, one(text))))[0]
        assert row["text"] == row["file"] == f"'{text}"

    def test_nor_is_the_label_of_somebody_s_model_a_formula(self) -> None:
        document = one("a", tag("=cmd|'/C calc'!A0", 0.9), in_doubt=("@SUM(1)",))
        row = self.read(written(report.write_csv, ("a.txt", document)))[0]
        assert (row["labels"], row["in_doubt"]) == ("'=cmd|'/C calc'!A0", "'@SUM(1)")

    @given(text=st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
    def test_any_text_comes_back(self, text: str) -> None:
        row = self.read(written(report.write_csv, ("a.txt", one(text))))[0]
        assert row["text"].removeprefix("'" if text.startswith(report.FORMULA_STARTS) else "") == text
        assert report.with_formula(row["text"]) == report.with_formula(text)


class TestMarkdown:
    def test_two_cells_a_row_whatever_the_text(self) -> None:
        document = one(f"{HOSTILE}\nzweite | Zeile", tag("actor.state", 0.9), in_doubt=("actor.state",))
        text = written(report.write_markdown, ("a_b*.txt", document))
        assert text.startswith("## a\\_b\\*.txt\n\nfr, m@1.0.0\n\n| sentence | tags |\n| --- | --- |\n")
        rows = text.splitlines()[6:]
        assert len([row for row in rows if row]) == 1
        assert rows[0].endswith(" | actor.state 0.90 ? |")
        assert "\\<script\\> \\| pipe \\* \\_ \\` \\\\\\|" in rows[0]

    def test_documents_are_apart(self, tagger: Tagger) -> None:
        text = written(
            report.write_markdown, ("a", tagger.tag("Un.")), ("b", tagger.tag("")), ("c", tagger.tag("Deux."))
        )
        assert text.count("\n\n## ") == 2


@pytest.mark.parametrize("write", [report.write_table, report.write_markdown])
def test_a_document_that_was_read_steers_nothing_by_its_language_or_model(write: Any) -> None:
    model = ModelId(name="m\x1b[2J", version="1|<b>", sha256="")
    shown = written(write, ("a.txt", replace(one("Un."), language="fr\n# title", model=model)))
    assert "\x1b" not in shown
    assert "fr # title" in shown.replace("\\", "")
    assert write is not report.write_markdown or "1\\|\\<b\\>" in shown


@given(text=st.text())
def test_visible_text_is_one_printable_line(text: str) -> None:
    found = report.visible(text)
    assert found.isprintable()
    assert report.visible(found) == found


def test_visible_text_keeps_words_whole() -> None:
    assert report.visible("Straf\u00adtat\n\n a\u3000b\0c") == "Straftat a b c"


def test_grid() -> None:
    stream = io.StringIO()
    name = "[red]" + "a" * 200
    report.write_grid(("name", "F1"), [(name, "0.5"), ("b", "-")], stream)
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert ["name", "F1"] in lines
    assert [name, "0.5"] in lines
