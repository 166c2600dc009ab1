"""Lines of a file as text, each with its number, and given again where a row does not end where it seemed to."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Self

from g7classify.encodings import hint
from g7classify.errors import DataError, EncodingError

MAX_LINE: Final = 100_000_000
"""Bytes. What never ends, such as /dev/zero, is given up there, before memory is full."""


class Lines:
    """The lines of a file as text, with their ends, which may be given back; an iterator.

    Attributes:
        number: of the line that was given last, from 1 on.
        of_row: the lines that were given since the row began.
        wrong: of lines, by their number, that are not of the encoding; `check` refuses them.
    """

    def __init__(self, file: BinaryIO, path: Path, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self._lines = wide_lines(file, path, encoding) if is_wide(encoding) else self._decoded(file)
        self._again: list[str] = []
        self.wrong: dict[int, EncodingError] = {}
        self.number: int = 0
        self.of_row: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.number += 1
        self.of_row.append(line)
        return line

    @property
    def where(self) -> str:
        """The file, and the line in which the row begins."""
        return f"{self._path}:{self.number - max(len(self.of_row), 1) + 1}"

    def begin_row(self) -> None:
        """The row begins with the line that comes next."""
        self.of_row.clear()

    def give_back(self, lines: list[str]) -> None:
        """Take the lines that were given last, which are given again."""
        self._again += reversed(lines)
        self.number -= len(lines)
        del self.of_row[len(self.of_row) - len(lines) :]

    def check(self) -> None:
        """Refuse a row with a line that is not of the encoding. Raises EncodingError."""
        row = range(self.number - len(self.of_row) + 1, self.number + 1)
        wrong = [self.wrong.pop(number) for number in row if number in self.wrong]
        if wrong:
            raise wrong[0]

    def _decoded(self, file: BinaryIO) -> Iterator[str]:
        encoding, utf8 = self._encoding, self._encoding == "utf-8"
        for number, line in enumerate(lines_of(file, self._path), 1):
            if number == 1 and utf8:
                if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise EncodingError(f"{self._path}: it is UTF-16: give --encoding utf-16, or convert it to UTF-8")
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                text = line.decode(encoding)
            except UnicodeDecodeError as error:
                byte = f"{self._path}:{number}: byte {error.start} (0x{line[error.start]:02x}) is not"
                todo = f"UTF-8; {hint(line)}" if utf8 else f"{encoding}; name another encoding"
                self.wrong[number] = EncodingError(f"{byte} {todo}")
                text = line.decode(encoding, "replace")
            yield text


def is_wide(encoding: str) -> bool:
    """Whether bytes alone do not tell where lines end, as in UTF-16 and UTF-32."""
    return "\n".encode(encoding) != b"\n"


def lines_of(file: BinaryIO, path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The lines of a file, with their ends; of a device too, which may never end one.

    Raises:
        DataError: a line of more than MAX_LINE bytes.
    """
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise _too_long(path, number)
        yield line


def wide_lines(file: BinaryIO, path: str | os.PathLike[str], encoding: str) -> Iterator[str]:
    """Lines of UTF-16 or UTF-32, without a byte order mark.

    Raises:
        EncodingError: it is not of the encoding.
        DataError: a line of more than MAX_LINE characters.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    parts: list[str] = []  # of a line whose end is not known yet
    number, held, more, begun = 1, 0, True, False
    while more:
        content = file.read(1 << 16)
        more = bool(content)
        try:
            text = decoder.decode(content, final=not more)
        except UnicodeError as error:  # no UnicodeDecodeError where a byte order mark is missing
            reason = error.reason if isinstance(error, UnicodeDecodeError) else error
            raise EncodingError(f"{os.fspath(path)}: not {encoding} ({reason}); name another encoding") from error
        if text and not begun:
            text, begun = text.removeprefix("\ufeff"), True
        for i, line in enumerate(text.split("\n")):
            if i:
                yield "".join(parts) + "\n"
                parts, held, number = [], 0, number + 1
            parts.append(line)
            held += len(line)
        if held > MAX_LINE:
            raise _too_long(path, number)
    if held:
        yield "".join(parts)


def _too_long(path: str | os.PathLike[str], number: int) -> DataError:
    return DataError(f"{os.fspath(path)}:{number}: a line of more than {MAX_LINE:,} bytes is not read; is it a table?")
