"""The splitter and the kernel beside their readable twins, on lists of str and on Arrow buffers.

Whatever an input is, the compiled twins have to give the same as the readable ones, or refuse it likewise. The offsets
of a column may be wrong.
"""

from __future__ import annotations

import numpy as np
from choices import Choices, share
from seeding import texts

from g7classify import _fallback, _kernel, _sentences, _splitter
from g7classify.errors import G7ClassifyError

SMOKE, LONGEST = 3000, 400
OPTIONS = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": False}
TABLE = np.random.RandomState(0).randint(0, 127, (256, 4)).astype(np.int8)
ONES, ZEROS = np.ones(4, np.float32), np.zeros(3, np.float32)
TABLES = [engine.Table(TABLE, ONES, ZEROS, pivot=0.5, **OPTIONS) for engine in (_fallback, _kernel)]


def seeds() -> list[bytes]:
    return [text.encode()[:LONGEST] for text in texts()]


def one_input(data: bytes) -> None:
    held = [data.decode("utf-8", errors="replace")]
    for found, other in zip(_sentences.split_texts(held, -1), _splitter.split_texts(held, -1), strict=True):
        assert np.array_equal(found, other), held
    number = share(data)
    options = OPTIONS | {"repeats": bool(number & 1)}
    (readable, _), (compiled, _) = (engine.keys(held, **options) for engine in (_fallback, _kernel))
    assert np.array_equal(np.sort(readable), np.sort(compiled)), held  # in no order
    choices = Choices(data)
    offsets = np.array([choices.below(len(data) + 3) - 1 for _ in range(4)], dtype=np.int32)
    ends = np.sort(offsets) if number & 2 else offsets
    if number & 4:
        first, second = (scored(table, data, ends) for table in TABLES)
    else:
        first, second = (split(engine, data, ends) for engine in (_sentences, _splitter))
    assert first == second, (data, ends)


def scored(table: _fallback.Table, data: bytes, offsets: np.ndarray) -> object:
    """Scores, or the class of the error that refuses the column."""
    try:
        return table.scores_utf8(data, offsets).tolist()
    except G7ClassifyError as error:
        return type(error)


def split(engine: object, data: bytes, offsets: np.ndarray) -> object:
    """Sentences, or the class of the error that refuses the column."""
    try:
        return [part.tobytes() for part in engine.split_utf8(data, offsets, -1)]  # type: ignore[attr-defined]
    except G7ClassifyError as error:
        return type(error)
