"""What stands in a file before anybody asks what it means: records, and text that was decoded."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from g7classify.encodings import guessed
from g7classify.errors import UnreadableFileError
from g7classify.learn.data.rows import Unusable
from g7classify.paths import checked

MAX_BYTES: Final = 2**30
"""The largest file that is read, and the most text that a compressed one may hold."""

_NO_TEXT: Final = {
    b"PAR1": "it is Parquet: name it *.parquet",
    b"PK\x03\x04": "it is an archive or an office document: save the sheet as CSV in UTF-8",
    b"\x1f\x8b": "it is compressed: unpack it first",
    b"%PDF": "it is a PDF: the labels are elsewhere",
}


@dataclass(frozen=True, slots=True)
class Record:
    """What stands at one place.

    Attributes:
        line: from 1; in a JSON array, Parquet and memory the number of the row.
        value: a mapping, or what stands there instead.
        wrong: why that is none; "" where it is one.
    """

    line: int
    value: Any
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The records of one file.

    Attributes:
        path: the file; "rows" for rows in memory.
        records: in the order of the file.
        tabular: whether a str may stand for several labels, as in a cell.
    """

    path: str
    records: Sequence[Record]
    tabular: bool


def content_of(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file.

    Raises:
        UnreadableFileError: it is missing, a folder, or may not be read.
        Unusable: it is larger than MAX_BYTES.
    """
    try:
        with checked(path, name="path").open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_BYTES:
                raise Unusable("file", f"{size} bytes, more than {MAX_BYTES}; split the file")
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        reason = error.strerror if isinstance(error, OSError) else error
        raise UnreadableFileError(f"cannot read {os.fspath(path)}: {reason}") from error
    if len(content) > MAX_BYTES:  # of a pipe, whose size nobody knew
        raise Unusable("file", f"more than {MAX_BYTES} bytes; split the file")
    return content


def decoded(content: bytes, encoding: str) -> str:
    """The text of a file, without its byte order mark.

    Raises:
        Unusable: it is not of that encoding; says the line, the byte, and which encoding it looks like.
    """
    for start, hint in _NO_TEXT.items():
        if content.startswith(start):
            raise Unusable("file", f"no text; {hint}")
    utf8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    if utf8 and (at := content.find(0)) >= 0:
        wide = guessed(content)
        raise _not_utf8(content, at, "is NUL", wide if wide and wide.startswith("utf-16") else None)
    try:
        text = content.decode("utf-8-sig" if utf8 else encoding)
    except UnicodeDecodeError as error:
        if not utf8:
            raise Unusable(
                "encoding", f"byte {error.start} (0x{content[error.start]:02x}) is not {encoding}; name another"
            ) from error
        raise _not_utf8(content, error.start, "is not UTF-8", guessed(content)) from error
    return text.removeprefix("\ufeff")


def _not_utf8(content: bytes, at: int, what: str, guess: str | None) -> Unusable:
    looks = f"it looks like {guess}: give encoding={guess!r} (--encoding {guess}), or " if guess else ""
    message = f"byte 0x{content[at]:02x} {what}; {looks}convert the file to UTF-8"
    return Unusable("encoding", message, line=content.count(b"\n", 0, at) + 1)
