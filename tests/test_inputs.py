from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import inputs
from g7classify.documents import Text
from g7classify.errors import DataError, EncodingError, G7ClassifyError, OptionError, TextError, UnreadableFileError
from g7classify.results import Source
from g7classify.streaming import decoding, tag_table
from g7classify.tagger import Tagger


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(paths: list[Path | str], **options: Any) -> list[tuple[str, str]]:
    return [(str(text.source), text.text) for text in inputs.texts(paths, **options)]


@pytest.mark.parametrize("name", ["a.txt", "a.text", "a", "a.unknown"])
def test_a_file_is_one_text(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, "Un.\r\n\r\nDeux é 警察\n")
    assert told([path]) == [(str(path), "Un.\r\n\r\nDeux é 警察\n")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_line_without_end_is_refused(
    tmp_path: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(decoding, "MAX_LINE", 3_000_000)
    with pytest.raises(DataError, match="zero:1: a line of more than 3,000,000 bytes is not read"):
        told(["/dev/zero"], input_format="jsonl", encoding=encoding)
    for suffix in ("csv", "jsonl"):
        path = written(tmp_path / f"long.{suffix}", ("a" * 3_100_000).encode(encoding))
        with pytest.raises(DataError, match=rf"long.{suffix}:1: a line of more than 3,000,000 bytes is not read"):
            tag_table(tagger, path, tmp_path / "out.csv", encoding=encoding)


@given(st.lists(st.text("ab\r\ufeff", max_size=4)), st.sampled_from(["utf-16", "utf-16-le", "utf-32-be"]))
def test_lines_of_wide_encodings_are_those_of_the_text(lines: list[str], encoding: str) -> None:
    text = "\n".join(["first", *lines])
    found = list(decoding.wide_lines(io.BytesIO(text.encode(encoding)), "a", encoding))
    assert found == [f"{line}\n" for line in text.split("\n")[:-1]] + [last for last in [text.split("\n")[-1]] if last]


@pytest.mark.parametrize("name", ["a.jsonl", "a.JSONL"])
def test_a_line_of_jsonl_is_one_text(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, '{"text": "Un."}\r\n\n  \n{"text": "\\u0000 Deux\u2028.", "id": 2}')
    assert [text.source for text in inputs.texts([path])] == [Source(str(path), 1), Source(str(path), 4)]
    assert told([path]) == [(f"{path}:1", "Un."), (f"{path}:4", "\0 Deux\u2028.")]


def test_format_and_field_may_be_given(tmp_path: Path) -> None:
    path = written(tmp_path / "a.log", '{"body": "Un."}\n')
    assert told([path], input_format="jsonl", text_field="body") == [(f"{path}:1", "Un.")]
    with pytest.raises(OptionError, match="'log': expected one of txt, md, html, pdf, docx, jsonl"):
        list(inputs.texts([path], input_format="log"))


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.txt", "\ufeffUn.")
    rows = written(tmp_path / "a.jsonl", '\ufeff{"text": "Un."}\n')
    assert [text.text for text in inputs.texts([plain, rows])] == ["Un.", "Un."]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("é".encode())))
    assert told(["-"]) == [("-", "é")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"abc\x81", r"byte 3 \(0x81\) is not UTF-8; convert"),
        ("déjà".encode("latin-1"), "is not UTF-8; it looks like cp1252: give --encoding cp1252"),
        ("déjà".encode("utf-16"), "UTF-16: give --encoding utf-16, or convert"),
        ("abc".encode("utf-16-le"), "byte 1 is NUL; it is UTF-16 or no text"),
        (b"%PDF-1.7 \xe2\xe3", "name it .pdf"),
        (b"PK\x03\x04\0", "office document"),
        (b"\xed\xa0\x80", "is not UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_what_is_not_utf8_text(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(EncodingError, match=message) as caught:
        list(inputs.texts([written(tmp_path / name, content)]))
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("{", DataError, "not JSON"),
        ("[" * 100_000, DataError, "not JSON"),
        ("9" * 10_000, DataError, "not JSON"),
        ("[1]", DataError, "no JSON object"),
        ('"text"', DataError, "no JSON object"),
        ("{}", DataError, "no field 'text', it has no field"),
        ('{"body": "x"}', DataError, "no field 'text', it has 'body'; name that of the text with --text-field"),
        ('{"text": ["x"]}', DataError, "expected a string or null"),
        ('{"text": "\\ud800"}', TextError, "surrogate"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, line: str, error: type[Exception], message: str) -> None:
    path = written(tmp_path / "a.jsonl", f'{{"text": "fine"}}\n\n{line}\n')
    found = inputs.texts([path])
    assert next(found) == Text("fine", Source(str(path), 1))
    with pytest.raises(error, match=message) as caught:
        next(found)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv"])
def test_other_encodings(tmp_path: Path, name: str, encoding: str) -> None:
    content = {"a.txt": "déjà", "a.jsonl": '\n{"text": "déjà"}\n', "a.csv": "id,text\n1,déjà\n"}[name]
    path = written(tmp_path / name, content.encode(encoding))
    assert [text for _, text in told([path], encoding=encoding)] == ["déjà"]
    with pytest.raises(EncodingError, match="is not cp1252; name another"):
        told([written(path, content.encode().replace(b"\xc3", b"\x81"))], encoding="cp1252")
    with pytest.raises(OptionError, match="encoding 'no-such'"):
        told([path], encoding="no-such")


def test_null_in_jsonl_is_passed_over_as_in_other_tables(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"text": "Un."}\n{"text": null}\n{"text": "Trois."}\n')
    assert told([path]) == [(f"{path}:1", "Un."), (f"{path}:3", "Trois.")]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.txt", "nul\0byte"):
        with pytest.raises(UnreadableFileError, match="cannot read"):
            list(inputs.texts([path]))
        assert path == tmp_path or inputs.size_bytes([path]) == 0


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UnreadableFileError, match="standard input: it is closed"):
        list(inputs.texts(["-"]))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_asking_for_the_size_leaves_a_pipe_alone(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    # Without a writer, opening the pipe would wait for ever.
    assert inputs.size_bytes([path, written(tmp_path / "a.txt", "Un.")]) == 3


def test_progress_adds_up_to_the_size(tmp_path: Path) -> None:
    paths = [written(tmp_path / "a.txt", "é\n" * 9), written(tmp_path / "b.jsonl", '{"text": "é"}\n\n' * 7)]
    read: list[int] = []
    assert len(list(inputs.texts(paths, advance=read.append))) == 8
    assert sum(read) == inputs.size_bytes(paths) == sum(path.stat().st_size for path in paths)


def test_rows_are_read_one_by_one(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", '{"text": "x"}\n' * 10_000)
    read: list[int] = []
    found = inputs.texts([path], advance=read.append)
    next(found)
    assert sum(read) == 14


@given(texts=st.lists(st.text(alphabet=st.characters(codec="utf-8"))))
def test_any_text_comes_through_jsonl(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    path = written(tmp_path_factory.mktemp("rows") / "a.jsonl", lines)
    assert [text.text for text in inputs.texts([path])] == texts


@given(content=st.binary(max_size=60))
def test_any_bytes_give_texts_or_an_error_of_ours(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.txt", "a.jsonl"):
        try:
            texts = list(inputs.texts([written(folder / name, content)]))
        except G7ClassifyError:
            continue
        assert all(text.text.encode() is not None for text in texts)


class TestTables:
    @pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
    def test_a_row_is_a_text(self, tmp_path: Path, name: str, delimiter: str) -> None:
        rows = [("id", "body"), ("1", "Un."), ("2", ""), ("3", '"Deux\nlignes."')]
        path = written(tmp_path / name, "".join(f"{delimiter.join(row)}\n" for row in rows))
        read: list[int] = []
        found = list(inputs.texts([path], text_field="body", advance=read.append))
        assert found == [Text("Un.", Source(str(path), 1)), Text("Deux\nlignes.", Source(str(path), 3))]
        assert sum(read) == path.stat().st_size
        with pytest.raises(
            DataError, match=r"no column 'text'; there are 'id.*body'; name that of the text with --text-column"
        ):
            list(inputs.texts([path]))

    def test_parquet_with_nulls(self, tmp_path: Path) -> None:
        table = pyarrow.table({"text": ["Un.", None, "Trois."], "n": [1, 2, 3]})
        path = tmp_path / "a.parquet"
        pyarrow.parquet.write_table(table, path)
        assert told([path]) == [(f"{path}:1", "Un."), (f"{path}:3", "Trois.")]
        failures: list[inputs.Failure] = []
        assert told([path, written(tmp_path / "b.txt", "B")], text_field="body", failed=failures.append) == [
            (str(tmp_path / "b.txt"), "B")
        ]
        assert "no column 'body'; there are 'text', 'n'" in str(failures[0][1])


class TestFailures:
    def test_one_file_stops_no_other(self, tmp_path: Path) -> None:
        rows = written(tmp_path / "b.jsonl", '{"text": "Un."}\n{}\n{"text": "Trois."}\n')
        paths = [
            tmp_path / "missing",
            written(tmp_path / "a.txt", "A"),
            rows,
            written(tmp_path / "c.txt", b"\xff"),
            "-",
        ]
        paths[-1] = written(tmp_path / "d.md", "D")
        failures: list[inputs.Failure] = []
        assert [text for _, text in told(paths, failed=failures.append)] == ["A", "Un.", "D"]
        assert [type(error) for _, error in failures] == [UnreadableFileError, DataError, EncodingError]
        assert [file for file, _ in failures] == [str(paths[i]) for i in (0, 2, 3)]
        assert [
            name in str(error) for name, (_, error) in zip(("missing", "b.jsonl:2", "c.txt"), failures, strict=True)
        ] == [True] * 3

    def test_an_error_of_whoever_takes_the_texts_is_no_failure(self, tmp_path: Path) -> None:
        failures: list[inputs.Failure] = []
        found = inputs.texts([written(tmp_path / "a.txt", "A")], failed=failures.append)
        next(found)
        with pytest.raises(StopIteration):
            next(found)
        assert failures == []


class TestFound:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        names = ["b.txt", "a.pdf", "c.PY", "deep/er/x.HTML", "deep/t.csv", ".hidden/a.txt", "deep/.a.txt", "e.docx"]
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            written(path, "x")
        return tmp_path

    def names(self, folder: Path, *paths: str | Path, **options: Any) -> list[str]:
        return [str(Path(path).relative_to(folder)) for path in inputs.found(paths, **options)]

    def test_a_folder_means_what_is_read_in_it_and_below(self, folder: Path) -> None:
        assert self.names(folder, folder) == ["a.pdf", "b.txt", "deep/er/x.HTML", "deep/t.csv", "e.docx"]
        assert self.names(folder, folder, but=folder / "deep" / "t.csv") == [
            "a.pdf",
            "b.txt",
            "deep/er/x.HTML",
            "e.docx",
        ]

    def test_a_pattern_means_the_files_that_match(self, folder: Path) -> None:
        assert self.names(folder, f"{folder}/*.[tp]*") == ["a.pdf", "b.txt"]
        assert self.names(folder, f"{folder}/**/*.*") == [
            "a.pdf",
            "b.txt",
            "c.PY",
            "deep/er/x.HTML",
            "deep/t.csv",
            "e.docx",
        ]

    def test_a_file_whose_name_looks_like_a_pattern_is_itself(self, folder: Path) -> None:
        written(folder / "[a].txt", "x")
        assert self.names(folder, folder / "[a].txt") == ["[a].txt"]

    def test_files_stay_as_they_are_given(self, folder: Path) -> None:
        given = ["-", "missing.txt", "nul\0", str(folder / "c.PY")]
        assert inputs.found(given) == given

    def test_what_means_nothing_is_an_error_in_its_turn(self, folder: Path) -> None:
        empty = folder / "empty"
        empty.mkdir()
        assert inputs.found([empty, f"{folder}/*.none"]) == [str(empty), f"{folder}/*.none"]
        failures: list[inputs.Failure] = []
        assert told([empty, f"{folder}/*.none", folder / "b.txt"], failed=failures.append) == [
            (str(folder / "b.txt"), "x")
        ]
        assert "a folder, and no file" in str(failures[0][1])
        assert "No such file" in str(failures[1])
