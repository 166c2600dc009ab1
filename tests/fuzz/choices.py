"""An input read as choices: the first bytes say which, what is left says what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")
SURROGATE = re.compile("[\ud800-\udfff]")
LONG = {b"@@9": b"9" * 5000, b"@@[": b"[" * 5000, b"@@{": b'{"a":' * 5000, b"@@a": b"a" * 5000, b"@@.": b"a." * 2000}
"""Numbers of more digits than Python reads, and more levels than it has room for."""


class Choices:
    """Bytes as numbers and texts, one after another; when there are none left, zeros and empty texts."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, end: int) -> int:
        """A number from 0 to `end` - 1, of one byte, or of four where one is too small."""
        size = 1 if end <= 256 else 4
        return int.from_bytes(self.take(size), "little") % end

    def one_of(self, values: Sequence[T]) -> T:
        """One of some values."""
        return values[self.below(len(values))]

    def take(self, count: int) -> bytes:
        """The next bytes, fewer at the end."""
        self._at += count
        return self._data[self._at - count : self._at]

    def text(self) -> str:
        """A text whose length a byte tells."""
        return read(self.take(self.below(256)))

    def rest(self) -> bytes:
        """All bytes that are left."""
        return self.take(len(self._data))

    def __bool__(self) -> bool:
        return self._at < len(self._data)


def share(data: bytes) -> int:
    """A number of an input from 0 to 255: what is costly is asked of those where it is small, or even, or the like."""
    return crc32(data) & 255


def read(data: bytes) -> str:
    """A text of UTF-8; bytes that are none become lone surrogates, which no text may hold."""
    return data.decode("utf-8", "surrogateescape")


def is_text(text: str) -> bool:
    """Whether a text has no lone surrogate."""
    return SURROGATE.search(text) is None


def lengthened(data: bytes) -> bytes:
    """The bytes with what is too long for an input put in where it is written short."""
    for short, long in LONG.items():
        if short in data:
            data = data.replace(short, long, 1)
    return data
