"""Labelled files that are damaged or meant to do harm: each ends in an error of ours, in bounded time and memory."""

from __future__ import annotations

import csv
import json
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7classify.errors import DataError, G7ClassifyError
from g7classify.learn.data.problems import validate
from g7classify.learn.dataset import Dataset

EXPORTS = Path(__file__).parents[1] / "data" / "exports"
HUGE = 100_000_000
DEEP = 100_000


def refused(path: Path, message: str | None = None) -> None:
    """Reading raises our error; validation reports it, accounts for every record, and can write what it rejected."""
    with pytest.raises(G7ClassifyError, match=message) as caught:
        Dataset.read(path, codebook=None)
    assert len(str(caught.value)) < 1000 + len(str(path))
    report = validate(path, codebook=None)
    assert report.errors
    assert report.read == len(report.rows) + len(report.rejected) + report.joined
    if not report.unread:
        report.write_rejected(path.with_name("rejected.jsonl"))
        report.write_rejected(path.with_name("rejected.csv"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"text": "Un.", "labels": ["law"]}\n' + "[" * DEEP),
        ("a.jsonl", '{"text": "Un.", "labels": ["law"]}\n{"text": "Deux.", "labels": ' + "[" * DEEP + "]" * DEEP + "}"),
        ("a.jsonl", '{"text": "Un.", "labels": ["law"], "x": ' + '{"a":' * 900 + "1" + "}" * 900 + "}\nx"),
        ("a.json", "[" * DEEP + "]" * DEEP),
        ("a.json", '[{"text": ' + '{"a":' * DEEP + "1" + "}" * DEEP + "}]"),
        ("a.json", '[{"data": {"text": "Un."}, "annotations": ' + "[" * 900 + "]" * 900 + "}]"),
        ("a.csv", "text,labels\nUn.,law\nDeux.,\"" + "[" * 9_000 + "]" * 9_000 + '"\nTrois.,law,x\n'),
        ("a.csv", "text,labels\nUn.,law\nDeux.,\"" + "[" * 60_000 + "]" * 60_000 + '"\nTrois.,law,x\n'),
        ("a.jsonl", '{"text": "Un.", "labels": ["law"], "n": ' + "9" * 10_000 + "}"),
        ("a.jsonl", '{"text": "Un.", "labels": ["law"]}\n{"x": {"law": 1e999}, "text": "Deux.", "labels": {"a": NaN}}'),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_deep_nesting_and_strange_numbers(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    refused(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "start", "end", "message"),
    [
        ("a.csv", b"text,labels\nUn.,law\n", b",law\n", "a.csv:3: no row of CSV .*field larger than field limit"),
        ("b.csv", b'text,labels\nUn.,law\n"', b'",law\n', "b.csv:3: no row of CSV"),
        ("a.jsonl", b'{"text": "', b'", "labels": ["law"]}\n', "a.jsonl:1: `text` has 100000000 characters, more than"),
        ("a.json", b'[{"text": "', b'", "labels": ["law"]}]', "a.json:1: `text` has 100000000 characters"),
        ("b.json", b'[{"text": "Un.", "labels": ["', b'"]}]', "b.json:1: label 'x+\\.\\.\\.x+' cannot be one"),
        ("a.txt", b"__label__law Un.\n__label__law ", b"\n", "a.txt:2: `text` has 100000000 characters"),
        ("b.txt", b"__label__law Un.\n__label__", b" Deux.\n", "b.txt:2: label 'x+\\.\\.\\.x+' cannot be one"),
    ],
)
def test_a_cell_of_100_megabytes(tmp_path: Path, name: str, start: bytes, end: bytes, message: str) -> None:
    limit = csv.field_size_limit()
    (tmp_path / name).write_bytes(start + b"x" * HUGE + end)
    with pytest.raises(DataError, match=message) as caught:
        Dataset.read(tmp_path / name, codebook=None)
    assert len(str(caught.value)) < 1000
    assert csv.field_size_limit() == limit


class TestParquet:
    @pytest.fixture
    def write(self, tmp_path: Path) -> Callable[..., Path]:
        pa = pytest.importorskip("pyarrow")
        pq = pytest.importorskip("pyarrow.parquet")

        def write(columns: dict[str, object], **options: object) -> Path:
            pq.write_table(pa.table(columns), tmp_path / "a.parquet", **options)
            return tmp_path / "a.parquet"

        return write

    @pytest.mark.parametrize(
        "content", [b"", b"PAR1", b"PAR1PAR1", b"text,labels\n", b"PAR1" + b"\xff" * 100 + b"PAR1"]
    )
    def test_no_parquet(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.parquet").write_bytes(content)
        refused(tmp_path / "a.parquet", "Parquet")

    def test_any_byte_damaged(self, write: Callable[..., Path], tmp_path: Path) -> None:
        """None ends in anything but rows or an error of ours."""
        sound = write({"text": ["Un.", "Deux."], "labels": [["law"], ["tax"]]}).read_bytes()
        path = tmp_path / "b.parquet"
        for at in range(4, len(sound) - 4, 3):
            path.write_bytes(sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :])
            with suppress(G7ClassifyError):
                Dataset.read(path, codebook=None)
        for length in range(8, len(sound), 37):
            path.write_bytes(sound[:length])
            refused(path)

    @pytest.mark.parametrize("column", ["text", "labels"])
    def test_a_small_file_that_holds_gigabytes(self, write: Callable[..., Path], column: str) -> None:
        pa = pytest.importorskip("pyarrow")
        rows = 20_000
        same = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 10_000_000]))
        lists = pa.ListArray.from_arrays(pa.array(range(rows + 1), pa.int32()), same)
        columns = {"text": same, "labels": [["law"]] * rows}
        if column == "labels":
            columns = {"text": ["Un."] * rows, "labels": lists}
        path = write(columns, compression="zstd", store_schema=False)
        del same, lists
        assert path.stat().st_size < 100_000
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(DataError, match="characters in all; split the file"):
            Dataset.read(path, codebook=None)
        if sys.platform == "linux":  # KiB there
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2_000_000

    def test_sizes_that_are_only_claimed(self, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
        path = write({"text": ["Un."], "labels": [["law"]]})
        monkeypatch.setattr("g7classify.learn.data.tables.MAX_BYTES", 100)
        refused(path, "row group 0 claims [0-9]+ bytes, more than 100")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"text,labels\nUn.\0,law\n", "a.csv:2: byte 0x00 is NUL; convert the file to UTF-8"),
        ("a.jsonl", b'{"text": "a\\u0000b", "labels": ["law"]}', "NUL at offset 1"),
        ("a.jsonl", b"\0" * 100, "a.jsonl:1: byte 0x00 is NUL"),
        ("a.csv", b"text,labels" + b",x" * 200_000 + b"\n", "column 'x' stands twice"),
        ("a.csv", b"\xef\xbb\xbf\r\n\r\n", "no header"),
        (
            "a.csv",
            b"text" + b"," * 50_000 + b"\nUn." + b"," * 50_000 + b"\n",
            "which column holds the labels; .* and 4[0-9]+ more",
        ),
        ("a.json", b'{"text": "Un.", ' + b'"a": 1, ' * 100_000 + b'"b": 2}', "key 'a' stands twice"),
    ],
)
def test_bytes_and_headers(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, message)


@pytest.mark.parametrize(
    "rows",
    [
        [{"text": "Un.", "labels": [], f"k{i}": i} for i in range(20_000)],
        [{"text": "Un.", "label": f"law {i}", f"k{i}": 1} for i in range(9_000)],
        [{"text": "Un.", "label": "law", "answer": "accept"}] * 20_000,
        [{"text": "Un.", "labels": ["law"]}] * 20_000 + [{"text": "Un.", "labels": []}],
        [{"text": "Un.", "labels": ["lawn"]}] * 20_000,
    ],
    ids=["fields", "labels", "votes", "duplicates", "unknown"],
)
def test_many_of_a_kind_take_time_that_grows_with_their_number_alone(
    tmp_path: Path, rows: list[dict[str, object]]
) -> None:
    """Anything quadratic would take minutes."""
    (tmp_path / "a.json").write_text(json.dumps(rows))
    report = validate(tmp_path / "a.json", codebook=None)
    assert report.read == len(rows) == len(report.rows) + len(report.rejected) + report.joined
    assert validate(tmp_path / "a.json").read == len(rows)


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(path.name for path in EXPORTS.iterdir())),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4), st.integers(0, 40)), min_size=1, max_size=4),
)
def test_damaged_exports(
    tmp_path_factory: pytest.TempPathFactory, name: str, damage: list[tuple[float, bytes, int]]
) -> None:
    """Cut and spliced anywhere: rows or an error of ours, and every record accounted for."""
    content = (EXPORTS / name).read_bytes()
    for place, put, taken in damage:
        at = int(place * len(content))
        content = content[:at] + put + content[at + taken :]
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(content)
    report = validate(path, codebook=None)
    assert report.read == len(report.rows) + len(report.rejected) + report.joined
    try:
        Dataset.read(path, codebook=None)
    except G7ClassifyError:
        assert report.errors
