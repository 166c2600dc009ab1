"""Tables of CSV, TSV and JSONL, read row by row: read, refused at a row, or with the bad rows passed over and told."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from choices import Choices, is_text, share
from memory import file, folder
from refusing import told
from seeding import TEXTS
from small import TAGGER

from g7classify import inputs
from g7classify.errors import G7ClassifyError
from g7classify.streaming import tag_table
from g7classify.streaming.sources import open_table

SMOKE, LONGEST = 3000, 400
SUFFIXES = (".csv", ".tsv", ".jsonl")
HEAD = b"text,n\n"
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-16", "utf-32-be", "cp1252", "shift_jis", "cp037")
WORDS = (b'"text"', b'"text": ', b"text,n\n", b'""', b'"\n', b'{"text": "a"}\n', b"null", b"\\ud800", b"\r\n", b"\r",
         b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"1e999", b"NaN", b";", b"text\tn\n", b"9" * 50, b"[" * 50)  # fmt: skip


def seeds() -> list[bytes]:
    short = [text.replace('"', "'")[:40] for text in TEXTS]
    tables = ["text,n\n" + "".join(f'"{text}",{i}\n' for i, text in enumerate(short[j : j + 4])) for j in (0, 4, 8)]
    found = [b"\0\0" + table.encode() for table in tables]
    found += [b"\1\0" + table.replace('",', '"\t').replace("text,", "text\t").encode() for table in tables]
    lines = "".join(f'{{"text": "{text[:30]}", "n": {i}}}\n' for i, text in enumerate(short[:5])) + '{"text": null}\n'
    found += [bytes([2, i]) + lines.encode(name, "replace") for i, name in enumerate(ENCODINGS)]
    found += [bytes([0, i]) + tables[0].encode(name, "replace") for i, name in enumerate(ENCODINGS)]
    return [data[:LONGEST] for data in found]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    suffix, encoding, content = choices.one_of(SUFFIXES), choices.one_of(ENCODINGS), choices.rest()
    path = file(f"table{suffix}", content)
    limit = csv.field_size_limit()
    strict = rows_of(path, encoding, skip_bad=False)
    lenient = rows_of(path, encoding, skip_bad=True)
    if strict is not None:
        assert lenient is not None
        assert lenient == strict, "rows that were sound are not the same"
    number = share(content)
    if lenient is not None and len(lenient) > 1 and number % 2:
        half = len(lenient) // 2
        assert rows_of(path, encoding, skip_bad=True, after=half) == lenient[half:]
    if number % 4 == 0:
        texts = given(path, encoding)
        assert strict is None or texts == [text for text, _ in strict if text is not None]
    assert csv.field_size_limit() == limit
    if suffix == ".csv" and encoding == "utf-8" and content.startswith(HEAD) and number % 2 == 0:
        last_row(content)
    if number < 4:  # takes ten times the rest
        tagged(path, encoding, strict)


def rows_of(path: Path, encoding: str, *, skip_bad: bool, after: int = 0) -> list[Any] | None:
    """Texts and kept values from a row on; None if the table or a row of it is refused."""
    try:
        table = open_table(path, text_column="text", keep=["n"], encoding=encoding, skip_bad=skip_bad)
        found: list[Any] = []
        for batch in table.batches(0, after):
            assert batch.first == after + 1 + len(found)
            assert 0 <= batch.read <= 1
            assert len(batch.bad) <= batch.texts.count(None)
            found += zip(batch.texts, map(repr, batch.kept["n"]), strict=True)
    except G7ClassifyError as error:
        told(error)
        return None
    assert all(text is None or isinstance(text, str) for text, _ in found)
    return found


def last_row(content: bytes) -> None:
    """A sound row at the end is read, whatever quotes before it are never closed."""
    found = rows_of(file("longer.csv", content + b"\nzz,1\n"), "utf-8", skip_bad=True)
    assert found is not None
    assert found[-1] == ("zz", repr("1"))


def given(path: Path, encoding: str) -> list[str] | None:
    """What the command line takes from the same file."""
    try:
        found = [text.text for text in inputs.texts([path], encoding=encoding)]
    except G7ClassifyError as error:
        told(error)
        return None
    assert all(map(is_text, found))
    return found


def tagged(path: Path, encoding: str, strict: list[Any] | None) -> None:
    """The whole way, into each kind of output; nothing is left behind, whether it succeeds or not."""
    for suffix in (".jsonl", ".csv", ".parquet"):
        output = folder() / f"out{suffix}"
        output.unlink(missing_ok=True)
        try:
            told = tag_table(TAGGER, path, output, keep=["n"], encoding=encoding)
        except G7ClassifyError:
            for left in folder().glob("out*.part*"):
                left.unlink()
            continue
        assert strict is not None
        assert told.rows == len(strict)
        assert output.exists()
