"""Labelled rows as arrays, read from files or taken from memory and checked against a codebook.

In a file of our own a row is one JSON object a line: `text` and `labels`; `id`, `lang` (ISO 639-1), `group` (what must
stay in one fold: a document, a set of translations), `sample` (how the row was picked; "natural" = at random) and
`source` (the collection it was picked from) are used where present; anything else is left alone. JSON arrays, CSV, TSV,
Parquet, fastText and the exports of Label Studio, Argilla, Prodigy, doccano and spaCy are read too: see layout.Layout.

Whoever has no codebook passes None: the labels that occur make one (inferred.codebook_of).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import DataError
from g7classify.learn.data import memory, reading
from g7classify.learn.data.formats import StrPath, files, given
from g7classify.learn.data.inferred import codebook_of
from g7classify.learn.data.layout import Layout
from g7classify.learn.data.rows import Row, Unusable
from g7classify.registry import sha256

__all__ = ["Dataset", "Row", "digests", "files"]


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
    def from_rows(cls, rows: Iterable[Row], *, codebook: Codebook | None = CODEBOOK) -> Dataset:
        """A dataset of rows that are known to be sound; None makes a codebook of the labels that occur.

        Raises:
            UnknownLabelError: a label outside the codebook.
            CodebookError: no codebook can be made of the labels.
        """
        rows = list(rows)
        if codebook is None:
            codebook = codebook_of(label for row in rows for label in row.labels)
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
    def read(
        cls,
        paths: StrPath | Iterable[StrPath],
        *,
        codebook: Codebook | None = CODEBOOK,
        format: str | None = None,
        text: str | None = None,
        labels: str | Sequence[str] | None = None,
        separator: str | None = None,
        encoding: str = "utf-8",
    ) -> Dataset:
        """Read files, in the order given; what nobody has labelled yet is passed over.

        Args:
            paths: files; a folder stands for the files of the one format that it holds.
            codebook: the labels that there are; None takes those that occur.
            format: as in layout.Layout, as are the options after it: what is not given is told from the files.
            text: the column that holds the text.
            labels: the column that holds the labels, or the columns that are one label each.
            separator: what parts the labels in a cell.
            encoding: of text files.

        Raises:
            DataError: the first problem, with file and line, or no row at all; `problems.validate` lists every one.
            EncodingError: a file is not UTF-8.
            UnreadableFileError: a file is missing or may not be read.
            OptionError: a format or encoding that does not exist.
            CodebookError: no codebook can be made of the labels.
            MissingExtraError: a file is Parquet, and pyarrow is not installed.
        """
        layout = Layout(format=format, text=text, labels=labels, separator=separator, encoding=encoding)
        rows = list(reading.rows(paths, layout=layout, codebook=codebook))
        return cls._some(rows, codebook, named=", ".join(map(str, given(paths))) or "no file")

    @classmethod
    def of(
        cls,
        data: Any,
        *,
        codebook: Codebook | None = CODEBOOK,
        text: str | None = None,
        labels: str | Sequence[str] | None = None,
        separator: str | None = None,
    ) -> Dataset:
        """Take rows that are in memory, with the columns that `read` knows.

        Args:
            data: dicts, a dict of columns, a data frame of pandas, polars or narwhals, a Hugging Face dataset, a
                table of pyarrow, or whatever else offers an Arrow stream.
            codebook: as in `read`, as are the options after it.
            text: the column that holds the text.
            labels: the column that holds the labels, or the columns that are one label each.
            separator: what parts the labels in a cell.

        Raises:
            DataError: the first problem, named as `rows:3`, or no row at all.
            InputTypeError: nothing that rows could be taken from.
            CodebookError: no codebook can be made of the labels.
            MissingExtraError: an Arrow stream, and pyarrow is not installed.
        """
        layout = Layout(text=text, labels=labels, separator=separator)
        source = memory.source_of(data)
        try:
            rows = list(reading.sound_rows(reading.outcomes(source, layout=layout, codebook=codebook)))
        except Unusable as unusable:
            raise DataError(f"{source.path}: {unusable}") from unusable
        return cls._some(rows, codebook, named=source.path)

    @classmethod
    def _some(cls, rows: list[Row], codebook: Codebook | None, *, named: str) -> Dataset:
        if not rows:
            raise DataError(f"no labelled row in {named}")
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


def digests(paths: Iterable[StrPath]) -> dict[str, str]:
    """sha256 of each file by its name, or by its folder and name where two files share a name.

    Raises:
        UnreadableFileError: a file is missing or may not be read.
    """
    found = [Path(path) for path in paths]
    names = Counter(path.name for path in found)
    return {path.name if names[path.name] == 1 else f"{path.parent.name}/{path.name}": sha256(path) for path in found}
