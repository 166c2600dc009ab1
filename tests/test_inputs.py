from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import inputs
from g7classify.errors import DataError, EncodingError, G7ClassifyError, OptionError, TextError, UnreadableFileError


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a", "a.unknown"])
def test_a_file_is_one_text(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, "Un.\r\n\r\nDeux é 警察\n")
    assert list(inputs.texts([path])) == [(str(path), "Un.\r\n\r\nDeux é 警察\n")]


@pytest.mark.parametrize("name", ["a.jsonl", "a.JSONL"])
def test_a_line_of_jsonl_is_one_text(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, '{"text": "Un."}\r\n\n  \n{"text": "\\u0000 Deux\u2028.", "id": 2}')
    assert list(inputs.texts([path])) == [(f"{path}:1", "Un."), (f"{path}:4", "\0 Deux\u2028.")]


def test_format_and_field_may_be_given(tmp_path: Path) -> None:
    path = written(tmp_path / "a.log", '{"body": "Un."}\n')
    assert list(inputs.texts([path], input_format="jsonl", text_field="body")) == [(f"{path}:1", "Un.")]
    with pytest.raises(OptionError, match="pdf"):
        list(inputs.texts([path], input_format="pdf"))


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.txt", "\ufeffUn.")
    rows = written(tmp_path / "a.jsonl", '\ufeff{"text": "Un."}\n')
    assert [text for _, text in inputs.texts([plain, rows])] == ["Un.", "Un."]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("é".encode())))
    assert list(inputs.texts(["-"])) == [("-", "é")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"abc\xff", r"byte 3 \(0xff\) is not UTF-8; convert"),
        ("déjà".encode("latin-1"), "is not UTF-8"),
        ("déjà".encode("utf-16"), "UTF-16: convert"),
        ("abc".encode("utf-16-le"), "byte 1 is NUL; it is UTF-16 or no text"),
        (b"%PDF-1.7 \xe2\xe3", "pdftotext"),
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
        ('{"body": "x"}', DataError, "no field 'text', it has 'body'"),
        ('{"text": null}', DataError, "expected a string"),
        ('{"text": ["x"]}', DataError, "expected a string"),
        ('{"text": "\\ud800"}', TextError, "surrogate"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, line: str, error: type[Exception], message: str) -> None:
    path = written(tmp_path / "a.jsonl", f'{{"text": "fine"}}\n\n{line}\n')
    found = inputs.texts([path])
    assert next(found) == (f"{path}:1", "fine")
    with pytest.raises(error, match=message) as caught:
        next(found)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert len(str(caught.value)) < 500


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.txt", "nul\0byte"):
        with pytest.raises(UnreadableFileError, match="cannot read"):
            list(inputs.texts([path]))
        with pytest.raises(UnreadableFileError, match="cannot read"):
            inputs.size_bytes([path])


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
    assert [text for _, text in inputs.texts([path])] == texts


@given(content=st.binary(max_size=60))
def test_any_bytes_give_texts_or_an_error_of_ours(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.txt", "a.jsonl"):
        try:
            texts = list(inputs.texts([written(folder / name, content)]))
        except G7ClassifyError:
            continue
        assert all(text.encode() is not None for _, text in texts)
