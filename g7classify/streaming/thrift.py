"""Thrift's compact protocol, as far as Parquet uses it: structs of numbered fields.

The format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
UNREADABLE: Final = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What reading raises of bytes that are not what they should be."""
Struct = dict[int, tuple[int, Any]]
"""The type and the value of each field, by its number."""


class Reader:
    """Reads structs, field by field."""

    def __init__(self, content: bytes) -> None:
        self.content: bytes = content
        self.at: int = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """The number and the type of each field of a struct, whose value is to be read or skipped before the next."""
        field = 0
        while head := self.byte():
            field = field + (head >> 4) if head >> 4 else self.signed()
            yield field, head & 15

    def items(self) -> Iterator[int]:
        """The type of each item of a list, likewise."""
        head = self.byte()
        count = self.unsigned() if head >> 4 == 15 else head >> 4
        for _ in range(count):
            yield head & 15

    def struct(self, wanted: Collection[int] | None = None) -> Struct:
        """A struct; where fields are wanted, of these alone."""
        found: Struct = {}
        for field, kind in self.fields():
            if wanted is None or field in wanted:
                found[field] = kind, self.value(kind)
            else:
                self.skip(kind)
        return found

    def value(self, kind: int) -> Any:
        """A value of a type; of a list the type of its items and these, of a boolean nothing: its type says it."""
        if kind in (TRUE, FALSE):
            return None
        if kind == STRUCT:
            return self.struct()
        if kind in (I16, I32, I64):
            return self.signed()
        if kind == BINARY:
            return self.bytes(self.unsigned())
        if kind in (LIST, SET):
            item = self.content[self.at] & 15
            return item, [self.byte() if item in (TRUE, FALSE) else self.value(item) for _ in self.items()]
        if kind in (BYTE, DOUBLE):
            return self.bytes(1 if kind == BYTE else 8)
        raise ValueError(f"no field of type {kind} is known")

    def skip(self, kind: int) -> None:
        """Pass over a value."""
        if kind in (I16, I32, I64):
            while self.byte() & 0x80:
                pass
        elif kind == STRUCT:
            for _, within in self.fields():
                self.skip(within)
        elif kind in (LIST, SET):
            for item in self.items():
                self.skip(BYTE if item in (TRUE, FALSE) else item)
        else:
            self.value(kind)

    def byte(self) -> int:
        """One byte. Raises IndexError at the end."""
        self.at += 1
        return self.content[self.at - 1]

    def bytes(self, count: int) -> bytes:
        """So many bytes. Raises IndexError if there are fewer."""
        self.at += count
        if self.at > len(self.content):
            raise IndexError(f"{count} bytes, more than there are")
        return self.content[self.at - count : self.at]

    def unsigned(self) -> int:
        """A number in as many bytes of seven bits as it takes."""
        number = shift = 0
        while (part := self.byte()) & 0x80:
            number |= (part & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise ValueError("a number of more than 64 bits")
        return _of_64_bits(number | part << shift)

    def signed(self) -> int:
        """Likewise, with its sign in the lowest bit."""
        number = self.unsigned()
        return number >> 1 ^ -(number & 1)


def _of_64_bits(number: int) -> int:
    if number >> 64:
        raise ValueError(f"{number:,}: a number of more than 64 bits")
    return number


def write_struct(to: bytearray, struct: Struct) -> None:
    """Add a struct to what was written.

    Raises:
        ValueError: a number that takes more than 64 bits.
    """
    before = 0
    for field, (kind, value) in sorted(struct.items()):
        if 0 < field - before < 16:
            to.append(field - before << 4 | kind)
        else:
            to.append(kind)
            _write_signed(to, field)
        _write_value(to, kind, value)
        before = field
    to.append(0)


def _write_value(to: bytearray, kind: int, value: Any) -> None:
    if kind == STRUCT:
        write_struct(to, value)
    elif kind in (I16, I32, I64):
        _write_signed(to, value)
    elif kind == BINARY:
        _write_unsigned(to, len(value))
        to += value
    elif kind in (LIST, SET):
        item, items = value
        to.append(min(len(items), 15) << 4 | item)
        if len(items) >= 15:
            _write_unsigned(to, len(items))
        if item in (TRUE, FALSE):
            to += bytes(items)
        else:
            for one in items:
                _write_value(to, item, one)
    elif kind in (BYTE, DOUBLE):
        to += value


def _write_signed(to: bytearray, number: int) -> None:
    _write_unsigned(to, _of_64_bits(number << 1 if number >= 0 else (-number << 1) - 1))


def _write_unsigned(to: bytearray, number: int) -> None:
    while number > 0x7F:
        to.append(number & 0x7F | 0x80)
        number >>= 7
    to.append(number)
