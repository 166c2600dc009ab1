"""What an audit found as a sheet to correct: rows out as CSV, corrected in a spreadsheet, and back in.

Whoever corrects changes the cell `labels` (by copying `suggested` into it, say), or writes `no` into `keep` to leave a
row out. `reason` says why a row is there. Nothing else is read back.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from g7classify import atomic
from g7classify.codebook import Codebook
from g7classify.errors import DataError, EncodingError, G7ClassifyError
from g7classify.labels import short
from g7classify.learn.advice.auditing import Audit
from g7classify.learn.advice.mislabelled import named
from g7classify.learn.advice.repeats import NO_GROUP
from g7classify.learn.data.formats import load
from g7classify.learn.data.layout import Layout
from g7classify.learn.data.reading import problem_of
from g7classify.learn.data.rows import Unusable
from g7classify.learn.dataset import Dataset
from g7classify.report import no_formula, with_formula

COLUMNS: Final = ("row", "id", "text", "labels", "suggested", "keep", "reason", "lang", "group", "sample", "source")
SEPARATOR: Final = ";"
KEEP: Final = {"": True, "yes": True, "no": False}


def write(audit: Audit, dataset: Dataset, path: str | os.PathLike[str]) -> int:
    """Write the rows that something was found of, the likeliest label errors first; returns how many.

    The file is written whole or not at all, and starts with a byte order mark, without which a spreadsheet takes UTF-8
    for something else. Cells that a spreadsheet would run as formulas are guarded as in report.py.

    Args:
        audit: of the dataset.
        dataset: what was audited.
        path: of the CSV file.

    Raises:
        UnreadableFileError: the file cannot be written.
    """
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    suggested: dict[int, tuple[str, ...]] = {}
    for suspect in audit.suspects:
        suggested[suspect.row] = suspect.suggested
        reasons[suspect.row] += [
            f"{change.label} {'given' if change.given else 'absent'}, probability {change.probability:.3f}"
            for change in suspect.changes
        ]
    for repeat in audit.repeats:
        first, *later = repeat.rows
        what = "same text as" if repeat.exact else "near-duplicate of"
        for row in repeat.rows if repeat.disputed else later:
            others = [name for other, name in zip(repeat.rows, repeat.ids, strict=True) if other != row]
            at = f", labelled otherwise: {', '.join(repeat.disputed)}" if repeat.disputed else ""
            reasons[row].append(f"{what} {others[0] if repeat.disputed else dataset.ids[first]}{at}")
            if repeat.disputed:
                suggested[row] = repeat.suggested
    for leak in audit.leaks:
        reasons[leak.row].append(
            f"{'the same text' if leak.exact else 'a near-duplicate'} in other data: {leak.other_id}"
        )
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(COLUMNS)
    for row, why in reasons.items():
        given = named(dataset.labels[row], dataset.codebook)
        group = str(dataset.groups[row])
        cells = [
            dataset.ids[row],
            dataset.texts[row],
            SEPARATOR.join(given),
            SEPARATOR.join(suggested.get(row, given)),
            "yes",
            " | ".join(why),
            str(dataset.languages[row]),
            "" if NO_GROUP.fullmatch(group) else group,
            str(dataset.samples[row]),
            str(dataset.sources[row]),
        ]
        writer.writerow([row, *map(no_formula, cells)])
    atomic.write_bytes(path, stream.getvalue().encode("utf-8-sig"))
    return len(reasons)


def corrected(dataset: Dataset, path: str | os.PathLike[str]) -> Dataset:
    """The dataset with what was changed in a sheet that `write` wrote of it: other labels, rows left out.

    A row that the sheet does not hold stays as it is. Semicolons and tabs part columns too, as some spreadsheets save.

    Raises:
        UnreadableFileError: the file is missing or may not be read.
        EncodingError: it is not UTF-8.
        DataError: it is no such sheet, an empty one, or of other rows, or a cell cannot be used; names file and line.
    """
    labels, kept = dataset.labels.copy(), np.ones(len(dataset), dtype=bool)
    for where, cells in _rows(path):
        try:
            row = _row_of(cells, dataset)
            kept[row] = _keep(cells.get("keep") or "")
            labels[row] = dataset.codebook.indicator([_names(cells["labels"], dataset.codebook)])[0]
        except G7ClassifyError as error:
            raise DataError(f"{where}: {error}") from error
    return replace(dataset, labels=labels).select(kept)


def write_rows(dataset: Dataset, path: str | os.PathLike[str]) -> None:
    """Write a dataset as JSONL that Dataset.read reads; raises UnreadableFileError if the file cannot be written."""
    lines = []
    for row, text in enumerate(dataset.texts):
        group = str(dataset.groups[row])
        about = {
            "lang": str(dataset.languages[row]),
            "group": "" if NO_GROUP.fullmatch(group) else group,
            "sample": str(dataset.samples[row]),
            "source": str(dataset.sources[row]),
        }
        labels = named(dataset.labels[row], dataset.codebook)
        said = {"id": dataset.ids[row], **{key: value for key, value in about.items() if value}}
        lines.append(json.dumps({**said, "labels": labels, "text": text}, ensure_ascii=False) + "\n")
    atomic.write_bytes(path, "".join(lines).encode())


def _rows(path: str | os.PathLike[str]) -> Iterator[tuple[str, dict[str, str]]]:
    name = os.fspath(path)
    try:
        source = load(Path(path), Layout(format="csv", text="id"))  # the column that tells what parts the others
    except Unusable as unusable:
        if unusable.kind == "encoding":
            raise EncodingError(f"{name}:{unusable.line}: no UTF-8; save the sheet as CSV in UTF-8") from unusable
        raise DataError(str(problem_of(unusable, path=name, line=unusable.line))) from unusable
    if not source.records:
        raise DataError(f"{name}: no row to correct; expected a sheet that an audit wrote")
    for record in source.records:
        where = f"{name}:{record.line}"
        if record.wrong:
            raise DataError(f"{where}: {record.wrong}")
        if missing := {"row", "id", "labels"} - record.value.keys():
            raise DataError(f"{name}: no column {min(missing)!r}; expected a sheet that an audit wrote")
        yield where, record.value


def _row_of(cells: dict[str, str], dataset: Dataset) -> int:
    given = cells["row"].strip()
    row = int(given) if given.isascii() and given.isdigit() and len(given) < 12 else -1
    if not 0 <= row < len(dataset) or cells["id"] != dataset.ids[row]:
        raise DataError(
            f"row {short(given)} with the id {short(cells['id'])} is not in the dataset; expected the rows that were "
            "audited, in their order"
        )
    return row


def _keep(cell: str) -> bool:
    given = cell.strip().lower()
    if given not in KEEP:
        raise DataError(f"`keep` is {short(cell)}; expected yes or no")
    return KEEP[given]


def _names(cell: str, codebook: Codebook) -> list[str]:
    names = [with_formula(name.strip()) for name in cell.split(SEPARATOR)]
    for name in filter(None, names):
        codebook.index(name)
    return [name for name in names if name]
