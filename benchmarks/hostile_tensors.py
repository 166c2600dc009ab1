"""Mutations whose seal is right: what a forger writes, who can compute a sha256 as well as anybody. Here of tensors.

Each takes a random generator and the parts of a sound file, and returns the bytes of another. Some are files that say
something else and are sound all the same; see hostile_files.py for how these are told from harm.
"""

from __future__ import annotations

import math
import struct
from random import Random
from typing import Final

from benchmarks.hostile_metadata import NAMES
from benchmarks.hostile_parts import ITEM_BYTES, Parts, Tensor, sealed, sized

VALUES: Final = (
    math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-45, -1e-45, 1.2e-38, 1e6, 1.1e6, -1e6, 3.4e38, -3.4e38, 1.0, -1.0,
    1.0001, 2.0, 0.5, 1e-9,
)  # fmt: skip


def float_value(random: Random, parts: Parts) -> bytes:
    """One value of a tensor, or all of it, NaN, infinite, denormal, -0, huge or out of its range."""
    name = random.choice([name for name, tensor in parts.tensors.items() if tensor[0] in ("F32", "F16")])
    dtype, shape, content = parts.tensors[name]
    value = random.choice(VALUES)
    item = _packed(dtype, value)
    count = len(content) // len(item)
    at = random.randrange(count) * len(item)
    changed = item * count if random.random() < 0.3 else content[:at] + item + content[at + len(item) :]
    return _sealed_with(parts, {name: (dtype, shape, changed)})


def extremes(random: Random, parts: Parts) -> bytes:
    """Several tensors at their largest and smallest together: what overflows if anything does."""
    changed: dict[str, Tensor] = {}
    for name, (dtype, shape, content) in parts.tensors.items():
        if random.random() < 0.6:
            if dtype == "I8":
                item = struct.pack("b", random.choice((127, -128, 0, 1)))
            elif name in ("thresholds", "budgets"):
                continue
            else:
                item = _packed(dtype, random.choice((1e6, -1e6, 1e-45, 6.5e4, 1e-7, 0.0)))
            changed[name] = dtype, shape, item * (len(content) // len(item))
    model = parts.model | ({"pivot": random.choice((0.0, 1e6, 1e-320))} if "pivot" in parts.model else {})
    return sealed(model, parts.tensors | changed)


def tensor_bytes(random: Random, parts: Parts) -> bytes:
    """A bit, a byte or a run of a tensor changed."""
    name = random.choice(sorted(parts.tensors))
    dtype, shape, content = parts.tensors[name]
    at, length = random.randrange(len(content)), 1 << random.randrange(6)
    run = random.choice((random.randbytes(length), bytes(length), b"\xff" * length, b"\x80" * length))
    if random.random() < 0.4:
        run = bytes([content[at] ^ 1 << random.randrange(8)])
    return _sealed_with(parts, {name: (dtype, shape, (content[:at] + run + content[at + len(run) :])[: len(content)])})


def tensors_swapped(random: Random, parts: Parts) -> bytes:
    """Two tensors under each other's names, in shape or in content alone."""
    one, two = random.sample(sorted(parts.tensors), 2)
    first, second = parts.tensors[one], parts.tensors[two]
    if random.random() < 0.5:
        return _sealed_with(parts, {one: second, two: first})
    return _sealed_with(parts, {one: sized(*first[:2], second[2]), two: sized(*second[:2], first[2])})


def tensor_dtype(random: Random, parts: Parts) -> bytes:
    """Another dtype: of the same bytes, or of as many items."""
    name = random.choice(sorted(parts.tensors))
    dtype, shape, content = parts.tensors[name]
    other = random.choice([one for one in ITEM_BYTES if one != dtype])
    same_bytes = random.random() < 0.5
    return _sealed_with(parts, {name: (other, shape, content) if same_bytes else sized(other, shape, content)})


def tensor_shape(random: Random, parts: Parts) -> bytes:
    """Another shape: of the same bytes, or with bytes to go with it."""
    name = random.choice(sorted(parts.tensors))
    dtype, shape, content = parts.tensors[name]
    others: tuple[list[int], ...] = (
        shape[::-1],
        [*shape, 1],
        [1, *shape],
        [math.prod(shape)],
        shape[:-1],
        [0],
        [],
        [2, *shape[1:]],
    )
    other = random.choice((*others, [shape[0] + 1, *shape[1:]], [*shape[:-1], shape[-1] - 1], [2**40, *shape[1:]]))
    as_said = random.random() < 0.5 and math.prod(other) < 2**20
    return _sealed_with(parts, {name: sized(dtype, other, content) if as_said else (dtype, other, content)})


def tensor_names(random: Random, parts: Parts) -> bytes:
    """One missing, one more, one renamed."""
    tensors = dict(parts.tensors)
    name = random.choice(sorted(tensors))
    kept = tensors[name]
    if random.random() < 0.7:
        del tensors[name]
    if random.random() < 0.7:
        tensors[random.choice((*NAMES, name + "2", name.upper(), "table", "rows", "head", "importance"))] = kept
    return sealed(parts.model, tensors)


TENSORS: Final = (
    float_value,
    extremes,
    tensor_bytes,
    tensors_swapped,
    tensor_dtype,
    tensor_shape,
    tensor_names,
)


def _packed(dtype: str, value: float) -> bytes:
    try:
        return struct.pack("<f" if dtype == "F32" else "<e", value)
    except OverflowError:  # beyond what a float16 holds
        return struct.pack("<e", math.copysign(65504.0, value))


def _sealed_with(parts: Parts, changed: dict[str, Tensor]) -> bytes:
    return sealed(parts.model, parts.tensors | changed)
