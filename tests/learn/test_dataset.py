from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from g7classify.codebook import CODEBOOK
from g7classify.errors import DataError, EncodingError, UnknownLabelError, UnreadableFileError
from g7classify.learn import dataset
from g7classify.learn.dataset import Dataset, Row

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


def test_a_folder_stands_for_its_jsonl_files(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", {**GOOD, "text": "b"})
    write(tmp_path / "a.jsonl", {**GOOD, "text": "a"})
    write(tmp_path / "notes.txt", "no")
    assert Dataset.read(tmp_path).texts == ("a", "b")


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
        ({**GOOD, "text": None}, "`text` is None"),
        ({**GOOD, "text": "  "}, "expected a sentence"),
        ({**GOOD, "text": "\ud800"}, "lone surrogate U\\+D800"),
        ({"text": "a"}, "`labels` is None; expected a list"),
        ({**GOOD, "labels": "threat"}, "`labels` is 'threat'"),
        ({**GOOD, "labels": [1]}, "expected a list of labels"),
        ({**GOOD, "labels": ["threat.terorism"]}, "did you mean 'threat.terrorism'"),
        ({**GOOD, "lang": ["fr"]}, "`lang` is \\['fr'\\]"),
    ],
)
def test_bad_row_is_named_with_file_and_line(tmp_path: Path, row: object, message: str) -> None:
    path = write(tmp_path / "a.jsonl", GOOD, row)
    with pytest.raises(DataError, match=f"a.jsonl:2: .*{message}"):
        Dataset.read(path)
    (problem,) = dataset.problems(path)
    assert problem.startswith(f"{path}:2: ")


def test_every_problem_is_listed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "{", GOOD, {**GOOD, "id": "other", "labels": []}, {"text": "x"})
    assert [problem.split(": ")[0] for problem in dataset.problems(path)] == [f"{path}:1", "other", f"{path}:4"]


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"^no labelled row in {re.escape(str(tmp_path))}$"):
        Dataset.read([tmp_path])
    assert len(dataset.problems(write(tmp_path / "empty.jsonl"))) == 1


def test_missing_file_and_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"missing\.jsonl: No such file"):
        Dataset.read(tmp_path / "missing.jsonl")
    with pytest.raises(UnreadableFileError, match="null byte"):
        Dataset.read("nul\0byte")
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"text": "ok", "labels": []}\n{"text": "\xe9tat", "labels": []}\n')
    with pytest.raises(EncodingError, match=r"latin.jsonl:2: byte 0xe9 is not UTF-8"):
        Dataset.read(latin)


def test_a_huge_value_is_cut_in_the_message(tmp_path: Path) -> None:
    huge = ["x" * 10_000]
    for row in (GOOD | {"text": huge}, GOOD | {"labels": huge[0]}, GOOD | {"group": huge}):
        (problem,) = dataset.problems(write(tmp_path / "a.jsonl", row))
        assert len(problem) < 300 + len(str(tmp_path))


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
