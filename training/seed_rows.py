"""Read the labelled sentences of the seeds, and check each row by itself.

A row is one line of JSON: {"id", "lang", "genre", "group", "labels", "text"}, in that order.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from g7classify.codebook import CODEBOOK
from g7classify.errors import UnknownLabelError

KEYS = ("id", "lang", "genre", "group", "labels", "text")


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled sentence and the place it was read from."""

    place: str
    id: str
    lang: str
    genre: str
    group: str
    labels: tuple[str, ...]
    text: str


def read_rows(folder: Path, problems: list[str]) -> tuple[list[Row], int]:
    """The sound rows of every `labelled/<lang>.jsonl` and the number of files; what is wrong is added to `problems`."""
    rows: list[Row] = []
    paths = sorted((folder / "labelled").glob("*"))
    for path in paths:
        if not re.fullmatch(r"[a-z]{2}\.jsonl", path.name):
            problems.append(f"{path}:1: expected files named <language>.jsonl, as in fr.jsonl, and nothing else")
            continue
        rows += _read_file(path, problems)
    if not rows:
        problems.append(f"{folder / 'labelled'}:1: no labelled row; expected <language>.jsonl files")
    return rows, len(paths)


def _read_file(path: Path, problems: list[str]) -> list[Row]:
    text = read_text(path, problems)
    if text is None:
        return []
    if text and not text.endswith("\n"):
        problems.append(f"{path}:{text.count(chr(10)) + 1}: the last line does not end with a newline")
    rows: list[Row] = []
    previous = ""
    # Not splitlines: it would also break at U+2028 and others, which are no line ends in JSON lines.
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        place = f"{path}:{number}"
        row, wrong = _parse_row(line, place)
        if row is not None:
            wrong += _check_row(row, language=path.stem)
            if row.id < previous:
                wrong.append(f"id {row.id!r} does not come after {previous!r}; sort the rows by id")
            previous = row.id
            rows.append(row)
        problems += [f"{place}: {problem}" for problem in wrong]
    return rows


def read_text(path: Path, problems: list[str]) -> str | None:
    """The text of a UTF-8 file, its line ends untouched; None, and an entry in `problems`, if there is none."""
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8")
    except OSError as error:
        problems.append(f"{path}:1: cannot be read ({error.strerror})")
    except UnicodeDecodeError as error:
        problems.append(f"{path}:{raw.count(10, 0, error.start) + 1}: not UTF-8")
    return None


def _parse_row(line: str, place: str) -> tuple[Row | None, list[str]]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, [f"not JSON ({error})"]
    if not isinstance(data, dict) or tuple(data) != KEYS:
        return None, [f"expected an object with the keys {', '.join(KEYS)} in that order"]
    strings = [data[key] for key in KEYS if key != "labels"]
    if not (isinstance(data["labels"], list) and all(isinstance(value, str) for value in strings + data["labels"])):
        return None, ["expected a list of strings under labels and strings under all other keys"]
    row = Row(place, data["id"], data["lang"], data["genre"], data["group"], tuple(data["labels"]), data["text"])
    # One way to write a row, so that a diff shows changes of content alone; it also catches a key given twice.
    if json.dumps(data, ensure_ascii=False) != line:
        return row, ["not in the canonical form of json.dumps(row, ensure_ascii=False)"]
    return row, []


def _check_row(row: Row, *, language: str) -> list[str]:
    wrong = []
    if row.lang != language:
        wrong.append(f"lang {row.lang!r} in a file of {language!r} rows")
    for key in ("id", "genre", "group"):
        if not re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", getattr(row, key)):
            wrong.append(f"{key} {getattr(row, key)!r}: expected small letters, digits, _ and single -")
    return wrong + _check_labels(row.labels) + _check_text(row.text)


def _check_labels(labels: tuple[str, ...]) -> list[str]:
    columns, wrong = [], []
    for label in labels:
        try:
            columns.append(CODEBOOK.index(label))
        except UnknownLabelError as error:
            wrong.append(str(error))
    if wrong:
        return wrong
    if len(set(labels)) < len(labels):
        wrong.append("a label is given twice")
    elif columns != sorted(columns):
        wrong.append("the labels are not in codebook order")
    # A category is implied by its sub-types; written out it says that none of them fits.
    for category in sorted({CODEBOOK.parent(label) or "" for label in labels} & set(labels)):
        wrong.append(f"{category!r} stands beside one of its sub-types; keep the sub-type alone")
    return wrong


def _check_text(text: str) -> list[str]:
    if not text.strip():
        return ["the text is empty"]
    wrong = []
    if text != text.strip():
        wrong.append("the text has space at an end")
    # Control, lone surrogate, private use, line and paragraph separator; a joiner (Cf) is part of some scripts.
    if bad := sorted({c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp")}):
        wrong.append(f"the text holds {', '.join(f'U+{ord(c):04X}' for c in bad)}")
    if not unicodedata.is_normalized("NFC", text):
        wrong.append("the text is not in Unicode form NFC")
    return wrong
