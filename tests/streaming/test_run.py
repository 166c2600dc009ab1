"""A table that was tagged as a stream holds what its texts give one by one, interrupted or not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamed import Row, read, rows_of, write

from g7classify import atomic, report
from g7classify.errors import DataError, InputTypeError, MissingExtraError, OptionError, TextError, UnreadableFileError
from g7classify.model import Model
from g7classify.streaming import Told, checkpoint, tables, tag_table
from g7classify.streaming.encoding import COLUMNS
from g7classify.tagger import Tagger

INPUTS = (".parquet", ".csv", ".tsv", ".jsonl")
OUTPUTS = (".parquet", ".csv", ".jsonl")


def expected(tagger: Tagger, rows: list[Row], file: str, **options: Any) -> list[Row]:
    """What tagging text by text gives."""
    found = []
    for number, row in enumerate(rows, 1):
        text = row["text"]
        if text is None:
            continue
        sentences = (tagger.tag_sentence(text),) if options.get("whole") else tagger.tag(text).sentences
        for sentence in sentences:
            found.append(
                {
                    "file": file,
                    "row": number,
                    "start": sentence.start,
                    "end": sentence.end,
                    "text": sentence.text,
                    "labels": list(sentence.labels),
                    "probabilities": [tag.probability for tag in sentence.tags],
                    "in_doubt": list(sentence.in_doubt),
                }
                | {name: row[name] for name in options.get("keep", ())}
            )
    return found


def same(found: list[Row], wanted: list[Row]) -> None:
    """Equal, probabilities as 32-bit floats."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(np.float32(one["probabilities"]), np.float32(other["probabilities"]))
        assert one | {"probabilities": None} == other | {"probabilities": None}


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("source", INPUTS)
@pytest.mark.usefixtures("small_batches")
def test_a_stream_gives_what_texts_give(
    tagger: Tagger, table: Callable[..., Path], tmp_path: Path, source: str, output: str, jobs: int
) -> None:
    rows, path, made = rows_of(23), table(source), tmp_path / f"out{output}"
    seen: list[Told] = []
    told = tag_table(tagger, path, made, keep=["id", "date"], n_jobs=jobs, progress=seen.append)
    wanted = expected(tagger, rows, str(path), keep=["id", "date"])
    for row in wanted:
        if source in (".csv", ".tsv"):
            row["id"] = str(row["id"])
        if output == ".csv":
            row |= {"id": str(row["id"]), "date": row["date"] or "", "text": report.no_formula(row["text"])}
        elif output == ".parquet" and source == ".jsonl":
            row["id"] = str(row["id"])
    same(read(made), wanted)
    nulls = sum(not row["text"] if source in (".csv", ".tsv") else row["text"] is None for row in rows)
    assert told == Told(23, len(wanted), nulls, 1.0)
    assert len(seen) > 2
    assert [one.rows for one in seen] == sorted(one.rows for one in seen)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([path.name, made.name])


@pytest.mark.parametrize("output", OUTPUTS)
def test_texts_can_be_taken_whole(tagger: Tagger, table: Callable[..., Path], tmp_path: Path, output: str) -> None:
    path, made = table(".jsonl"), tmp_path / f"out{output}"
    tag_table(tagger, path, made, whole=True)
    wanted = expected(tagger, rows_of(23), str(path), whole=True)
    for row in wanted:
        row["text"] = report.no_formula(row["text"]) if output == ".csv" else row["text"]
    same(read(made), wanted)


def test_one_name_to_keep_is_no_list_of_letters(tagger: Tagger, table: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(InputTypeError, match=r"keep: expected several, got the str 'id'; pass \['id'\]"):
        tag_table(tagger, table(".jsonl"), tmp_path / "out.csv", keep="id")


def test_a_part_that_nothing_was_noted_of_is_not_overwritten_unasked(
    tagger: Tagger, table: Callable[..., Path], tmp_path: Path
) -> None:
    part = tmp_path / "out.csv.part"
    part.write_text("of a run that was killed at once, or goes on")
    path = table(".jsonl")
    with pytest.raises(OptionError, match=r"out\.csv\.part: an earlier run was interrupted, or is at it"):
        tag_table(tagger, path, tmp_path / "out.csv")
    assert part.read_text() == "of a run that was killed at once, or goes on"
    tag_table(tagger, path, tmp_path / "out.csv", resume=True)
    tag_table(tagger, path, tmp_path / "new.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "new.csv").read_bytes()


def test_the_language_counts(tagger: Tagger, table: Callable[..., Path], tmp_path: Path) -> None:
    path = table(".jsonl", [{"text": "Die police kam am 3. Mai. Er blieb."}])
    for output in OUTPUTS:
        tag_table(tagger, path, tmp_path / f"out{output}", language="de")
        assert [row["end"] for row in read(tmp_path / f"out{output}")] == [25, 35]
        with pytest.raises(OptionError, match="language 'xx'"):
            tag_table(tagger, path, tmp_path / f"out{output}", language="xx")


@pytest.mark.usefixtures("small_batches")
def test_a_folder_of_parquet_is_one_table(tagger: Tagger, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for name in ("b", "a", "deeper/c", "_temporary/d", ".hidden"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(folder / f"{name}.parquet", rows_of(9 if name == "b" else 4))
    write(folder / "0.parquet", [])
    tag_table(tagger, folder, tmp_path / "out.parquet", keep=["id"])
    wanted = [
        row
        for name, count in (("a.parquet", 4), ("b.parquet", 9), ("deeper/c.parquet", 4))
        for row in expected(tagger, rows_of(count), name, keep=["id"])
    ]
    same(read(tmp_path / "out.parquet"), wanted)


def test_parts_of_one_name_are_told_apart(tagger: Tagger, tmp_path: Path) -> None:
    for folder in ("2025.parquet", "2026.parquet"):  # Spark's outputs are folders of such names
        (tmp_path / "all" / folder).mkdir(parents=True)
        write(tmp_path / "all" / folder / "part-0.parquet", rows_of(1))
    tag_table(tagger, tmp_path / "all", tmp_path / "out.csv", whole=True)
    found = [row["file"] for row in read(tmp_path / "out.csv")]
    assert found == ["2025.parquet/part-0.parquet", "2026.parquet/part-0.parquet"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes there")
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_name_that_is_no_utf8_is_told_all_the_same(tagger: Tagger, tmp_path: Path, output: str) -> None:
    path = write(tmp_path / os.fsdecode(b"caf\xe9.jsonl"), rows_of(1))
    tag_table(tagger, path, tmp_path / f"out{output}", whole=True)
    assert [row["file"] for row in read(tmp_path / f"out{output}")] == [str(tmp_path / "caf\ufffd.jsonl")]


@pytest.mark.parametrize("output", OUTPUTS)
def test_what_cannot_be_written_ends_the_run_with_its_line(tagger: Tagger, tmp_path: Path, output: str) -> None:
    path = tmp_path / "table.jsonl"
    path.write_text('{"text": "a", "id": "\\u00e9"}\n{"text": "a", "id": {"deep": ["\\ud800"]}}\n')
    with pytest.raises(TextError, match=r"table\.jsonl:2: lone surrogate"):
        tag_table(tagger, path, tmp_path / f"out{output}", keep=["id"])


def test_text_outputs_hold_no_number_that_json_does_not_know(tagger: Tagger, tmp_path: Path) -> None:
    lines = ('{"text": "a", "id": NaN, "date": [1, Infinity]}', '{"text": "a", "id": true, "date": -1.5}')
    (tmp_path / "table.jsonl").write_text("\n".join(lines))
    kept = {}
    for output in OUTPUTS:
        tag_table(tagger, tmp_path / "table.jsonl", tmp_path / f"out{output}", keep=["id", "date"])
        kept[output] = [(row["id"], row["date"]) for row in read(tmp_path / f"out{output}")]
    assert "NaN" not in (tmp_path / "out.jsonl").read_text()
    assert kept[".jsonl"] == [(None, [1, None]), (True, -1.5)]
    assert kept[".parquet"] == [(None, "[1, null]"), ("true", "-1.5")]
    assert kept[".csv"] == [("", "[1, null]"), ("true", "-1.5")]


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("rows", [[], [{"id": 1, "text": None, "date": None}]])
def test_a_table_without_sentences_gives_one_without_rows(
    tagger: Tagger, table: Callable[..., Path], tmp_path: Path, rows: list[Row], output: str
) -> None:
    for source in INPUTS:
        made = tmp_path / f"out{output}"
        told = tag_table(tagger, table(source, rows), made, keep=["id"])
        assert told == Told(len(rows), 0, len(rows), 1.0)
        assert read(made) == []
        if output == ".parquet":
            assert pq.read_schema(made).names == [*COLUMNS, "id"]


def test_parquet_has_the_documented_schema(tagger: Tagger, table: Callable[..., Path], tmp_path: Path) -> None:
    tag_table(tagger.at("recall"), table(".parquet"), tmp_path / "out.parquet", keep=["date", "id"])
    schema = pq.read_schema(tmp_path / "out.parquet")
    texts = pa.list_(pa.field("element", pa.string()))
    assert schema.remove_metadata() == pa.schema(
        {
            "file": pa.string(),
            "row": pa.int64(),
            "start": pa.int32(),
            "end": pa.int32(),
            "text": pa.string(),
            "labels": texts,
            "probabilities": pa.list_(pa.field("element", pa.float32())),
            "in_doubt": texts,
            "date": pa.string(),
            "id": pa.int64(),
        }
    )
    found = {key.decode(): value.decode() for key, value in schema.metadata.items()}
    assert found["g7classify.schema"] == "1"
    assert (found["g7classify.model"], found["g7classify.model_version"]) == ("hand-made", "0.1.0")
    assert found["g7classify.operating_point"] == "recall"
    assert {"g7classify.version", "g7classify.model_sha256"} <= found.keys()


def test_columns_of_any_type_are_kept(tagger: Tagger, tmp_path: Path) -> None:
    rows = pa.table(
        {
            "text": pa.array(["police", None, "mot"]).dictionary_encode(),
            "day": pa.array([1, None, 3], pa.date32()),
            "of": pa.array([[1, 2], [], None]),
            "kind": pa.array(["a", "b", None]).dictionary_encode(),
            "on": [{"x": 1.5}, None, {"x": None}],
        }
    )
    pq.write_table(rows, tmp_path / "table.parquet")
    kept = rows.column_names[1:]
    tag_table(tagger, tmp_path / "table.parquet", tmp_path / "out.parquet", keep=kept)
    assert (
        pq.read_table(tmp_path / "out.parquet").select(kept).to_pylist() == rows.select(kept).take([0, 2]).to_pylist()
    )
    tag_table(tagger, tmp_path / "table.parquet", tmp_path / "out.csv", keep=kept)
    assert [row["day"] for row in read(tmp_path / "out.csv")] == ["1970-01-02", "1970-01-04"]
    assert [row["of"] for row in read(tmp_path / "out.csv")] == ["[1, 2]", ""]


class Stopped(Exception):
    """What interrupts a run."""


def interrupted_after(batches: int) -> Callable[[Told], None]:
    left = [batches]

    def progress(_: Told) -> None:
        if left[0] == 0:
            raise Stopped
        left[0] -= 1  # progress is also told at the start

    return progress


@given(
    source=st.sampled_from(INPUTS),
    output=st.sampled_from(OUTPUTS),
    stops=st.lists(st.integers(0, 3), max_size=4),
    lost=st.binary(max_size=40),
    jobs=st.integers(1, 2),
)
@settings(max_examples=60)
def test_an_interrupted_run_goes_on(
    tagger: Tagger,
    tmp_path_factory: pytest.TempPathFactory,
    source: str,
    output: str,
    stops: list[int],
    lost: bytes,
    jobs: int,
) -> None:
    """Also where it was killed after more had been written than was noted."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BATCH_ROWS", 5)
        path = write(folder / f"table{source}", rows_of(23))
        tag_table(tagger, path, folder / f"whole{output}", keep=["id"])
        made, part = folder / f"out{output}", folder / f"out{output}.part"
        left = 23
        for stop in stops:
            if 5 * stop >= left:
                break
            left -= 5 * stop
            with pytest.raises(Stopped):
                tag_table(tagger, path, made, keep=["id"], resume=True, n_jobs=jobs, progress=interrupted_after(stop))
            assert not made.exists()
            if part.exists():
                with part.open("ab") as file:
                    file.write(lost)
        told = tag_table(tagger, path, made, keep=["id"], resume=True, n_jobs=jobs)
        assert told.rows == 23
        assert read(made) == read(folder / f"whole{output}")
        assert not part.exists()
        assert not part.with_name(f"{part.name}.json").exists()


KILLED = """
import os, signal, sys
from g7classify.streaming import checkpoint, tables, tag_table
from g7classify.tagger import Tagger

tables.BATCH_ROWS, checkpoint.EVERY_SECONDS = 5, -1.0
model, source, output = sys.argv[1:]

def progress(told):
    if told.rows >= 15:
        os.kill(os.getpid(), signal.SIGKILL)

tag_table(Tagger.load(model), source, output, progress=progress)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no process can be killed so here")
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_killed_run_goes_on(
    model_path: Path, table: Callable[..., Path], tmp_path: Path, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = table(".parquet"), tmp_path / f"out{output}"
    done = subprocess.run([sys.executable, "-c", KILLED, model_path, path, made], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not made.exists()
    assert json.loads((tmp_path / f"out{output}.part.json").read_text())["done"]["rows"] == 15
    monkeypatch.setattr(tables, "BATCH_ROWS", 5)
    seen: list[Told] = []
    tagger = Tagger.load(model_path)
    tag_table(tagger, path, made, resume=True, progress=seen.append)
    assert seen[0].rows == 15
    tag_table(tagger, path, tmp_path / f"whole{output}")
    assert read(made) == read(tmp_path / f"whole{output}")


def stop(tagger: Tagger, path: Path, made: Path, **options: Any) -> None:
    with pytest.raises(Stopped):
        tag_table(tagger, path, made, progress=interrupted_after(1), **options)


@pytest.mark.usefixtures("small_batches")
def test_a_part_is_not_overwritten_nor_mixed(
    tagger: Tagger, make_model: Callable[..., Model], table: Callable[..., Path], tmp_path: Path
) -> None:
    path, made = table(".jsonl"), tmp_path / "out.parquet"
    stop(tagger, path, made, keep=["id"])
    with pytest.raises(
        OptionError, match=r"an earlier run was interrupted, or is at it; go on with --resume, or delete this file"
    ):
        tag_table(tagger, path, made, keep=["id"])
    other = Tagger(make_model(version="0.2.0"))
    for wrong, options, message in (
        (other, {"keep": ["id"]}, "model was 'hand-made@0.1.0' and is 'hand-made@0.2.0'"),
        (tagger.at("recall"), {"keep": ["id"]}, "operating_point was 'balanced' and is 'recall'"),
        (tagger, {}, r"keep was \['id'\] and is \[\]"),
        (tagger, {"keep": ["id"], "whole": True}, "whole was False and is True"),
        (tagger, {"keep": ["id"], "language": "fr"}, "language was None and is 'fr'"),
        (tagger, {"keep": ["id"], "encoding": "cp1252"}, "encoding was 'utf-8' and is 'cp1252'"),
        (tagger, {"keep": ["id"], "text_column": "date"}, "text_column was 'text' and is 'date'"),
    ):
        with pytest.raises(OptionError, match=message):
            tag_table(wrong, path, made, resume=True, **options)  # type: ignore[arg-type]
    os.utime(path, (1, 1))
    with pytest.raises(OptionError, match="files was"):
        tag_table(tagger, path, made, keep=["id"], resume=True)


@pytest.mark.usefixtures("small_batches")
def test_a_damaged_part_is_refused(tagger: Tagger, table: Callable[..., Path], tmp_path: Path) -> None:
    path, made = table(".jsonl"), tmp_path / "out.csv"
    stop(tagger, path, made)
    part, state = tmp_path / "out.csv.part", tmp_path / "out.csv.part.json"
    content = part.read_bytes()
    part.write_bytes(content[:-1])
    with pytest.raises(DataError, match="shorter than"):
        tag_table(tagger, path, made, resume=True)
    part.write_bytes(content)
    noted = state.read_bytes()
    assert b'"row": 5' in noted
    edited = [
        (b'"sizes"', b'"size"'),
        (b'"row": 5', b'"row": "5"'),
        (b'"row": 5', b'"row": 4'),
        (b'"file": 0', b'"file": 9'),
    ]
    for damage in (b"", b"[]", b"{}", b"[" * 100_000, *(noted.replace(*edit) for edit in edited)):
        atomic.write_bytes(state, damage)
        with pytest.raises(DataError, match="damaged"):
            tag_table(tagger, path, made, resume=True)
    state.unlink()
    tag_table(tagger, path, made, resume=True)  # a part of which nothing is known begins again
    assert not part.exists()


@pytest.mark.usefixtures("small_batches")
def test_a_broken_row_ends_the_run_after_the_rows_before_it(tagger: Tagger, tmp_path: Path) -> None:
    path = write(tmp_path / "table.jsonl", rows_of(23))
    with path.open("a") as file:
        file.write("{\n")
    with pytest.raises(DataError, match=r"table.jsonl:24: not JSON"):
        tag_table(tagger, path, tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    assert json.loads((tmp_path / "out.jsonl.part.json").read_text())["done"]["rows"] == 23


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.usefixtures("small_batches")
def test_broken_rows_are_passed_over_and_counted_across_an_interruption(
    tagger: Tagger, tmp_path: Path, output: str
) -> None:
    path, made = write(tmp_path / "table.csv", rows_of(23)), tmp_path / f"out{output}"
    lines = path.read_text().splitlines(keepends=True)
    broken = [*lines[:1], "x,y\n", *lines[1:], *["x,y\n"] * 7]
    path.write_text("".join(broken))
    with pytest.raises(Stopped):
        tag_table(tagger, path, made, skip_bad=True, progress=interrupted_after(2))
    told = tag_table(tagger, path, made, skip_bad=True, resume=True)
    assert (told.rows, told.nulls, told.bad) == (31, 6, 8)
    assert [wrong.split(": ")[1] for wrong in told.first_bad] == ["2 cells; expected 3, as the header has"] * 5
    write(path, rows_of(23))
    tag_table(tagger, path, tmp_path / f"whole{output}")
    assert [row | {"row": row["row"] - 1} for row in read(made)] == read(tmp_path / f"whole{output}")


@pytest.mark.usefixtures("small_batches")
def test_a_run_that_a_broken_row_ended_goes_on_without_it(tagger: Tagger, tmp_path: Path) -> None:
    path = write(tmp_path / "table.jsonl", rows_of(23))
    with path.open("a") as file:
        file.write('{\n{"text": "La police."}\n')
    with pytest.raises(DataError, match="not JSON"):
        tag_table(tagger, path, tmp_path / "out.jsonl")
    told = tag_table(tagger, path, tmp_path / "out.jsonl", resume=True, skip_bad=True)
    assert (told.rows, told.bad) == (25, 1)
    assert read(tmp_path / "out.jsonl")[-1]["row"] == 25


def test_a_run_that_did_nothing_leaves_nothing(tagger: Tagger, tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    path.write_text('{"text": "a"}\n{"text": 3}\n')
    with pytest.raises(DataError, match=r"table\.jsonl:2: the field 'text' is 3"):
        tag_table(tagger, path, tmp_path / "out.jsonl", n_jobs=2)
    assert {path.name for path in tmp_path.glob("out*")} == {"out.jsonl.part", "out.jsonl.part.json"}
    path.write_text("3\n")
    with pytest.raises(DataError, match=r"table\.jsonl:1: 3 is no JSON object"):
        tag_table(tagger, path, tmp_path / "other.jsonl")
    assert not list(tmp_path.glob("other*"))


def test_what_cannot_be_is_refused(tagger: Tagger, table: Callable[..., Path], tmp_path: Path) -> None:
    path = table(".jsonl")
    taken = write(tmp_path / "taken.jsonl", [{"text": "police", "row": 1}])
    for source, output, options, error, message in (
        (path, "out.xlsx", {}, OptionError, "expected a name that ends in .parquet, .csv, .jsonl"),
        (path, "out", {}, OptionError, "expected a name that ends in"),
        (path, "no/out.csv", {}, UnreadableFileError, "there is no folder"),
        (path, "table.jsonl", {}, OptionError, "an input, which would be lost"),
        (taken, "out.csv", {"keep": ["row"]}, OptionError, "the output has a column of this name"),
        (path, "out.csv", {"keep": ["id", "id"]}, OptionError, "'id' is named twice"),
        (path, "out.csv", {"keep": ["text"]}, OptionError, "'text' is named twice"),
        (path, "out.csv", {"n_jobs": 0}, OptionError, "n_jobs: expected 1 or more"),
        (5, "out.csv", {}, InputTypeError, "source: expected the path of a file, a str or os.PathLike, got int"),
        (tmp_path / "no.csv", "out.csv", {}, UnreadableFileError, "no such file"),
        (tmp_path, "out.csv", {}, DataError, "no file in this folder ends in .parquet"),
        (tmp_path / "table.txt", "out.csv", {}, OptionError, "expected a table"),
    ):
        (tmp_path / "table.txt").touch()
        with pytest.raises(error, match=message):
            tag_table(tagger, source, tmp_path / output, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("output", ["out.csv", "out.jsonl", "out.parquet"])
def test_bytes_are_kept_as_bytes_or_not_at_all(tagger: Tagger, tmp_path: Path, output: str) -> None:
    source = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["police"], "raw": [[b"\xff"]]}), source)
    if output == "out.parquet":
        tag_table(tagger, source, tmp_path / output, keep=["raw"])
        assert pq.read_table(tmp_path / output)["raw"].to_pylist() == [[b"\xff"]]
    else:
        with pytest.raises(OptionError, match=r"column 'raw' cannot be kept: it holds bytes, list<element: binary>"):
            tag_table(tagger, source, tmp_path / output, keep=["raw"])
        assert not (tmp_path / output).exists()


@pytest.mark.usefixtures("small_batches")
def test_text_tables_need_no_pyarrow(
    tagger: Tagger, table: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_table(tagger, table(".csv"), tmp_path / "with.jsonl", keep=["id"])
    parquet = table(".parquet")
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    tag_table(tagger, table(".csv"), tmp_path / "without.jsonl", keep=["id"])
    assert read(tmp_path / "without.jsonl") == read(tmp_path / "with.jsonl")
    for source, output in ((table(".csv"), "out.parquet"), (parquet, "out.csv")):
        with pytest.raises(MissingExtraError, match=r"Parquet needs pyarrow, .*pip install 'g7classify\[parquet\]'"):
            tag_table(tagger, source, tmp_path / output)


@pytest.mark.usefixtures("small_batches")
def test_what_is_done_is_noted_from_time_to_time(
    tagger: Tagger, table: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[int] = []
    monkeypatch.setattr(checkpoint.Part, "note", lambda part: noted.append(part.done.rows))
    monkeypatch.setattr(checkpoint, "EVERY_SECONDS", -1.0)
    tag_table(tagger, table(".jsonl"), tmp_path / "out.jsonl")
    assert noted == [5, 10, 15, 20, 23]
