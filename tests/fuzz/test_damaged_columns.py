"""A smoke run of random damage to columns: the kernels agree, and under `make sanitize` nothing is read amiss.

Run it longer with G7CLASSIFY_FUZZ_ROUNDS=100000.
"""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest

from g7classify import _fallback, _sentences

_kernel = pytest.importorskip("g7classify._kernel")
_splitter = pytest.importorskip("g7classify._splitter")

ROUNDS = int(os.environ.get("G7CLASSIFY_FUZZ_ROUNDS", "400"))
OPTIONS: dict[str, Any] = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": False}
SEEDS = (
    "Le G7 lutte contre les passeurs et l'immigration irrégulière.",
    "首脳会議は覚醒剤の密輸を非難した。ｶﾞｶﾞ",
    "½ ﷺ ﬁn Straße \u00ad e\u0301 🙂 𠀋𠀋 İ",
    "police " * 9,
    "",
)


def damaged(chance: random.Random) -> tuple[bytes, list[int]]:
    """Some seeds in a row, with bytes flipped, dropped and doubled, and offsets that may be wrong."""
    values = [chance.choice(SEEDS).encode() for _ in range(chance.randrange(5))]
    data = bytearray(b"".join(values))
    offsets = [0]
    for value in values:
        offsets.append(offsets[-1] + len(value))
    for _ in range(chance.choice((0, 0, 1, 3))):
        if data:
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = bytes(chance.randrange(256) for _ in range(chance.randrange(3)))
    for _ in range(chance.choice((0, 0, 1))):
        at = chance.randrange(len(offsets))
        offsets[at] = max(min(offsets[at] + chance.randrange(-9, 9), 2**31 - 1), -(2**31))
    return bytes(data), offsets


def outcome(engine: Any, table: Any, data: bytes, offsets: list[int]) -> Any:
    scores = engine.Table(table, np.ones(3, np.float32), np.zeros(2, np.float32), pivot=0.5, **OPTIONS)
    try:
        # A copy of its own, so that a read outside it leaves an allocation.
        return scores.scores_utf8(bytearray(data), np.array(offsets, np.int32)).tobytes()
    except ValueError as error:
        return str(error)


def test_the_kernels_agree_on_damaged_columns() -> None:
    table = np.random.default_rng(0).integers(0, 128, (256, 3)).astype(np.int8)
    refused = 0
    for seed in range(ROUNDS):
        data, offsets = damaged(random.Random(seed))
        one, other = (outcome(engine, table, data, offsets) for engine in (_fallback, _kernel))
        assert one == other, seed
        refused += isinstance(one, str)
    assert 0.2 < refused / ROUNDS < 0.8, "damage that is never or always noticed tests little"


def split(engine: Any, data: bytes, offsets: list[int]) -> Any:
    try:
        return [part.tobytes() for part in engine.split_utf8(bytearray(data), np.array(offsets, np.int32), -1)]
    except ValueError as error:
        return str(error)


def test_the_splitters_agree_on_damaged_columns() -> None:
    for seed in range(ROUNDS):
        data, offsets = damaged(random.Random(seed))
        one, other = (split(engine, data, offsets) for engine in (_sentences, _splitter))
        assert one == other, seed
