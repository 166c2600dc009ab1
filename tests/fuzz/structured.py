"""Changes to JSON that leave it JSON, so that a fuzzer gets past the parser."""

from __future__ import annotations

import json
import random
from typing import Any

from targets import Mutate

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**64), 10**30, 0.5, 1e308, -0.0, float("nan"), float("inf"),
    "", " ", "x", "é", "e\u0301", "\x00", "\ud800", "<script>", "=1+1", "a;b|c,d#e", "[]", "{}", "[[1]]", "a.b",
    "labels", "@@a", "@@.", [], {}, [[]], [{}], [[], []], {"": None}, ["x", "x"], [1, True, "1"],
    {"text": "Un.", "labels": ["law"]},
    {"choices": ["law"]}, {"choices": [[]]}, {"taxonomy": [["a", "b"]]}, {"law": 0.9}, {"start": 0, "end": 1},
    {"value": ["law"], "status": "submitted", "user_id": 1},
)  # fmt: skip
LONG_SHARE = 0.01
"""Of changes that put in what is long, see choices.LONG."""
BYTES_SHARE = 0.25
"""Of changes that are made to the bytes, whatever they mean."""


def mutated(data: bytes, longest: int, seed: int, mutate: Mutate) -> bytes:
    """JSON, one value or one a line, with something in it replaced, moved, doubled, renamed or taken away."""
    chance = random.Random(seed)
    if chance.random() < BYTES_SHARE:
        return mutate(data, longest)
    lines = data.split(b"\n") if data.startswith(b"{") else [data]
    place = chance.randrange(len(lines))
    try:
        value = json.loads(lines[place])
    except (ValueError, RecursionError):
        return mutate(data, longest)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        value = _changed(value, chance, mutate)
    lines[place] = json.dumps(value, ensure_ascii=chance.random() < 0.2).encode("utf-8", "surrogatepass")
    if len(lines) > 1 and chance.random() < 0.2:
        lines.insert(place, lines[chance.randrange(len(lines))])
    found = b"\n".join(lines)
    if chance.random() < LONG_SHARE:
        at = found.find(b":", chance.randrange(len(found) + 1)) + 1
        found = found[:at] + chance.choice((b"@@9", b"@@[", b"@@{")) + found[at:]
    return found if len(found) <= longest else mutate(data, longest)


def headed(data: bytes, longest: int, seed: int, mutate: Mutate) -> bytes:
    """The same of what follows a first byte, which chooses how it is read, and seldom changes."""
    if len(data) < 2 or seed % 16 == 0:
        return mutate(data, longest)
    return data[:1] + mutated(data[1:], longest - 1, seed, mutate)


def _changed(whole: Any, chance: random.Random, mutate: Mutate) -> Any:
    places = list(_places(whole))
    if not places:
        return chance.choice(ODD)
    holder, key = chance.choice(places)
    kind = chance.randrange(8)
    if kind == 0 and isinstance(holder[key], str):
        data = holder[key].encode("utf-8", "surrogatepass")
        holder[key] = mutate(data, len(data) + 16).decode("utf-8", "surrogateescape")
    elif kind == 1:
        del holder[key]
    elif kind == 2:
        other, place = chance.choice(places)
        holder[key] = json.loads(json.dumps(other[place] if place in _keys(other) else None))
    elif kind == 3 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif kind == 4 and isinstance(holder, dict):
        holder[_name(chance, places)] = holder.pop(key)
    elif kind == 5:
        holder[key] = chance.choice(([holder[key]], {"value": holder[key]}, {"x": holder[key]}))
    else:
        holder[key] = json.loads(json.dumps(chance.choice(ODD)))
    return whole


def _places(value: Any) -> Any:
    for key in _keys(value):
        yield value, key
        if isinstance(value[key], list | dict):
            yield from _places(value[key])


def _keys(value: Any) -> Any:
    if isinstance(value, list):
        return range(len(value))
    return list(value) if isinstance(value, dict) else ()


def _name(chance: random.Random, places: list[Any]) -> str:
    names = [key for _, key in places if isinstance(key, str)]
    return chance.choice([*names, "", "id", "text", "labels", "é", "\ud800", "a.b"])
