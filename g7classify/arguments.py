"""What the kernels are given: checks that both share, so that they refuse the same in the same words."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import InputTypeError, OptionError, TextError
from g7classify.labels import short

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

LONGEST_NGRAM: Final = 8


def check_ngrams(characters: tuple[int, int], unspaced: tuple[int, int]) -> None:
    """Refuse lengths of n-grams that no kernel has."""
    for name, (low, high) in (("characters", characters), ("unspaced", unspaced)):
        if not 1 <= low <= high <= LONGEST_NGRAM:
            raise OptionError(f"{name}: expected 1 <= low <= high <= {LONGEST_NGRAM}, got {short((low, high))}")


def check_array(array: Any, name: str, *, dtype: str, dimensions: int) -> None:
    """Refuse what is no array of this type and number of dimensions."""
    if (
        not isinstance(array, np.ndarray)
        or array.dtype != dtype
        or array.ndim != dimensions
        or not array.flags.c_contiguous
        or not array.flags.aligned
    ):
        raise InputTypeError(f"{name}: expected a contiguous array of {dtype} with {dimensions} dimensions, aligned")


def check_table(table: NDArray[np.int8]) -> None:
    """Refuse what is no table of rows."""
    check_array(table, "table", dtype="int8", dimensions=2)
    buckets, columns = table.shape
    if not 2 <= buckets <= 1 << 32 or buckets & (buckets - 1) or columns < 1:
        raise OptionError(f"table: expected (2**b, D) with 1 <= b <= 32 and 1 <= D, got ({buckets}, {columns})")


def check_vectors(table: NDArray[np.int8], scale: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    """Refuse a scale or bias that does not fit the table."""
    for name, vector, size in (("scale", scale, table.shape[1]), ("bias", bias, table.shape[1] - 1)):
        check_array(vector, name, dtype="float32", dimensions=1)
        if len(vector) != size:
            raise OptionError(f"{name}: expected {size} values, got {len(vector)}")


def check_calibration(
    scores: NDArray[np.float32],
    slope: NDArray[np.float32],
    intercept: NDArray[np.float32],
    parents: NDArray[np.int64],
) -> None:
    """Refuse what cannot be calibrated."""
    check_array(scores, "scores", dtype="float32", dimensions=2)
    if not scores.flags.writeable:
        raise OptionError("scores: expected an array that may be written to")
    for name, vector in (("slope", slope), ("intercept", intercept), ("parents", parents)):
        check_array(vector, name, dtype="int64" if name == "parents" else "float32", dimensions=1)
        if len(vector) != scores.shape[1]:
            raise OptionError(f"{name}: expected {scores.shape[1]} values, got {len(vector)}")
    if not -1 <= parents.min(initial=-1) <= parents.max(initial=-1) < len(parents):
        raise OptionError(f"parents: expected columns -1 to {len(parents) - 1}")


def texts_of_utf8(data: Buffer, offsets: Buffer, validity: Buffer | None, *, first: int) -> list[str]:
    """The texts of an Arrow column of strings: see Table.scores_utf8."""
    try:
        whole, ends = memoryview(data).cast("B"), memoryview(offsets)
        bits = None if validity is None else memoryview(validity).cast("B")
    except (TypeError, ValueError):
        raise InputTypeError("data, offsets, validity: expected contiguous buffers (bytes, arrays)") from None
    if not ends.c_contiguous:
        raise InputTypeError("data, offsets, validity: expected contiguous buffers (bytes, arrays)")
    if ends.ndim != 1 or ends.format.lstrip("@=") not in ("i", "l", "q") or ends.itemsize not in (4, 8):
        raise InputTypeError("offsets: expected one-dimensional int32 or int64")
    count = len(ends) - 1
    if count < 0 or first < 0:
        raise OptionError("offsets: expected n + 1 of them for n texts, and first >= 0")
    if bits is not None and (first + count + 7) // 8 > len(bits):
        raise OptionError("validity: expected one bit a text, first + n bits in all")
    positions = np.frombuffer(ends, dtype=f"i{ends.itemsize}").tolist()
    for i, (start, stop) in enumerate(pairwise(positions)):
        if not 0 <= start <= stop <= len(whole):
            raise TextError(f"texts[{i}]: offsets {start} to {stop}, expected 0 <= start <= stop <= {len(whole)}")
    texts = []
    for i, (start, stop) in enumerate(pairwise(positions)):
        null = bits is not None and not bits[(first + i) // 8] >> (first + i) % 8 & 1
        try:
            texts.append("" if null else str(whole[start:stop], "utf-8"))
        except UnicodeDecodeError as error:
            refuse_utf8(i, error.start)
    return texts


def refuse_utf8(row: int, byte: int) -> NoReturn:
    """Refuse text `row` of a column, whose first malformed sequence of bytes starts at its byte `byte`.

    Raises:
        TextError: always.
    """
    raise TextError(
        f"texts[{row}]: malformed UTF-8 at its byte {byte} (cut short, overlong, a surrogate, or another encoding); "
        "decode it with errors='replace' and encode it again, or leave it out"
    )
