"""Texts, columns, arrays and objects, good and bad, made of the bytes that libFuzzer gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np


class Input:
    """Bytes that are read from the front; there are always more, of 0."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        """The next byte."""
        self.at += 1
        return self.data[self.at - 1] if self.at <= len(self.data) else 0

    def pick(self, choices: Sequence[Any]) -> Any:
        """One of some."""
        return choices[self.byte() % len(choices)]

    def take(self, count: int) -> bytes:
        """The next bytes, padded with 0."""
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken.ljust(count, b"\0")

    def rest(self) -> bytes:
        """All bytes that are left."""
        taken, self.at = self.data[self.at :], len(self.data)
        return taken


def exact(data: bytes) -> memoryview:
    """A copy with nothing after its last byte, so that a read beyond it leaves an allocation."""
    return memoryview(np.frombuffer(data, np.uint8).copy())


def texts_in(mode: int, data: bytes) -> list[str]:
    """Texts divided by the byte 0xFF, which UTF-8 never holds; the mode says what bytes that are no UTF-8 stand for."""
    parts = data.split(b"\xff")
    if mode % 8 == 1:
        return [part.decode("utf-8", "surrogateescape") for part in parts]  # lone surrogates
    if mode % 8 == 2:
        return [part.decode("latin-1") for part in parts]
    if mode % 8 == 3:
        return [part.decode("utf-16-le", "surrogatepass") for part in (p[: len(p) // 2 * 2] for p in parts)]
    if mode % 8 == 4:
        codes = (np.frombuffer(part[: len(part) // 3 * 3], np.uint8).reshape(-1, 3).astype(int) for part in parts)
        return ["".join(map(chr, (c @ [1, 256, 65536]) % 0x110000)) for c in codes]
    return [part.decode("utf-8", "replace") for part in parts]


def column_of(texts: Sequence[str], dtype: str = "i4") -> tuple[bytes, Any]:
    """Texts as Arrow lays them out."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return b"".join(encoded), np.cumsum([0, *map(len, encoded)]).astype(dtype)


def offsets_in(source: Input, size: int) -> Any:
    """Offsets into `size` bytes: good ones, small wrong ones, or any bits; of many types, and at odd addresses."""
    kind, count = source.byte(), source.byte() % 8
    dtype = source.pick(("<i4", "<i8", "<i4", "<i8", "<i4", "<u4", "<i2", "<f8", ">i4", "<i1"))
    width = np.dtype(dtype).itemsize
    if kind % 4 == 0:
        values = np.frombuffer(source.take(count * width), dtype)
    else:
        steps = [source.byte() for _ in range(count)]
        if kind % 4 == 1:
            steps = sorted(step * (size + 1) // 256 for step in steps)
        elif kind % 4 == 2:
            steps = [step - 4 for step in steps]
        else:
            steps = [0, *sorted(step * (size + 1) // 256 for step in steps), size]
        values = np.array(steps).astype(dtype)
    if kind & 64:
        return values[::2]
    if kind & 128:  # not on a border of its width
        memory = np.zeros(len(values) * width + 1, np.uint8)
        odd = memory[1:].view(dtype)
        odd[:] = values
        return odd
    return values.reshape(1, -1) if kind & 32 and kind & 16 else values.copy()


def column_in(data: bytes) -> tuple[Input, int, memoryview, Any, Any, int]:
    """A column, its offsets, its validity and its first row, any of which may be wrong."""
    source = Input(data)
    choice, first = source.byte(), source.byte()
    first = first % 20 if choice & 3 else source.pick((-1, 2**63 - 1, 2**63 - 8, 2**31, -(2**63)))
    validity: Any = exact(source.take(source.byte() % 5)) if choice & 4 else None
    at = source.at
    size = len(data) - at
    offsets = offsets_in(source, max(size - 4, 0))
    values = exact(source.rest())
    if choice & 8 and choice & 16:
        values = values[::2]
    return source, choice, values, offsets, validity, first


def array_in(source: Input, dtype: str, shape: tuple[int, ...]) -> Any:
    """An array of this type and shape, or seldom another one: of another type, cut, transposed, strided, at an odd
    address, read-only, or no array at all."""
    wrong = source.byte()
    if wrong == 1:
        dtype = source.pick(("i1", "u1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", ">f4", ">i8", "?"))
    if wrong == 2:
        shape = tuple(source.byte() % 9 for _ in range(source.byte() % 4))
    if wrong == 3:
        shape = (*shape[:-1], shape[-1] + 1)
    width = np.dtype(dtype).itemsize
    size = int(np.prod(shape, dtype=np.int64)) * width
    content = source.take(min(size, 4096)).ljust(size, b"\1")
    array = np.frombuffer(content, dtype).reshape(shape).copy()
    if wrong == 4:
        return array.T
    if wrong == 5:
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if wrong == 6:
        array.flags.writeable = False
    if wrong == 7:
        memory = np.zeros(size + 1, np.uint8)
        odd = memory[1:].view(dtype).reshape(shape)
        odd[...] = array
        return odd
    if wrong == 8:
        return source.pick((None, content, "text", 7, [1.5], memoryview(array), array.tolist(), array.view(np.ndarray)))
    if wrong == 9:
        return np.lib.stride_tricks.as_strided(array, shape, (0,) * array.ndim)
    return array


class Odd:
    """A sequence that breaks its promises: of its length, of its items, or of not changing."""

    def __init__(self, items: list[Any], fault: int) -> None:
        self.items, self.fault = items, fault

    def __len__(self) -> int:
        if self.fault == 1:
            raise ZeroDivisionError
        return {2: 0, 3: 2**62, 4: len(self.items) + 5}.get(self.fault, len(self.items))

    def __iter__(self) -> Iterator[Any]:
        for i, item in enumerate(self.items):
            if self.fault == 5 and i == 1:
                raise ZeroDivisionError
            if self.fault == 6:
                self.items[:] = self.items[:-1]
            yield item
