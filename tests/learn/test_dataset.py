from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from g7classify.codebook import CODEBOOK
from g7classify.errors import (
    CodebookError,
    DataError,
    EncodingError,
    InputTypeError,
    OptionError,
    UnknownLabelError,
    UnreadableFileError,
)
from g7classify.learn.dataset import Dataset, Row, digests, files

GOOD = {
    "id": "a",
    "lang": "fr",
    "group": "g",
    "sample": "natural",
    "source": "press",
    "labels": ["threat.terrorism"],
    "text": "Un attentat.",
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def test_reads_rows_and_closes_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", GOOD, "", {"text": "Rien.", "labels": []})
    data = Dataset.read(path)
    assert data.texts == ("Un attentat.", "Rien.")
    assert data.ids == ("a", f"{path}:3")
    assert data.languages.tolist() == ["fr", ""]
    assert data.samples.tolist() == ["natural", ""]
    assert data.sources.tolist() == ["press", ""]
    assert data.select(np.array([1, 0])).sources.tolist() == ["", "press"]
    assert data.groups[0] == "g"
    assert data.groups[1] not in ("", "g")
    held = {CODEBOOK.names[i] for i in np.flatnonzero(data.labels[0])}
    assert held == {"threat", "threat.terrorism"}
    assert not data.labels[1].any()


def test_several_files_of_several_formats(tmp_path: Path) -> None:
    table = tmp_path / "b.csv"
    table.write_text("text,labels\nUne bombe.,threat\n")
    data = Dataset.read([write(tmp_path / "a.jsonl", GOOD), str(table)])
    assert data.texts == ("Un attentat.", "Une bombe.")


def test_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert len(Dataset.read(path)) == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "expected a JSON object, got list"),
        ("[" * 100_000, "not JSON"),
        ('{"text": "a", "text": "b", "labels": []}', "key 'text' stands twice"),
        ({**GOOD, "text": None}, "`text` is None"),
        ({**GOOD, "text": "  "}, "expected a sentence"),
        ({**GOOD, "text": "\ud800"}, "lone surrogate U\\+D800"),
        ({**GOOD, "text": "a\0b"}, "NUL at offset 1"),
        ({**GOOD, "text": "x" * 100_001}, "100001 characters, more than 100000; split"),
        ({"text": "a"}, "`labels` is None; expected a list"),
        ({**GOOD, "labels": "threat"}, "`labels` is 'threat'"),
        ({**GOOD, "labels": [1]}, "expected a list of labels"),
        ({**GOOD, "labels": [[0, 9, "threat"]]}, "spans of a text"),
        ({**GOOD, "labels": ["threat.terorism"]}, "did you mean 'threat.terrorism'"),
        ({**GOOD, "lang": ["fr"]}, "`lang` is \\['fr'\\]"),
    ],
)
def test_bad_row_is_named_with_file_and_line(tmp_path: Path, row: object, message: str) -> None:
    path = write(tmp_path / "a.jsonl", GOOD, row)
    with pytest.raises(DataError, match=f"a.jsonl:2: .*{message}") as caught:
        Dataset.read(path)
    assert len(str(caught.value)) < 400 + len(str(tmp_path))


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"^no labelled row in {re.escape(str(tmp_path))}$"):
        Dataset.read([tmp_path])
    with pytest.raises(DataError, match=r"^no labelled row in no file$"):
        Dataset.read([])


def test_missing_file_and_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"missing\.jsonl: No such file"):
        Dataset.read(tmp_path / "missing.jsonl")
    with pytest.raises(UnreadableFileError, match="null byte"):
        Dataset.read("nul\0byte")
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"text": "ok", "labels": []}\n{"text": "\xe9tat", "labels": []}\n')
    with pytest.raises(EncodingError, match=r"latin.jsonl:2: byte 0xe9 is not UTF-8; it looks like cp1252"):
        Dataset.read(latin)
    assert Dataset.read(latin, encoding="cp1252").texts == ("ok", "état")


@pytest.mark.parametrize(("option", "value"), [("format", "xlsx"), ("encoding", "klingon"), ("encoding", "rot13")])
def test_options_that_do_not_exist(tmp_path: Path, option: str, value: str) -> None:
    with pytest.raises(OptionError, match=f"{option} '{value}'"):
        Dataset.read(write(tmp_path / "a.jsonl", GOOD), **{option: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["auto", Path("book.toml")])
def test_a_codebook_is_no_path(tmp_path: Path, given: Any) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "labels": []}\n')
    for read in (lambda: Dataset.read(path, codebook=given), lambda: Dataset.of({"text": ["a"]}, codebook=given)):
        with pytest.raises(InputTypeError, match=r"expected a Codebook, or None .* Codebook\.read"):
            read()


def test_without_a_codebook_the_labels_that_occur_make_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *({"text": label, "labels": [label]} for label in ("sun", "rain", "sun")))
    data = Dataset.read(path, codebook=None)
    assert data.codebook.names == ("rain", "sun")
    assert data.labels.tolist() == [[False, True], [True, False], [False, True]]
    with pytest.raises(CodebookError, match="no label occurs"):
        Dataset.read(write(tmp_path / "b.jsonl", {"text": "a", "labels": []}), codebook=None)
    with pytest.raises(DataError, match=r"c.jsonl:1: label ' x' cannot be one"):
        Dataset.read(write(tmp_path / "c.jsonl", {"text": "a", "labels": [" x"]}), codebook=None)


def test_rows_with_unknown_labels_are_refused_in_memory_too() -> None:
    with pytest.raises(UnknownLabelError):
        Dataset.from_rows([Row("x", ("nope",), id="1")])


def test_select_keeps_columns_together(tmp_path: Path) -> None:
    data = Dataset.read(write(tmp_path / "a.jsonl", *({**GOOD, "text": str(i), "id": str(i)} for i in range(5))))
    for wanted in (np.array([False, True, False, True, False]), np.array([1, 3])):
        part = data.select(wanted)
        assert part.texts == ("1", "3")
        assert part.ids == ("1", "3")
        assert part.labels.shape == (2, len(CODEBOOK))


def test_digests_tell_files_of_one_name_apart(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "a.jsonl", {**GOOD, "id": folder})
    found = digests(files([tmp_path / "one", tmp_path / "two"]))
    assert [*found] == ["one/a.jsonl", "two/a.jsonl"]
    assert len(set(found.values())) == 2
