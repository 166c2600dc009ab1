"""Mutations whose seal is right: what a forger writes, who can compute a sha256 as well as anybody. Here of metadata.

Each takes a random generator and the parts of a sound file, and returns the bytes of another. Some are files that say
something else and are sound all the same; see hostile_files.py for how these are told from harm.
"""

from __future__ import annotations

import json
import math
import unicodedata
from random import Random
from typing import Any, Final

from benchmarks.hostile_damage import TOKENS
from benchmarks.hostile_parts import Parts, canonical, digest, sealed, written

ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2, 0.0, -0.0, 1.0, 0.5, 1e-320, 1e308, -1e308, 2**31, 2**63, 2**64, 10**400, 10**4000,
    math.nan, math.inf, -math.inf, "", "0", "1", "true", " ", "x", "x" * 100_000, "\0", "\x1b[31m", "\ud800", "\u202ea",
    "a\u200bb", "e\u0301", "٣", "../../etc/passwd", [], {}, [[]], [None], {"": {}}, [1, 2], [2, 1], [0.5] * 3, ["x"],
)  # fmt: skip
NAMES: Final = (
    "\0", "a\0", "\ud800", "\u202erotca", "act\u200bor", "\ufeffactor", "а\u0441tor", "Actor", "ａｃｔｏｒ", "actor ",
    " a", "mesure.contro\u0302le", "e\u0301", "\u0301", "x" * 101, "x" * 100_000, "", "\n", "\x1b[2J", "actor\u00a0",
    "\U000e0001", "ﬁ", "a,b", "a=b", '"', "<b>", "=1+1", "..", "٣",
)  # fmt: skip


def version_number(random: Random, parts: Parts) -> bytes:
    """FORMAT, FEATURES or ENCODING as another number, a float, a str, a bool, or huge."""
    name = random.choice(("FORMAT", "FEATURES", "ENCODING"))
    return _sealed_model(parts, parts.model | {name: random.choice((*ODD, 1.5, 10**30, -2))})


def kind(random: Random, parts: Parts) -> bytes:
    """Another kind, one in other letters, or none."""
    model = dict(parts.model)
    model["kind"] = random.choice(("table", "deep", "cascade", "vectors", "Table", "ｄeep", "deep\0", *ODD))
    if random.random() < 0.1:
        del model["kind"]
    return _sealed_model(parts, model)


def metadata_value(random: Random, parts: Parts) -> bytes:
    """Any value of the metadata, at any depth, replaced by an odd one."""
    model = _copied(parts.model)
    holder, key = _place(random, model)
    holder[key] = random.choice((*ODD, *NAMES)) if random.random() < 0.9 else _deep(random.randrange(2, 90))
    return _sealed_model(parts, model)


def metadata_neighbour(random: Random, parts: Parts) -> bytes:
    """Any number or text of the metadata replaced by one near it."""
    model = _copied(parts.model)
    holder, key = _place(random, model, leaves=True)
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = random.choice((not value, int(value), str(value)))
    elif isinstance(value, int | float):
        near = (value + 1, value - 1, value * 2, -value, float(value), str(value), value + 0.5, value == 1)
        holder[key] = random.choice((*near, int(value)))
    elif isinstance(value, str):
        at = random.randrange(len(value) + 1)
        near_text = (value[:at] + random.choice((*NAMES, "x")) + value[at:], value[:at], value.upper(), value + "\n")
        holder[key] = random.choice((*near_text, unicodedata.normalize("NFD", value), [value]))
    else:
        holder[key] = random.choice(("actor", 0))
    return _sealed_model(parts, model)


def metadata_keys(random: Random, parts: Parts) -> bytes:
    """A key of the metadata missing, more than there are, or under another name."""
    model = _copied(parts.model)
    objects = [model, *(value for value in _walk(model) if isinstance(value, dict) and value)]
    chosen = random.choice(objects)
    key = random.choice(sorted(chosen))
    value = chosen.pop(key) if random.random() < 0.7 else chosen[key]
    if random.random() < 0.7:
        chosen[random.choice((*NAMES, key + "2", key.upper(), "kind", "grams", "exclusive", "repeats"))] = value
    return _sealed_model(parts, model)


def label_name(random: Random, parts: Parts) -> bytes:
    """A label by a name that looks like another's, that cannot be printed, too long, or taken."""
    model = _copied(parts.model)
    labels = _labels(model)
    name = random.choice((*NAMES, *(label["name"] for label in labels), "actor.ｐolice", "actоr"))
    chosen = random.choice(labels)
    old = chosen["name"]
    chosen["name"] = name
    if random.random() < 0.5:
        for label in labels:
            label["parent"] = name if label["parent"] == old else label["parent"]
    return _sealed_model(parts, model)


def codebook(random: Random, parts: Parts) -> bytes:
    """Parents that are wrong, missing or in a circle; labels turned, repeated, added or taken away."""
    model = _copied(parts.model)
    labels = _labels(model)
    names = [label["name"] for label in labels]
    first, second = random.sample(range(len(labels)), 2) if len(labels) > 1 else (0, 0)
    what = random.randrange(7)
    if what == 0:
        labels[first]["parent"] = random.choice((*names, *NAMES, None, 0, []))
    elif what == 1:
        labels[first]["parent"], labels[second]["parent"] = names[second], names[first]
    elif what == 2:
        random.shuffle(labels)
    elif what == 3:
        labels[first] = labels[second]
    elif what == 4:
        del labels[first:]
    elif what == 5:
        labels.extend({"name": f"more {number}"} for number in range(10 ** random.randrange(5)))
    else:
        labels[first][random.choice(("iccs", "eurovoc"))] = random.choice(
            (["x"], [-1], [1.0], ["0903\n"], ["٣٣"], [10**400], 3)
        )
    return _sealed_model(parts, model)


def spec(random: Random, parts: Parts) -> bytes:
    """Bits and n-grams out of their range, turned or of another type."""
    model = _copied(parts.model)
    stated = model.get("spec") or (model.get("grams") or {}).get("spec") or model.get("adapters") or model
    key = random.choice(sorted(stated))
    pairs = ([5, 3], [0, 3], [1, 9], [3], [3, 5, 7], [3.0, 5.0], ["3", "5"], [True, 5], [1, 10**9], [-1, 1])
    stated[key] = random.choice((*pairs, 7, 8, 9, 22, 23, 40, 64, 2**31, -8, 8.0, "8", True, None, 10**400))
    return _sealed_model(parts, model)


def metadata_token(random: Random, parts: Parts) -> bytes:
    """A value of the metadata as text that no JSON writer gives: 1e999, 10^5 digits, a key twice, deep nesting."""
    model = _copied(parts.model)
    holder, key = _place(random, model)
    value = holder[key]
    holder[key] = "@@"
    depth = 10 ** random.randrange(1, 6)
    tokens = (
        *TOKENS,
        "[" * depth + "]" * depth,
        '{"a":' * depth + "1" + "}" * depth,
        '"\\ud800"',
        '"\\u0041"',
        "1.0",
        "true",
    )
    token = random.choice(tokens)
    if random.random() < 0.2 and isinstance(holder, dict):
        token = f"{canonical(value)},{json.dumps(key)}:{canonical(random.choice(ODD))}"
    text = canonical({"model": model, "sha256": "##"}).replace('"@@"', token, 1)
    try:
        found = digest(json.loads(text)["model"], parts.tensors)
    except (ValueError, RecursionError):
        found = "0" * 64
    return written(text.replace("##", found, 1), parts.tensors)


METADATA: Final = (
    version_number,
    kind,
    metadata_value,
    metadata_neighbour,
    metadata_keys,
    label_name,
    codebook,
    spec,
    metadata_token,
)


def _sealed_model(parts: Parts, model: Any) -> bytes:
    return sealed(model, parts.tensors)


def _copied(model: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(model))
    return found


def _labels(model: dict[str, Any]) -> list[dict[str, Any]]:
    """The labels of a codebook; vectors have none, and are given some."""
    if "codebook" not in model:
        model["codebook"] = {"name": "x", "version": "1", "labels": [{"name": "actor", "parent": None} for _ in "ab"]}
    labels: list[dict[str, Any]] = model["codebook"]["labels"]
    return labels


def _walk(value: Any) -> list[Any]:
    """All values below one."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for one in below for found in (one, *_walk(one))]


def _place(random: Random, model: dict[str, Any], *, leaves: bool = False) -> tuple[Any, Any]:
    """What holds some value of the metadata, and its key or index there; every level is as likely as another."""
    holder: Any = model
    while True:
        key = random.choice(sorted(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
        value = holder[key]
        if not isinstance(value, dict | list) or not value or (not leaves and random.random() < 0.25):
            return holder, key
        holder = value


def _deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value
