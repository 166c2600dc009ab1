"""CSV, TSV and JSONL: what they hold, and errors that tell the line."""

from __future__ import annotations

import codecs
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from g7classify.errors import DataError, EncodingError, OptionError, TextError, UnreadableFileError
from g7classify.streaming import tables, textfiles
from g7classify.streaming.sources import open_table


def found(
    path: Path, *, keep: tuple[str, ...] = (), rows: int = 0, **options: Any
) -> list[tuple[int, str | None, list[Any]]]:
    """Number, text and kept values of each row after the first so many."""
    batches = open_table(path, text_column="text", keep=keep, **options).batches(0, rows)
    return [
        (batch.first + i, text, [batch.kept[name][i] for name in keep])
        for batch in batches
        for i, text in enumerate(batch.texts)
    ]


def test_csv_with_all_that_it_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(
        codecs.BOM_UTF8 + 'id, text \r\n1,"two\r\nlines, ""quoted"""\r\n\r\n2,\r\n3,été\0\r\n4,"a"'.encode()
    )
    expected = [(1, 'two\r\nlines, "quoted"', ["1"]), (2, None, ["2"]), (3, "été\0", ["3"]), (4, "a", ["4"])]
    assert found(path, keep=("id",)) == expected
    for rows in range(5):
        assert found(path, keep=("id",), rows=rows) == expected[rows:]


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_the_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f'id{delimiter}"text"\n1{delimiter}a\n')
    assert found(path, keep=("id",)) == [(1, "a", ["1"])]


def test_one_column_is_a_table_too(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("text\na; b\nc\n")
    assert [text for _, text, _ in found(path)] == ["a; b", "c"]


def test_jsonl_with_all_that_it_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    path.write_bytes(
        codecs.BOM_UTF8
        + '{"text": "été\\n\\u0000", "id": [1]}\n\n{"text": null}\r\n  \n{"id": {"a": 1}, "text": ""}'.encode()
    )
    expected = [(1, "été\n\0", [[1]]), (2, None, [None]), (3, None, [None]), (4, None, [None]), (5, "", [{"a": 1}])]
    assert found(path, keep=("id",)) == expected
    for rows in range(6):
        assert found(path, keep=("id",), rows=rows) == expected[rows:]


def test_long_texts_make_smaller_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 4)
    monkeypatch.setattr(tables, "BATCH_BYTES", 40)
    path = tmp_path / "table.csv"
    path.write_text("text\n" + "a\n" * 5 + "b" * 30 + "\n" + "a\n" * 3)
    batches = list(open_table(path, text_column="text").batches(0, 0))
    assert [(batch.first, len(batch.texts)) for batch in batches] == [(1, 4), (5, 2), (7, 3)]
    assert batches[-1].read == 1


def test_a_cell_may_be_long(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"text\n{'a' * 1_000_000}\n")
    assert [len(text or "") for _, text, _ in found(path)] == [1_000_000]


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.csv", b"", DataError, r"a\.csv: no header"),
        ("a.csv", b"id,body\n1,a\n", DataError, r"a\.csv: no column 'text'; there are 'id', 'body'"),
        ("a.csv", b"text,text\n1,a\n", DataError, r"a\.csv: column 'text' stands twice"),
        ("a.csv", b"id,text\n1,a\n2\n", DataError, r"a\.csv:3: 1 cells; expected 2"),
        ("a.csv", b"id,text\n1,a,b\n", DataError, r"a\.csv:2: 3 cells; expected 2"),
        ("a.csv", b'id,text\n1,"a"b\n', DataError, r"a\.csv:2: no row of CSV"),
        ("a.csv", b'id,text\n1,"a\n\n', DataError, r"a\.csv:2: no row of CSV"),
        (
            "a.csv",
            b"id,text\n1,\xe9t\xe9\n",
            EncodingError,
            r"a\.csv:2: byte 2 \(0xe9\) is not UTF-8; it looks like cp1252",
        ),
        ("a.csv", "id,text\n1,a\n".encode("utf-16"), EncodingError, "it is UTF-16"),
        (
            "a.jsonl",
            b'{"text": "a"}\n{"body": 1, "id": 2}',
            DataError,
            r"a\.jsonl:2: no column 'text'; .* 'body', 'id'",
        ),
        ("a.jsonl", b'{"text": 3}', DataError, r"a\.jsonl:1: the field 'text' is 3; expected a string or null"),
        ("a.jsonl", b"[1]", DataError, r"a\.jsonl:1: \[1\] is no JSON object"),
        ("a.jsonl", b'{"text": "a"', DataError, r"a\.jsonl:1: not JSON"),
        ("a.jsonl", b"[" * 100_000, DataError, r"a\.jsonl:1: not JSON"),
        ("a.jsonl", b'{"text": "\\ud800"}', TextError, r"a\.jsonl:1: lone surrogate"),
        ("a.jsonl", b'{"text": "\xff"}', EncodingError, r"a\.jsonl:1: byte 10"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, error: type[Exception], message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        found(path)


def test_a_quote_that_is_never_closed_takes_no_more_than_a_cell_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfiles, "MAX_CELL", 200_000)
    before = csv.field_size_limit(100_000)
    path = tmp_path / "a.csv"
    path.write_text('text\n"a\n' + "b\n" * 1_000_000)
    try:
        with pytest.raises(DataError, match=r"no row of CSV \(field larger than field limit \(200000\)"):
            found(path)
        assert csv.field_size_limit() == 100_000  # that of the process, whoever set it
    finally:
        csv.field_size_limit(before)


def test_a_file_that_may_not_be_opened(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot read"):
        textfiles.CsvTable(tmp_path, "text", (), encoding="utf-8", skip_bad=False)


def test_lines_that_end_as_on_an_old_macintosh_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"text,id\ra,1\r")
    with pytest.raises(DataError, match=r"table\.csv:1: no row of CSV"):
        open_table(path, text_column="text")


def bad(path: Path, rows: int = 0) -> list[str]:
    """What is wrong with rows that are passed over."""
    batches = open_table(path, text_column="text", skip_bad=True).batches(0, rows)
    return [wrong.removeprefix(f"{path}:") for batch in batches for wrong in batch.bad]


def test_bad_rows_of_csv_can_be_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = [
        b"id,text",
        b"1,a",
        b"2,a,b,c",
        b"3",
        b'4,"x"y',
        b"5,\xe9",
        b'6,"two',
        b'lines"',
        b'7,"open',
        b"8,b",
        b"9,c",
    ]
    path.write_bytes(b"\n".join(rows) + b"\n")
    expected = [
        (1, "a", ["1"]),
        *[(number, None, [None]) for number in range(2, 6)],
        (6, "two\nlines", ["6"]),
        (7, None, [None]),
        (8, "b", ["8"]),
        (9, "c", ["9"]),
    ]
    wrong = bad(path)
    assert [text[:24] for text in wrong] == [
        "3: 4 cells; expected 2, ",
        "4: 1 cells; expected 2, ",
        "5: no row of CSV (',' ex",
        "6: byte 2 (0xe9) is not ",
        "9: no row of CSV (unexpe",
    ]
    for start in range(10):
        assert found(path, keep=("id",), rows=start, skip_bad=True) == expected[start:]
        assert bad(path, start) == wrong[max(0, start - 1 - (start > 5)) :]


def test_bad_rows_of_jsonl_can_be_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    lines = [
        b'{"text": "a"}',
        b"{",
        b"[1]",
        b'{"body": 1}',
        b'{"text": 3}',
        b'{"text": "\xe9"}',
        b'{"text": "\\ud800"}',
    ]
    path.write_bytes(b"\n".join([*lines, b"", b'{"text": "b"}']))
    assert found(path, skip_bad=True) == [(1, "a", []), *[(n, None, []) for n in range(2, 9)], (9, "b", [])]
    assert [text.partition(":")[0] for text in bad(path)] == ["2", "3", "4", "5", "6", "7"]


def test_a_header_that_is_wrong_is_no_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for content, error in ((b"id,body\n1,a\n", DataError), (b"", DataError), (b"text,\xe9\n", EncodingError)):
        path.write_bytes(content)
        with pytest.raises(error):
            open_table(path, text_column="text", skip_bad=True)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    csv_ = 'id,text\r\n1,été\r\n2,"à\nlà"\r\n' + "3,é\r\n" * 9_000  # more than is read at once
    jsonl = '{"text": "été"}\n{"text": "à\\nlà"}\n' + '{"text": "é"}\n' * 9_000
    path.write_bytes((csv_ if name == "a.csv" else jsonl).encode(encoding))
    texts = [text for _, text, _ in found(path, encoding=encoding)]
    assert texts == ["été", "à\nlà"] + ["é"] * 9_000


def test_a_wrong_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text\n\x81\n")
    with pytest.raises(EncodingError, match=r"a\.csv:2: byte 0 \(0x81\) is not cp1252; name another"):
        found(path, encoding="cp1252")
    path.write_bytes(b"text\n")
    with pytest.raises(EncodingError, match=r"a\.csv: not utf-16"):
        found(path, encoding="utf-16-le")
    with pytest.raises(OptionError, match="encoding 'no-such'"):
        found(path, encoding="no-such")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_utf16_without_its_mark_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes("text\na\n".encode("utf-16-le"))
    with pytest.raises(EncodingError, match=r"a\.[csvjonl]+: not utf-16 \(.*BOM.*\); name another encoding"):
        found(path, encoding="utf-16")


def test_a_column_to_keep_that_no_row_of_jsonl_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"text": "police"}] * 2_000 + [{"text": "police", "late": 1}]
    path.write_text("[]\n" + "\n".join(map(json.dumps, rows)) + "\n\n{broken\n")
    assert found(path, keep=("late",), skip_bad=True)[2001] == (2002, "police", [1])
    with pytest.raises(
        DataError, match=r"a\.jsonl: no row has a column 'typo'; there are 'text', 'late'; keep one of them"
    ):
        found(path, keep=("late", "typo"), skip_bad=True)
    (tmp_path / "empty.jsonl").write_text("\n")
    assert found(tmp_path / "empty.jsonl", keep=("any",)) == [(1, None, [None])]
