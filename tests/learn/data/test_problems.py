from __future__ import annotations

import codecs
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7classify.codebook import CODEBOOK
from g7classify.errors import DataError, UnreadableFileError
from g7classify.learn.data.problems import Report, validate
from g7classify.learn.data.rows import Row
from g7classify.learn.dataset import Dataset

GOOD = {"id": "a", "lang": "fr", "labels": ["threat.terrorism"], "text": "Un attentat."}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def accounted(report: Report) -> Report:
    assert report.read == len(report.rows) + len(report.rejected) + report.joined
    assert all(rejected.reasons for rejected in report.rejected)
    return report


def test_every_problem_is_listed_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        "{", GOOD, {**GOOD, "id": "other", "labels": []}, {"text": "x"}, {**GOOD, "text": "B", "labels": ["thread"]},
        {**GOOD, "text": " "},
    )  # fmt: skip
    report = accounted(validate(path))
    assert [(p.line, p.kind, p.id, p.severity) for p in report.problems] == [
        (1, "row", "", "error"), (2, "conflict", "a", "error"), (3, "conflict", "other", "error"),
        (4, "row", "", "error"), (5, "label", "a", "error"), (6, "text", "a", "error"),
    ]  # fmt: skip
    assert str(report.problems[4]).startswith(
        f"{path}:5: label 'thread' is not in codebook 'g7' 1: did you mean 'threat"
    )
    assert report.problems[0].where == f"{path}:1"
    assert (report.rows, len(report.rejected), report.codebook) == ((), 6, CODEBOOK)


def test_warnings_leave_a_row_where_it_is_unless_it_stands_twice(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", GOOD, {**GOOD, "id": "b"}, {**GOOD, "id": "c", "text": "Un cafÃ©."})
    report = accounted(validate(path))
    assert report.errors == ()
    assert [(p.line, p.kind) for p in report.problems] == [(2, "duplicate"), (3, "encoding")]
    assert str(report.problems[0]).startswith(f"{path}:2: warning: the same text has the same labels at {path}:1")
    assert [row.id for row in report.rows] == ["a", "c"]


def test_clean_rows_and_rejected_ones_are_all_that_was_read(tmp_path: Path) -> None:
    row = {**GOOD, "text": "Rien.", "group": "g", "mine": 7}
    path = write(tmp_path / "a.jsonl", GOOD, row, {**GOOD, "text": "", "mine": [8]}, "no json")
    report = accounted(validate(path))
    report.write_clean(tmp_path / "clean.jsonl")
    report.write_rejected(tmp_path / "rejected.jsonl")
    before, after = Dataset.read(write(tmp_path / "b.jsonl", GOOD, row)), Dataset.read(tmp_path / "clean.jsonl")
    assert (after.texts, after.ids, after.groups.tolist()) == (before.texts, before.ids, before.groups.tolist())
    assert (after.labels == before.labels).all()
    lines = [json.loads(line) for line in (tmp_path / "rejected.jsonl").read_text().splitlines()]
    assert [(line["file"], line["line"], line["kinds"]) for line in lines] == [
        (str(path), 3, ["text"]),
        (str(path), 4, ["row"]),
    ]
    assert [line["row"] for line in lines] == [{**GOOD, "text": "", "mine": [8]}, "no json"]
    assert "expected a sentence" in lines[0]["reasons"][0]
    assert validate(tmp_path / "clean.jsonl").problems == ()


def test_rejected_rows_as_csv_run_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text,labels\n"=HYPERLINK(1)",,threat\n@x,+1,thread\n-a,b,c,d\n')
    validate(path).write_rejected(tmp_path / "rejected.csv")
    content = (tmp_path / "rejected.csv").read_bytes().removeprefix(codecs.BOM_UTF8).decode()
    assert len(content.encode()) == (tmp_path / "rejected.csv").stat().st_size - 3  # a spreadsheet needs the mark
    found = list(csv.DictReader(io.StringIO(content)))
    assert [row["line"] for row in found] == ["2", "3", "4"]
    assert [row["id"] for row in found] == ["'=HYPERLINK(1)", "'@x", ""]
    assert json.loads(found[1]["row"]) == {"id": "@x", "text": "+1", "labels": "thread"}
    for row in csv.reader(io.StringIO(content)):
        assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in row)


def test_a_file_that_cannot_be_read_stops_writing_and_nothing_else(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "a.jsonl", GOOD), tmp_path / "b.jsonl"
    bad.write_bytes("déjà\n".encode("cp1252"))
    report = accounted(validate([good, bad]))
    assert [(p.kind, p.line) for p in report.problems] == [("encoding", 1)]
    assert len(report.rows) == 1
    for write_to in (report.write_clean, report.write_rejected):
        with pytest.raises(DataError, match=r"nothing is written, as a file could not be read: .*b.jsonl:1: byte 0xe9"):
            write_to(tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    with pytest.raises(UnreadableFileError, match="No such file"):
        validate(tmp_path / "missing.jsonl")


def test_nothing_to_read_is_a_problem(tmp_path: Path) -> None:
    (problem,) = validate(write(tmp_path / "empty.jsonl")).problems
    assert str(problem) == f"{tmp_path}/empty.jsonl: no labelled row"
    assert [p.message for p in validate([], codebook=None).problems] == ["no labelled row"]


def test_labels_that_make_no_codebook_are_a_problem(tmp_path: Path) -> None:
    report = accounted(validate(write(tmp_path / "a.jsonl", {"text": "a", "labels": []}), codebook=None))
    assert [(p.kind, p.severity) for p in report.problems] == [("label", "error")]
    assert "no label occurs" in report.problems[0].message


def test_slips_among_labels_that_were_taken_from_the_rows_are_told(tmp_path: Path) -> None:
    rows = [{"text": f"{number} {word}", "labels": [label]} for number in range(6) for word, label in
            (("douane", "border"), ("tax", "tax"))]  # fmt: skip
    rows.insert(3, {"text": "frontière", "labels": ["Border"]})
    rows.append({"text": "autre chose", "labels": ["rare"]})
    path = write(tmp_path / "a.jsonl", *rows)
    report = accounted(validate(path, codebook=None))
    assert [(str(p), p.kind) for p in report.problems] == [
        (f"{path}:4: warning: label 'Border' (1 row): did you mean 'border' (6)?", "spelling"),
        ("labels: warning: labels of fewer than 5 rows can hardly be learned: 'rare' (1)", "spelling"),
    ]
    assert len(report.rows) == len(rows)


def test_a_huge_value_is_cut_in_the_message(tmp_path: Path) -> None:
    huge = ["x" * 10_000]
    for row in (GOOD | {"text": huge}, GOOD | {"labels": huge[0]}, GOOD | {"labels": huge}, GOOD | {"group": huge}):
        (problem,) = validate(write(tmp_path / "a.jsonl", row)).errors[:1]
        assert len(str(problem)) < 300 + len(str(tmp_path))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("threat"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "labels", "label", "a"]), inner)
    ),
    max_leaves=8,
)
KEYS = ("text", "labels", "label", "id", "lang", "data", "annotations", "answer", "accept", "fields", "responses",
        "cats", "annotation", "status", "q.responses", "annotation_id", "lead_time")  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=6) | json_values, max_size=6))
def test_whatever_json_says_every_record_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.json").write_text(json.dumps(rows))
    write(folder / "b.jsonl", *map(json.dumps, rows))
    for name in ("a.json", "b.jsonl"):
        for codebook in (CODEBOOK, None):
            report = accounted(validate(folder / name, codebook=codebook))
            assert report.read == (0 if report.unread else len(rows))
            try:
                read = Dataset.read(folder / name, codebook=codebook)
            except ValueError:  # DataError, EncodingError, CodebookError
                assert report.errors
            else:
                assert len(read) >= len(report.rows)


@settings(max_examples=200)
@given(st.text(alphabet="text,labels;\n\r\"'ab01x\0\t[]{}", max_size=80), st.sampled_from([",", ";", "\t"]))
def test_whatever_a_table_says_every_record_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, body: str, delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    path.write_text(f"text{delimiter}labels\n{body}", newline="")
    report = accounted(validate(path, codebook=None))
    kept = [Row(row.text, row.labels, row.id) for row in report.rows]
    assert all(row.text.strip() for row in kept)
