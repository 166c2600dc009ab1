"""Files to records: which files a path means, of which format each is, and what stands in it.

The suffix tells the format, or else the first characters. Parquet is read row by row and needs the extra parquet.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from g7classify.errors import DataError
from g7classify.labels import short
from g7classify.learn.data import tables
from g7classify.learn.data.layout import CONTAINERS, Layout
from g7classify.learn.data.records import Record, Source, content_of, decoded
from g7classify.learn.data.rows import Unusable
from g7classify.paths import checked

StrPath = str | os.PathLike[str]

SUFFIXES: Final = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
FASTTEXT_PREFIX: Final = "__label__"
_FASTTEXT_LABEL = re.compile(rf"(?<!\S){FASTTEXT_PREFIX}(\S*)(?:\s+|$)")


def files(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    """The files meant by a path or paths.

    A folder stands for its files of the one format that it holds, sorted, such as the parts that Spark writes. Names
    that begin with "_" or "." are passed over, and so are those whose suffix is none of a format.

    Raises:
        DataError: a folder with files of several formats.
    """
    found: list[Path] = []
    for path in given(paths):
        found += _inside(path) if path.is_dir() else [path]
    return found


def _inside(folder: Path) -> list[Path]:
    by_format: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in SUFFIXES and path.name[0] not in "_." and path.is_file():
            by_format.setdefault(SUFFIXES[path.suffix], []).append(path)
    if len(by_format) > 1:
        raise DataError(f"{folder} holds files of several formats ({', '.join(by_format)}); name the files")
    return next(iter(by_format.values()), [])


def given(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    """The path or paths as a list."""
    several = paths if isinstance(paths, Iterable) and not isinstance(paths, str | bytes | os.PathLike) else [paths]
    return [checked(path, name="path") for path in several]


def load(path: Path, layout: Layout) -> Source:
    """The records of a file.

    Raises:
        Unusable: the file as a whole is not of its format or encoding.
        UnreadableFileError: it is missing or may not be read.
        MissingExtraError: it is Parquet, and pyarrow is not installed.
    """
    container = layout.format if layout.format in CONTAINERS else SUFFIXES.get(path.suffix.lower())
    content = content_of(path)
    if container == "parquet" or (container is None and content.startswith(b"PAR1")):
        if not (content.startswith(b"PAR1") and content.endswith(b"PAR1")):
            raise Unusable("file", "no Parquet, which begins and ends with PAR1; correct its name or write it anew")
        del content
        return Source(str(path), list(tables.parquet_records(path)), tabular=True)
    text = decoded(content, layout.encoding)
    del content
    if container in (None, "json"):
        container = _told(text, container)
    if container in ("csv", "tsv"):
        delimiter = "\t" if container == "tsv" else None
        records = tables.csv_records(text, delimiter=delimiter, text_column=layout.text)
        return Source(str(path), records, tabular=True)
    read = {"jsonl": _lines, "json": _array, "fasttext": _fasttext}[str(container)]
    return Source(str(path), read(text), tabular=False)


def _told(text: str, container: str | None) -> str:
    """The format of a text whose suffix says nothing, or only that it is JSON of some kind."""
    start = text[:1000].lstrip()
    if start.startswith("{"):
        return "jsonl"
    if container or start.startswith("["):
        return "json"
    first, _, _ = start.partition("\n")
    if FASTTEXT_PREFIX in first:
        return "fasttext"
    if any(delimiter in first for delimiter in tables.DELIMITERS):
        return "csv"
    raise Unusable("file", f"cannot tell its format; give format= (--format), one of {', '.join(CONTAINERS)}", line=1)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object in which no key stands twice: json would keep the last and say nothing."""
    found = dict(pairs)
    if len(found) < len(pairs):
        (key, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"key {short(key)} stands twice")
    return found


def _lines(text: str) -> list[Record]:
    records = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            records.append(Record(number, line, f"not JSON ({error}); expected one object a line"))
        else:
            records.append(_checked(number, value))
    return records


def _array(text: str) -> list[Record]:
    try:
        found = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        raise Unusable("file", f"not JSON ({error}); expected an array of objects", line=line) from error
    if not isinstance(found, list):
        raise Unusable("file", f"expected an array of objects, got {short(found)}")
    return [_checked(number, value) for number, value in enumerate(found, 1)]


def _checked(number: int, value: Any) -> Record:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], dict):
        value = {"text": value[0], **value[1]}  # spaCy's pair of a text and {"cats": ...}
    wrong = "" if isinstance(value, dict) else f"expected a JSON object, got {type(value).__name__}"
    return Record(number, value, wrong)


def _fasttext(text: str) -> list[Record]:
    records = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        labels = [str(label) for label in _FASTTEXT_LABEL.findall(line)]
        wrong = "" if all(labels) else f"a label without a name; expected {FASTTEXT_PREFIX}NAME"
        row = {"text": _FASTTEXT_LABEL.sub("", line).rstrip("\r"), "labels": labels}
        records.append(Record(number, line if wrong else row, wrong))
    return records
