"""Every problem of labelled files, and the rows that are left when those that cannot be used are taken out.

Each record that is read ends as a clean row or as a rejected one with its reasons, or it joined the row of an earlier
line (Prodigy asks for one label a line); Report counts all three.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from g7classify import atomic
from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import CodebookError, DataError
from g7classify.labels import short
from g7classify.learn.data.checks import Found, among
from g7classify.learn.data.formats import StrPath, files, given, load
from g7classify.learn.data.inferred import Slip, codebook_of, slips
from g7classify.learn.data.layout import Layout
from g7classify.learn.data.reading import Outcome, outcomes, problem_of
from g7classify.learn.data.rows import Problem, Row, Unusable
from g7classify.report import no_formula

_REJECTING: Final = frozenset(("conflict", "duplicate"))
_COLUMNS: Final = ("file", "line", "id", "kinds", "reasons", "row")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that did not become a clean row.

    Attributes:
        path: of the file.
        line: as in Problem.
        reasons: what is wrong, at least one.
        value: what stood there: the object, the cells, or the line.
    """

    path: str
    line: int
    reasons: tuple[Problem, ...]
    value: Any

    def to_dict(self) -> dict[str, Any]:
        """What a line of the file of rejected rows holds."""
        kinds = list(dict.fromkeys(problem.kind for problem in self.reasons))
        reasons = [problem.message for problem in self.reasons]
        return {
            "file": self.path, "line": self.line, "id": self.reasons[0].id, "kinds": kinds, "reasons": reasons,
            "row": self.value,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What validation found: read == len(rows) + len(rejected) + joined.

    Attributes:
        codebook: the one given, or the one of the labels that occur.
        read: how many records were read.
        joined: how many of them are part of an earlier row.
        rows: the clean rows.
        rejected: the others.
        problems: all, by file and line; those of rejected rows too.
        unread: those of the problems that made it impossible to read a file, whose rows are not counted.
    """

    codebook: Codebook | None
    read: int
    joined: int
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...]
    problems: tuple[Problem, ...]
    unread: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are more than warnings."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def to_dict(self) -> dict[str, Any]:
        """Counts and problems, for JSON."""
        return {
            "read": self.read, "clean": len(self.rows), "rejected": len(self.rejected), "joined": self.joined,
            "problems": [asdict(problem) for problem in self.problems],
        }  # fmt: skip

    def write_clean(self, path: StrPath) -> None:
        """Write the clean rows as JSONL, whole or not at all.

        Raises:
            DataError: a file could not be read, so its rows would be missing.
            UnreadableFileError: the path may not be written.
        """
        self._refuse_without_whole_files()
        atomic.write_bytes(path, _jsonl(row.to_dict() for row in self.rows))

    def write_rejected(self, path: StrPath) -> None:
        """Write the rejected rows and their reasons as JSONL, or as CSV if the path ends so, whole or not at all.

        In CSV what a spreadsheet would take for a formula gets an apostrophe before it.

        Raises:
            DataError: a file could not be read, so its rows would be missing.
            UnreadableFileError: the path may not be written.
        """
        self._refuse_without_whole_files()
        found = [rejected.to_dict() for rejected in self.rejected]
        atomic.write_bytes(path, _csv(found) if Path(path).suffix.lower() == ".csv" else _jsonl(found))

    def _refuse_without_whole_files(self) -> None:
        if self.unread:
            raise DataError(f"nothing is written, as a file could not be read: {self.unread[0]}")


def validate(
    paths: StrPath | Iterable[StrPath],
    *,
    codebook: Codebook | None = CODEBOOK,
    format: str | None = None,
    text: str | None = None,
    labels: str | Sequence[str] | None = None,
    separator: str | None = None,
    encoding: str = "utf-8",
) -> Report:
    """Everything that is wrong with labelled files. The arguments are those of Dataset.read.

    Raises:
        UnreadableFileError: a file is missing or may not be read.
        OptionError: a format or encoding that does not exist.
        DataError: a folder with files of several formats.
        MissingExtraError: a file is Parquet, and pyarrow is not installed.
    """
    layout = Layout(format=format, text=text, labels=labels, separator=separator, encoding=encoding)
    read: list[Outcome] = []
    unread: list[Problem] = []
    for path in files(paths):
        try:
            # All of a file or nothing: what it means is certain for every row or for none.
            read += outcomes(load(path, layout), layout=layout, codebook=codebook)
        except Unusable as unusable:
            unread.append(problem_of(unusable, path=str(path), line=unusable.line))
    problems = [*unread]
    rows = [Found(outcome.path, outcome.record.line, row) for outcome in read if (row := outcome.row) is not None]
    if not rows and not any(outcome.problem and outcome.problem.severity == "error" for outcome in read) and not unread:
        named = ", ".join(map(str, given(paths))) or "no file"
        problems.append(Problem(named, 0, "", "file", "no labelled row", "error"))
    slipped: list[Slip] = []
    if codebook is None and rows:
        try:
            codebook = codebook_of(label for found in rows for label in found.row.labels)
            slipped = list(slips(Counter(label for found in rows for label in codebook.close(found.row.labels))))
        except CodebookError as error:
            problems.append(Problem("labels", 0, "", "label", f"no codebook can be made of them: {error}", "error"))
    of_row = iter(among(rows, codebook=codebook, slips=slipped))
    clean, rejected, joined = [], [], 0
    for outcome in read:
        wrong = [outcome.problem] if outcome.problem else []
        wrong += next(of_row) if outcome.row is not None else []
        problems += wrong
        if outcome.row is not None and not any(problem.kind in _REJECTING for problem in wrong):
            clean.append(outcome.row)
        elif wrong:
            rejected.append(Rejected(outcome.path, outcome.record.line, tuple(wrong), outcome.record.value))
        else:
            joined += 1
    problems += [Problem("labels", 0, "", "spelling", slip.message, "warning") for slip in slipped if not slip.label]
    return Report(codebook, len(read), joined, tuple(clean), tuple(rejected), tuple(problems), tuple(unread))


def _jsonl(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(f"{_json(row)}\n" for row in rows).encode("utf-8", "backslashreplace")


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)  # Parquet holds what JSON has no word for: dates
    except RecursionError:
        return json.dumps(short(value))


def _csv(rows: Iterable[dict[str, Any]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in rows:
        value = row["row"] if isinstance(row["row"], str) else _json(row["row"])
        cells = (row["file"], row["line"], row["id"], ";".join(row["kinds"]), " | ".join(row["reasons"]), value)
        writer.writerow([no_formula(str(cell)) for cell in cells])
    # With the mark without which a spreadsheet takes UTF-8 for something else.
    return codecs.BOM_UTF8 + stream.getvalue().encode("utf-8", "backslashreplace")
