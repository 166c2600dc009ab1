from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.errors import DataError, EncodingError, UnreadableFileError
from g7classify.learn.data.formats import FASTTEXT_PREFIX, files, load
from g7classify.learn.data.layout import Layout
from g7classify.learn.data.rows import FIELDS, Unusable
from g7classify.learn.dataset import Dataset, Row

ROWS = '[{"text": "Un.", "labels": ["a"]}]'
CSV = "text,labels\nUn.,a\n"
LINES = '{"text": "Un.", "labels": ["a"]}\n'
FASTTEXT = "__label__a Un.\n"

# What any text of a row may hold: no NUL, no lone surrogate, something to see.
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=60).filter(
    str.strip
)
labels = st.lists(st.sampled_from(["law", "tax", "état", "x y"]), unique=True, max_size=3)
fields = st.text(st.characters(categories=("L", "N")), max_size=8)
rows = st.lists(st.builds(Row, texts, labels.map(tuple), *([fields] * len(FIELDS))), min_size=1, max_size=8)


def same(data: Dataset, expected: list[Row], *, without: tuple[str, ...] = ()) -> None:
    whole = Dataset.from_rows(expected, codebook=data.codebook)
    assert data.texts == whole.texts
    assert (data.labels == whole.labels).all()
    if not without:
        assert [i for i, row in zip(data.ids, expected, strict=True) if row.id] == [
            row.id for row in expected if row.id
        ]
        for name in ("languages", "samples", "sources", "groups"):
            assert getattr(data, name).tolist() == getattr(whole, name).tolist()


def some_label(expected: list[Row]) -> bool:
    return any(row.labels for row in expected)


@given(rows.filter(some_label))
def test_jsonl_and_json_round_trip(tmp_path_factory: pytest.TempPathFactory, expected: list[Row]) -> None:
    folder = tmp_path_factory.mktemp("json")
    found = [row.to_dict() for row in expected]
    for name, content in (
        ("a.jsonl", "\r\n".join(json.dumps(row, ensure_ascii=False) for row in found)),
        ("a.json", json.dumps(found)),
    ):
        (folder / name).write_text(content, encoding="utf-8", newline="")
        same(Dataset.read(folder / name, codebook=None), expected)


def writable(row: Row) -> bool:
    """Whether fastText can write the row: a line with what stands between its words left as it is."""
    return row.text == row.text.strip() and not any(c in row.text for c in "\r\n") and FASTTEXT_PREFIX not in row.text


@given(st.lists(st.builds(Row, texts, labels.map(tuple), st.just("")).filter(writable), min_size=1, max_size=8))
def test_fasttext_round_trip(tmp_path_factory: pytest.TempPathFactory, expected: list[Row]) -> None:
    expected = [Row(row.text, tuple(label.replace(" ", "_") for label in row.labels), "") for row in expected]
    path = tmp_path_factory.mktemp("fasttext") / "train.txt"
    lines = [" ".join([*(f"{FASTTEXT_PREFIX}{label}" for label in row.labels), row.text]) for row in expected]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if some_label(expected):
        same(Dataset.read(path, codebook=None, format="fasttext"), expected, without=FIELDS)


def test_fasttext_labels_anywhere_in_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("__label__a La __label__b loi.\r\nSans rien.\n")
    (first, second) = load(path, Layout()).records
    assert first.value == {"text": "La loi.", "labels": ["a", "b"]}
    assert second.value == {"text": "Sans rien.", "labels": []}
    path.write_text("__label__a Un.\n__label__ Deux.\n")
    with pytest.raises(DataError, match=r"a.txt:2: a label without a name"):
        Dataset.read(path, codebook=None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", ROWS), ("a.json", LINES), ("a", ROWS), ("a", LINES), ("a.txt", FASTTEXT), ("a.csv", CSV),
        ("A.CSV", CSV), ("a.txt", CSV), ("a.tsv", CSV.replace(",", "\t")), ("a.ndjson", LINES),
        ("a.data", "\n" + LINES),
    ],
)  # fmt: skip
def test_the_format_is_told_by_suffix_and_content(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    data = Dataset.read(tmp_path / name, codebook=None)
    assert (data.texts, data.codebook.names) == (("Un.",), ("a",))


def test_a_format_that_is_given_wins(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text(CSV.replace(",", "\t"))
    assert len(Dataset.read(path, codebook=None, format="tsv")) == 1
    path.write_text("Nichts davon\n")
    with pytest.raises(DataError, match=r"rows.txt:1: cannot tell its format; give format= \(--format\), one of jsonl"):
        Dataset.read(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b'{"text": "a"', "not JSON"),
        ("a.json", b"[1, ", r"a.json:1: not JSON"),
        ("a.json", b"7", "expected an array of objects, got 7"),
        ("a.json", b"[[1]]", "a.json:1: expected a JSON object, got list"),
        ("a.csv", b"PAR1....PAR1", "it is Parquet: name it"),
        ("a", b"PK\x03\x04", "save the sheet as CSV"),
        ("a.csv", b"\x1f\x8b\x08", "unpack it first"),
        ("a.csv", b"", "no header"),
        ("a.jsonl", b"", "no labelled row"),
    ],
)
def test_files_that_are_not_what_they_claim(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        Dataset.read(tmp_path / name)


@pytest.mark.parametrize(
    ("encoding", "looks"),
    [("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252"),
     ("cp932", "cp932")],
)  # fmt: skip
def test_other_encodings_are_guessed_and_can_be_named(tmp_path: Path, encoding: str, looks: str) -> None:
    text = "警察はこの件について発表した。" if encoding == "cp932" else "Le ministère a décidé."
    path = tmp_path / "a.csv"
    path.write_bytes(f"text,labels\nUn,law\n{text},law\n".encode(encoding))
    with pytest.raises(
        EncodingError, match=rf"looks like {looks}: give encoding='{looks}' \(--encoding {looks}\)"
    ) as e:
        Dataset.read(path, codebook=None)
    assert str(e.value).startswith(f"{path}:{1 if encoding.startswith('utf') else 3}: byte 0x")
    assert Dataset.read(path, codebook=None, encoding=looks).texts == ("Un", text)


def test_bytes_of_no_encoding_are_refused_without_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,labels\n\x81\x8d,law\n")
    with pytest.raises(EncodingError, match=r"a.csv:2: byte 0x81 is not UTF-8; convert"):
        Dataset.read(path)
    with pytest.raises(EncodingError, match=r"byte 12 \(0x81\) is not ascii; name another"):
        Dataset.read(path, encoding="ascii")


class TestFolders:
    def write(self, folder: Path, *names: str) -> None:
        for name in names:
            (folder / name).write_text(LINES.replace("Un", name))

    def test_a_folder_stands_for_its_files_of_rows(self, tmp_path: Path) -> None:
        self.write(tmp_path, "b.jsonl", "a.jsonl", "notes.txt", "_d.jsonl", ".e.jsonl", "_c.json")
        assert [path.name for path in files(tmp_path)] == ["a.jsonl", "b.jsonl"]

    def test_or_for_the_parts_that_spark_writes(self, tmp_path: Path) -> None:
        self.write(tmp_path, "part-00001.json", "part-00000.json", "_SUCCESS", ".part-00000.json.crc")
        assert Dataset.read(tmp_path, codebook=None).texts == ("part-00000.json.", "part-00001.json.")

    def test_files_of_several_formats_are_named(self, tmp_path: Path) -> None:
        self.write(tmp_path, "a.json", "b.csv", "c.jsonl")
        with pytest.raises(DataError, match=r"several formats \(json, csv, jsonl\); name the files"):
            files([tmp_path])

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFileError, match="Is a directory"):
            load(tmp_path, Layout())


def test_no_file_is_read_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("g7classify.learn.data.records.MAX_BYTES", 10)
    (tmp_path / "a.jsonl").write_text(LINES)
    with pytest.raises(Unusable, match="33 bytes, more than 10; split the file"):
        load(tmp_path / "a.jsonl", Layout())
