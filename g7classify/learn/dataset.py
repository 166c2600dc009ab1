"""Labelled rows: read, checked against a codebook, held as arrays.

A row is one JSON object a line: `text` and `labels` are required; `id`, `lang` (ISO 639-1), `group` (what must stay
in one fold: a document, a set of translations), `sample` (how the row was picked; "natural" = at random) and `source`
(the collection it was picked from) are used where present; anything else is left alone.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import DataError, EncodingError, G7ClassifyError, UnreadableFileError
from g7classify.labels import short
from g7classify.registry import sha256
from g7classify.text import check_text

StrPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled sentence."""

    text: str
    labels: tuple[str, ...]
    id: str
    lang: str = ""
    group: str = ""
    sample: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """n labelled sentences.

    Attributes:
        codebook: the k labels.
        texts: n sentences.
        labels: (n, k), closed: a sub-type's category is set too.
        ids: n names of the rows, for messages.
        languages: (n,) of str, "" where unknown.
        groups: (n,) of str, what must stay in one fold; a row without a group is its own.
        samples: (n,) of str, "" where unknown.
        sources: (n,) of str, "" where unknown.
    """

    codebook: Codebook
    texts: tuple[str, ...]
    labels: NDArray[np.bool_]
    ids: tuple[str, ...]
    languages: NDArray[np.str_]
    groups: NDArray[np.str_]
    samples: NDArray[np.str_]
    sources: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def from_rows(cls, rows: Iterable[Row], *, codebook: Codebook = CODEBOOK) -> Dataset:
        """A dataset of rows that are known to be sound.

        Raises:
            UnknownLabelError: a label outside the codebook.
        """
        rows = list(rows)
        return cls(
            codebook=codebook,
            texts=tuple(row.text for row in rows),
            labels=codebook.indicator([row.labels for row in rows]),
            ids=tuple(row.id for row in rows),
            languages=np.array([row.lang for row in rows], dtype=np.str_),
            groups=np.array([row.group or f"row {i}" for i, row in enumerate(rows)], dtype=np.str_),
            samples=np.array([row.sample for row in rows], dtype=np.str_),
            sources=np.array([row.source for row in rows], dtype=np.str_),
        )

    @classmethod
    def read(cls, paths: StrPath | Iterable[StrPath], *, codebook: Codebook = CODEBOOK) -> Dataset:
        """Read JSONL files (a folder stands for all its *.jsonl), in the order given.

        Raises:
            DataError: the first problem, with file and line, or no row at all; `problems` lists every one.
            EncodingError: a file is not UTF-8.
            UnreadableFileError: a file is missing or may not be read.
        """
        rows: list[Row] = []
        for found in read_rows(paths, codebook=codebook):
            if isinstance(found, str):
                raise DataError(found)
            rows.append(found)
        if not rows:
            raise DataError(f"no labelled row in {_named(paths)}")
        return cls.from_rows(rows, codebook=codebook)

    def select(self, wanted: NDArray[np.bool_] | NDArray[np.int64]) -> Dataset:
        """The rows of a mask (n,) or of indices (m,)."""
        index = np.arange(len(self))[wanted]
        return Dataset(
            codebook=self.codebook,
            texts=tuple(self.texts[i] for i in index),
            labels=self.labels[index],
            ids=tuple(self.ids[i] for i in index),
            languages=self.languages[index],
            groups=self.groups[index],
            samples=self.samples[index],
            sources=self.sources[index],
        )


def problems(paths: StrPath | Iterable[StrPath], *, codebook: Codebook = CODEBOOK) -> list[str]:
    """Every problem of the files, one line each: `file:line: what, expected what`.

    Raises:
        EncodingError: a file is not UTF-8.
        UnreadableFileError: a file is missing or may not be read.
    """
    found: list[str] = []
    labels_of: dict[str, tuple[frozenset[str], str]] = {}
    total = 0
    for row in read_rows(paths, codebook=codebook):
        total += 1
        if isinstance(row, str):
            found.append(row)
            continue
        labels = frozenset(row.labels)
        before, where = labels_of.setdefault(row.text, (labels, row.id))
        if before != labels:
            found.append(f"{row.id}: the same text has other labels at {where}; settle which hold")
    if total == 0:
        found.append(f"no labelled row in {_named(paths)}")
    return found


def files(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    """The files meant by a path or paths: a folder stands for its *.jsonl, sorted."""
    found: list[Path] = []
    for path in _given(paths):
        found += sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    return found


def _given(paths: StrPath | Iterable[StrPath]) -> list[Path]:
    return [Path(path) for path in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]


def _named(paths: StrPath | Iterable[StrPath]) -> str:
    return ", ".join(map(str, _given(paths))) or "no file"


def digests(paths: Iterable[StrPath]) -> dict[str, str]:
    """sha256 of each file by its name, or by its folder and name where two files share a name.

    Raises:
        UnreadableFileError: a file is missing or may not be read.
    """
    found = [Path(path) for path in paths]
    names = Counter(path.name for path in found)
    return {path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}": sha256(path) for path in found}


def read_rows(paths: StrPath | Iterable[StrPath], *, codebook: Codebook) -> Iterator[Row | str]:
    """Each row, or the problem that it has as `file:line: ...`; blank lines are passed over."""
    for path in files(paths):
        try:
            content = path.read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a path with NUL
            reason = error.strerror if isinstance(error, OSError) else error
            raise UnreadableFileError(f"cannot read {path}: {reason}") from error
        try:
            lines = content.decode("utf-8-sig").split("\n")
        except UnicodeDecodeError as error:
            number = content.count(b"\n", 0, error.start) + 1
            raise EncodingError(
                f"{path}:{number}: byte 0x{content[error.start]:02x} is not UTF-8; convert the file to UTF-8"
            ) from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                where = f"{path}:{number}"
                try:
                    yield parse_row(line, where=where, codebook=codebook)
                except G7ClassifyError as error:
                    yield f"{where}: {error}"


def parse_row(line: str, *, where: str, codebook: Codebook) -> Row:
    """One line of JSON to a row.

    Raises:
        DataError: not a JSON object, or a field is missing or of the wrong type.
        TextError: the text holds a lone surrogate.
        UnknownLabelError: a label outside the codebook.
    """
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON ({error}); expected one object a line") from error
    if not isinstance(found, dict):
        raise DataError(f"expected a JSON object, got {type(found).__name__}")
    text, labels = found.get("text"), found.get("labels")
    if not isinstance(text, str) or not text.strip():
        raise DataError(f"`text` is {short(text)}; expected a sentence")
    check_text(text)
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise DataError(f"`labels` is {short(labels)}; expected a list of labels, [] for none")
    for label in labels:
        codebook.index(label)
    return Row(
        text,
        tuple(labels),
        id=_field(found, "id") or where,
        **{f: _field(found, f) for f in ("lang", "group", "sample", "source")},
    )


def _field(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise DataError(f"`{name}` is {short(value)}; expected a string")
    return str(value)
