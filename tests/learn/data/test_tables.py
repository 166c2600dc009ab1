from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from test_data_formats import rows, same, some_label

from g7classify.codebook import CODEBOOK
from g7classify.errors import DataError, MissingExtraError
from g7classify.learn.data.rows import FIELDS
from g7classify.learn.dataset import Dataset, Row
from g7classify.report import no_formula

LABELS = ["law", "tax", "x y", "état"]


def table(expected: list[Row], labels: Any, **options: Any) -> str:
    """The rows as CSV; `labels` makes the cells of the labels."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, **options)
    names = ["labels"] if isinstance(labels([]), str) else LABELS
    writer.writerow(["text", *FIELDS, *names])
    for row in expected:
        cells = labels(row.labels)
        rest = [getattr(row, field) for field in FIELDS]
        writer.writerow([no_formula(row.text), *rest, *([cells] if isinstance(cells, str) else cells)])
    return stream.getvalue()


def unguarded(row: Row) -> bool:
    """Whether the row is its own after a guard against formulas is put before it and taken away again."""
    return not row.text.startswith("'")


cells = {
    "semicolons": "; ".join,
    "bars": "|".join,
    "json": lambda labels: json.dumps(list(labels)),
    "python": lambda labels: str(list(labels)),
    "flags": lambda labels: [str(int(name in labels)) for name in LABELS],
    "crosses": lambda labels: ["x" if name in labels else "" for name in LABELS],
    "words": lambda labels: [str(name in labels) for name in LABELS],
}


@pytest.mark.parametrize("labels", cells.values(), ids=cells)
@pytest.mark.parametrize("options", [{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quoting": csv.QUOTE_ALL}])
@settings(max_examples=20)
@given(expected=rows.filter(some_label).filter(lambda rows: all(map(unguarded, rows))))
def test_csv_round_trip(
    tmp_path_factory: pytest.TempPathFactory, expected: list[Row], labels: Any, options: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(table(expected, labels, **options), encoding="utf-8", newline="")
    given = {} if isinstance(labels([]), str) else {"labels": LABELS}
    same(Dataset.read(path, codebook=None, **given), expected)


def read(tmp_path: Path, content: str, **options: Any) -> Dataset:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8", newline="")
    return Dataset.read(path, **({"codebook": None} | options))


class TestCsv:
    @pytest.mark.parametrize("delimiter", ",;\t|")
    def test_the_delimiter_is_told_from_the_header(self, tmp_path: Path, delimiter: str) -> None:
        rows = [["a, b; c", "Texte"], ["law", "Oui ; non, si | peut-être."]]
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter).writerows(rows)
        data = read(tmp_path, stream.getvalue(), labels="a, b; c", separator="")
        assert data.texts == ("Oui ; non, si | peut-être.",)

    def test_lines_are_counted_as_an_editor_does(self, tmp_path: Path) -> None:
        content = 'text,labels\r\n"Un\r\ntexte.",law\r\n\r\nDeux.,law\r\n,law\r\n'
        with pytest.raises(DataError, match=r"a.csv:6: `text` is ''"):
            read(tmp_path, content)
        data = read(tmp_path, content[:-6])
        assert data.texts == ("Un\r\ntexte.", "Deux.")
        assert [i.rpartition(":")[2] for i in data.ids] == ["2", "5"]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("text,labels,text\nUn.,law,x\n", "a.csv: column 'text' stands twice in the header"),
            ("text,labels\nUn.,law,x\n", "a.csv:2: 3 cells; expected 2"),
            ("text,labels\nUn.\n", "a.csv:2: 1 cells; expected 2"),
            ('text,labels\n"Un" deux,law\n', "a.csv:2: no row of CSV .*mind quotes"),
            ('text,labels\nUn.,law\n"Deux.,law\nTrois.,law\n', "a.csv:3: no row of CSV .*unexpected end"),
            ('"text,labels\n', "the header cannot be read"),
            ("a,b\nUn.,law\n", "cannot tell which column holds the text; there is 'a', 'b'; give text=NAME"),
            ("sentence,phrase\nUn.,law\n", "it may be 'sentence' or 'phrase'; there is"),
            ("text,b\nUn.,law\n", r"which column holds the labels; there is .*give labels=NAME \(--label-field NAME\)"),
            ('text,labels\nUn.,"a, b"\n', r"what parts the labels in a cell, ','; give separator= \(--separator\)"),
            ("text,labels\nUn.,a|b;c\n", "';' or '|'".replace("|", r"\|")),
        ],
    )
    def test_tables_that_are_refused(self, tmp_path: Path, content: str, message: str) -> None:
        with pytest.raises(DataError, match=message):
            read(tmp_path, content)

    def test_blank_lines_before_the_header(self, tmp_path: Path) -> None:
        assert read(tmp_path, "\n;;\r\ntext;labels\nUn.;law\n").texts == ("Un.",)

    def test_empty_cells_at_the_end_of_a_row_are_nothing(self, tmp_path: Path) -> None:
        assert read(tmp_path, ",text,labels\n0,Un.,law,,\n").texts == ("Un.",)

    def test_what_was_guarded_against_spreadsheets_is_read_without_the_guard(self, tmp_path: Path) -> None:
        data = read(tmp_path, "text,labels\n'=1+1,law\n'Tis so.,law\n")
        assert data.texts == ("=1+1", "'Tis so.")

    def test_columns_of_the_codebook_are_told(self, tmp_path: Path) -> None:
        content = "text,threat,actor.state,note\nUne bombe.,1,0,hm\nLa France.,,true,\n"
        data = read(tmp_path, content, codebook=CODEBOOK)
        held = [[CODEBOOK.names[i] for i in row.nonzero()[0]] for row in data.labels]
        assert held == [["threat"], ["actor", "actor.state"]]
        with pytest.raises(DataError, match=r"a.csv:2: `threat` is 'ja'; expected 1, 0, true, false, x or nothing"):
            read(tmp_path, content.replace(",1,", ",ja,"), codebook=CODEBOOK)

    def test_columns_of_yes_and_no_are_told_without_a_codebook(self, tmp_path: Path) -> None:
        data = read(tmp_path, "text,note,law,tax\nUn.,hm,1,0\nDeux.,,0,1\n")
        assert data.codebook.names == ("law", "tax")
        with pytest.raises(DataError, match="no column 'vat' for a label; there is 'text'"):
            read(tmp_path, "text,law,tax\nUn.,1,0\n", labels=["law", "vat"])

    def test_a_column_of_labels_is_meant_whatever_else_says_yes_or_no(self, tmp_path: Path) -> None:
        content = "text,label,checked,final\nUn.,law,1,0\nDeux.,tax,1,1\n"
        assert read(tmp_path, content).codebook.names == ("law", "tax")
        with pytest.raises(DataError, match="labels may stand in 'label' or in columns of their own; give labels="):
            read(tmp_path, "text,label,threat\nUn.,role,1\n", codebook=CODEBOOK)

    def test_columns_may_be_named(self, tmp_path: Path) -> None:
        data = read(tmp_path, "a,b,text\nUn.,law,x\n", text="a", labels="b")
        assert (data.texts, data.codebook.names) == (("Un.",), ("law",))
        with pytest.raises(DataError, match="no column 'c' for the text; there is 'a', 'b', 'text'"):
            read(tmp_path, "a,b,text\nUn.,law,x\n", text="c")

    def test_a_codebook_tells_what_parts_labels(self, tmp_path: Path) -> None:
        data = read(tmp_path, 'text,labels\nUn.,"threat, actor.state"\nDeux.,role\n', codebook=CODEBOOK)
        assert data.labels.sum() == 4
        with pytest.raises(DataError, match=r"a.csv:3: label 'rolle' .*did you mean 'role'"):
            read(tmp_path, 'text,labels\nUn.,"threat, actor.state"\nDeux.,rolle\n', codebook=CODEBOOK)

    def test_commas_in_names_are_left_alone_if_told(self, tmp_path: Path) -> None:
        content = 'text,labels\nUn.,"Law, order"\nDeux.,Tax\n'
        assert read(tmp_path, content, separator="").codebook.names == ("Law, order", "Tax")
        assert read(tmp_path, content, separator=",").codebook.names == ("Law", "Tax", "order")


pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


class TestParquet:
    @settings(max_examples=20)
    @given(expected=rows.filter(some_label))
    @pytest.mark.parametrize("how", ["list", "cell", "flags", "large", "dictionary"])
    def test_round_trip(self, tmp_path_factory: pytest.TempPathFactory, expected: list[Row], how: str) -> None:
        path = tmp_path_factory.mktemp("parquet") / "a.parquet"
        columns: dict[str, Any] = {name: [getattr(row, name) for row in expected] for name in ("text", *FIELDS)}
        if how == "flags":
            columns |= {label: [label in row.labels for row in expected] for label in LABELS}
        elif how == "cell":
            columns["labels"] = [";".join(row.labels) for row in expected]
        else:
            kind = pa.large_list(pa.large_string()) if how == "large" else pa.list_(pa.string())
            columns["labels"] = pa.array([list(row.labels) for row in expected], kind)
        if how == "dictionary":
            columns["text"] = pa.array(columns["text"]).dictionary_encode()
        columns["vector"] = pa.array([[0.5, 0.25]] * len(expected))
        pq.write_table(pa.table(columns), path, row_group_size=3)
        same(Dataset.read(path, codebook=None, labels=LABELS if how == "flags" else None), expected)

    def test_the_parts_that_spark_writes(self, tmp_path: Path) -> None:
        for number in range(2):
            found = pa.table({"text": [f"Un {number}.", "Deux."], "labels": [["law"], []]})
            pq.write_table(found, tmp_path / f"part-0000{number}-c000.snappy.parquet")
        (tmp_path / "_SUCCESS").write_bytes(b"")
        data = Dataset.read(tmp_path, codebook=None)
        assert data.texts == ("Un 0.", "Deux.", "Un 1.", "Deux.")
        assert data.ids[3].endswith("part-00001-c000.snappy.parquet:2")

    def test_a_row_is_named_by_its_number(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"text": ["Un.", None], "labels": [["law"], ["law"]]}), tmp_path / "a.parquet")
        with pytest.raises(DataError, match=r"a.parquet:2: `text` is None"):
            Dataset.read(tmp_path / "a.parquet", codebook=None)

    def test_two_columns_of_one_name(self, tmp_path: Path) -> None:
        twice = pa.Table.from_arrays([pa.array(["Un."])] * 2 + [pa.array([["law"]])], ["text", "text", "labels"])
        pq.write_table(twice, tmp_path / "a.parquet")
        with pytest.raises(DataError, match="column 'text' stands twice"):
            Dataset.read(tmp_path / "a.parquet", codebook=None)

    def test_without_pyarrow_the_pip_line_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pq.write_table(pa.table({"text": ["Un."], "labels": [["law"]]}), tmp_path / "a.parquet")
        monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
        with pytest.raises(MissingExtraError, match=r"pip install 'g7classify\[parquet\]'"):
            Dataset.read(tmp_path / "a.parquet")
