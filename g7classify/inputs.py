"""Texts from files: plain text and Markdown (one text a file) or JSONL (one text a line), in UTF-8.

A byte order mark is dropped, so offsets count from the character after it. Line ends are kept as they are.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final

from g7classify.errors import DataError, EncodingError, OptionError, UnreadableFileError
from g7classify.labels import short
from g7classify.text import check_text

FORMATS: Final = ("txt", "md", "jsonl")

_HINTS: Final = {
    b"%PDF": "it is a PDF: extract its text first, e.g. with pdftotext",
    b"PK\x03\x04": "it is an archive or an office document: export its text first",
    codecs.BOM_UTF16_LE: "it is UTF-16: convert it, e.g. with iconv -f utf-16 -t utf-8",
    codecs.BOM_UTF16_BE: "it is UTF-16: convert it, e.g. with iconv -f utf-16 -t utf-8",
}


def texts(
    paths: Iterable[str | os.PathLike[str]],
    *,
    input_format: str | None = None,
    text_field: str = "text",
    advance: Callable[[int], object] = lambda _: None,
) -> Iterator[tuple[str, str]]:
    """The name and the text of each text: a file's path, or `path:line` for a line of JSONL.

    Args:
        paths: files; "-" is standard input.
        input_format: one of FORMATS; by each file's suffix if not given, and plain text where that tells nothing.
        text_field: the field of a JSONL row that holds the text.
        advance: called with the number of bytes read, again and again.

    Raises:
        OptionError: an unknown format.
        UnreadableFileError: a file is missing, a folder, or may not be read.
        EncodingError: a file is not UTF-8 text.
        DataError: a line of JSONL is no JSON object, or has no text.
        TextError: a text of a JSONL row holds a lone surrogate.
    """
    if input_format is not None and input_format not in FORMATS:
        raise OptionError(f"input format {input_format!r}: expected one of {', '.join(FORMATS)}")
    for path in paths:
        name = os.fsencode(path).decode("utf-8", "replace")
        with _open(path) as file:
            if (input_format or Path(path).suffix.lower()[1:]) == "jsonl":
                yield from _rows(file, name=name, text_field=text_field, advance=advance)
            else:
                content = file.read()
                text = _decode(content, name=name)
                advance(len(content))
                yield name, text


def size_bytes(paths: Iterable[str | os.PathLike[str]]) -> int:
    """The size of all files together; standard input and pipes count as nothing.

    Raises:
        UnreadableFileError: a file is missing, a folder, or may not be read.
    """
    total = 0
    for path in paths:
        if path == "-" or Path(path).is_fifo():
            continue  # a pipe that is opened and closed again cuts its writer off
        with _open(path) as file:
            total += os.fstat(file.fileno()).st_size
    return total


def _open(path: str | os.PathLike[str]) -> AbstractContextManager[BinaryIO]:
    if path == "-":
        if sys.stdin is None:  # whoever started us closed it
            raise UnreadableFileError("cannot read standard input: it is closed")
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnreadableFileError(f"cannot read {os.fspath(path)}: {reason}") from error


def _decode(content: bytes, *, name: str) -> str:
    hint = next((hint for start, hint in _HINTS.items() if content.startswith(start)), None)
    nul = content.find(0)
    if nul >= 0:
        raise EncodingError(f"{name}: byte {nul} is NUL; {hint or 'it is UTF-16 or no text: convert it to UTF-8 text'}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at, byte = error.start, content[error.start]
        message = f"{name}: byte {at} (0x{byte:02x}) is not UTF-8; {hint or 'convert it to UTF-8 text'}"
        raise EncodingError(message) from error


def _rows(file: BinaryIO, *, name: str, text_field: str, advance: Callable[[int], object]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(file, 1):
        where = f"{name}:{number}"
        advance(len(line))
        content = _decode(line, name=where)
        if content.strip():
            yield where, _text(content, where=where, text_field=text_field)


def _text(line: str, *, where: str, text_field: str) -> str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON ({error}); expected one object a line") from error
    if not isinstance(row, dict):
        raise DataError(f"{where}: {short(row)} is no JSON object; expected one with the field {text_field!r}")
    if text_field not in row:
        fields = ", ".join(map(short, row)) or "no field"
        raise DataError(f"{where}: no field {text_field!r}, it has {fields}; name the one that holds the text")
    text = row[text_field]
    if not isinstance(text, str):
        raise DataError(f"{where}: the field {text_field!r} is {short(text)}; expected a string")
    check_text(text, name=where)
    return text
