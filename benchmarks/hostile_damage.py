"""Mutations that leave the seal of a model file as it was: damage, and headers that lie about sound contents.

Each takes a random generator and the parts of a sound file, and returns the bytes of another.
"""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any, Final

from benchmarks.hostile_parts import Parts, canonical, framed, laid_out, split

LENGTHS: Final = (0, 1, 7, 2**16, 2**24 - 8, 2**24, 2**24 + 1, 2**31, 2**40, 2**63 - 1, 2**63, 2**64 - 8, 2**64 - 1)
NUMBERS: Final = (-1, -(2**63), 2**31, 2**40, 2**62, 2**63, 2**64, 2**70, 0, 1, 10**400)
TOKENS: Final = ("1e999", "-1e999", "NaN", "Infinity", "9" * 100_000, "0." + "1" * 100_000, "1e-400", "-0", "1E0", "01")
ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp1252")


def bit_of_length(random: Random, parts: Parts) -> bytes:
    return _flipped(parts.content, random.randrange(64))


def bit_of_header(random: Random, parts: Parts) -> bytes:
    return _flipped(parts.content, random.randrange(64, 64 + 8 * len(split(parts.content)[0])))


def bit_of_tensors(random: Random, parts: Parts) -> bytes:
    start = 8 + len(split(parts.content)[0])
    return _flipped(parts.content, random.randrange(8 * start, 8 * len(parts.content)))


def truncated(random: Random, parts: Parts) -> bytes:
    size = len(parts.content)
    return parts.content[: random.choice((random.randrange(size), random.randrange(min(64, size)), size - 1))]


def extended(random: Random, parts: Parts) -> bytes:
    more = (b"\0", b"\n", b" " * 8, random.randbytes(random.randrange(1, 100)), parts.content, b"\0" * 4096)
    return parts.content + random.choice(more)


def run_replaced(random: Random, parts: Parts) -> bytes:
    content, length = parts.content, 1 << random.randrange(8)
    at = random.randrange(len(content))
    from_elsewhere = content[(start := random.randrange(len(content))) : start + length]
    run = random.choice((bytes(length), b"\xff" * length, random.randbytes(length), from_elsewhere, b'"' * length))
    return content[:at] + run + content[at + len(run) :]


def bytes_inserted_or_deleted(random: Random, parts: Parts) -> bytes:
    content, at = parts.content, random.randrange(len(parts.content))
    put = random.randbytes(random.randrange(9))
    return content[:at] + put + content[at + random.randrange(9) :]


def declared_length(random: Random, parts: Parts) -> bytes:
    true = len(split(parts.content)[0])
    length = random.choice((*LENGTHS, true - 1, true + 1, true - 8, true + 8, len(parts.content), true * 256))
    return length.to_bytes(8, "little") + parts.content[8:]


def tensors_swapped_in_place(random: Random, parts: Parts) -> bytes:
    """The bytes of two tensors exchanged, or two runs of them."""
    header, data = split(parts.content)
    length = random.randrange(1, max(2, len(data) // 3))
    one = random.randrange(len(data) - 2 * length)
    two = random.randrange(one + length, len(data) - length + 1)
    ends = data[:one], data[one : one + length], data[one + length : two], data[two : two + length]
    return framed(header, ends[0] + ends[3] + ends[2] + ends[1] + data[two + length :])


def offsets(random: Random, parts: Parts) -> bytes:
    """Overlapping, negative, reversed, beyond the file, or with a gap."""
    outer = _copied(parts.outer)
    said = outer[_tensor(random, parts)]
    start, end = said["data_offsets"]
    other = outer[_tensor(random, parts)]["data_offsets"]
    lies = ([end, start], [-start, -end], [start, start], other, [start + 1, end + 1], [start, end + 1], [start])
    said["data_offsets"] = random.choice((*lies, [random.choice(NUMBERS), end], [start, random.choice(NUMBERS)]))
    return _with_header(outer, parts)


def shapes(random: Random, parts: Parts) -> bytes:
    """Huge ones, negative ones, ones of the same product, and none."""
    outer = _copied(parts.outer)
    said = outer[_tensor(random, parts)]
    true = said["shape"]
    huge = [random.choice(NUMBERS) for _ in range(random.randrange(4))]
    said["shape"] = random.choice(
        (huge, true[::-1], [1, *true], [*true, 1], true[:-1], [2**40], [True] * 2, [[]], "", 0)
    )
    return _with_header(outer, parts)


def dtypes(random: Random, parts: Parts) -> bytes:
    outer = _copied(parts.outer)
    said = outer[_tensor(random, parts)]
    said["dtype"] = random.choice(
        ("F64", "F32", "BF16", "F16", "I8", "U8", "BOOL", "i8", "", None, 1, ["F32"], "F32\0")
    )
    return _with_header(outer, parts)


def header_keys(random: Random, parts: Parts) -> bytes:
    """One missing, one more, or one under another name, at any level of the header."""
    outer = _copied(parts.outer)
    level = random.choice((outer, outer[_tensor(random, parts)], outer["__metadata__"]))
    key = random.choice(sorted(level))
    value = level.pop(key) if random.random() < 0.7 else level[key]
    if random.random() < 0.7:
        names = (key + "2", key.upper(), key + "\0", "ｔable", "", "x" * 100_000, "\ud800", "__metadata__", "format")
        level[random.choice(names)] = value
    return _with_header(outer, parts, escaped=True)


def header_keys_twice(random: Random, parts: Parts) -> bytes:
    """A key of the header given twice, at any level, with the same value or another."""
    header, data = split(parts.content)
    text = header.decode().rstrip()
    at = random.choice([at for at, character in enumerate(_skeleton(text)) if character == "{"]) + 1
    key, value = _first_pair(text[at:])
    other = random.choice((value, "{}", "null", '"F64"', "[2]", '{"g7classify":"{}"}'))
    return framed((text[:at] + f"{key}:{other}," + text[at:]).encode(), data)


def header_numbers(random: Random, parts: Parts) -> bytes:
    """A number of the header as true, a float, a string, or one that JSON cannot mean."""
    header, data = split(parts.content)
    text = header.decode().rstrip()
    start, end = random.choice([found.span() for found in re.finditer("[0-9]+", _skeleton(text))])
    number = text[start:end]
    alike = (f"{number}.0", f'"{number}"', "true", "false", f"{number}e0", f"0{number}", f"-{number}", f"{number}.5")
    return framed((text[:start] + random.choice((*alike, *TOKENS)) + text[end:]).encode(), data)


def header_style(random: Random, parts: Parts) -> bytes:
    """The same said in other bytes: white space, order, escapes, other encodings."""
    header, data = split(parts.content)
    outer = json.loads(header)
    items = list(outer.items())
    random.shuffle(items)
    text = random.choice(
        (
            json.dumps(outer, ensure_ascii=False, indent=random.randrange(3)),
            json.dumps(outer, ensure_ascii=True),
            json.dumps(dict(items), ensure_ascii=False),
            canonical(outer),
            " " * random.randrange(20) + header.decode() + "\n" * random.randrange(20),
            header.decode().replace("dtype", "\\u0064type", 1),
        )
    )
    encoding = random.choice(("utf-8", *ENCODINGS))
    return framed(text.encode(encoding, errors="replace"), data)


def nesting(random: Random, parts: Parts) -> bytes:
    """JSON of 10 to 10^5 levels in the header, or in the metadata, closed or not."""
    depth = 10 ** random.randrange(1, 6)
    opened, closed = random.choice((("[", "]"), ('{"a":', "}"), ('[{"model":', "}]")))
    deep = opened * depth + "1" + closed * random.choice((depth, 0))
    header, data = split(parts.content)
    inside = canonical({"__metadata__": {"g7classify": deep}} | laid_out(parts.tensors)[0])
    beside = header.decode().rstrip()[:-1] + f',"x":{deep}}}'
    return framed(random.choice((inside, beside, deep)).encode(), data)


def header_bomb(random: Random, parts: Parts) -> bytes:
    """Up to 16 MB of JSON, as small a text as makes as large objects as there are, at either level."""
    size = int(2 ** (10 + 14 * random.random() ** 3))
    bomb = random.choice(("[],", "{},", '{"":0},', "0,", '"",', '"é😀",', '{"a":[]},', "1.5,", "[[[]]],"))
    deep = "[" + (bomb * (size // len(bomb.encode())))[:-1] + "]"
    if random.random() < 0.15:
        deep = json.dumps("😀" + "a" * size, ensure_ascii=False)  # a str of four bytes a character
    outer, data = laid_out(parts.tensors)
    if random.random() < 0.5:
        text = f'{{"model":{{"FORMAT":{deep}}},"sha256":""}}'
        escaped = text.replace(",", "\\u002c") if random.random() < 0.2 else ""
        header = canonical({"__metadata__": {"g7classify": text}} | outer)
        if escaped:
            header = header.replace(json.dumps(text, ensure_ascii=False), json.dumps(text).replace(",", "\\u002c"))
        return framed(header.encode()[: 1 << 24], data)
    return framed((canonical(parts.outer)[:-1] + f',"x":{deep}}}').encode(), data)


def metadata_text(random: Random, parts: Parts) -> bytes:
    """The metadata as other JSON that says the same, or nothing, under the old digest."""
    text = parts.outer["__metadata__"]["g7classify"]
    value = json.loads(text)
    seal = random.choice(("", "0" * 64, None, 1, ["x"], value["sha256"].upper()))
    others = (
        json.dumps(value, ensure_ascii=False, sort_keys=True),
        json.dumps(value, sort_keys=True, separators=(",", ":")).replace("é", "\\u00e9"),
        canonical({"sha256": value["sha256"], "model": dict(reversed(value["model"].items()))}),
        text + random.choice((" ", "\n", "\0", "{}", "\ufeff")),
        "\ufeff" + text,
        text.replace('"FORMAT":1', random.choice(('"FORMAT":1,"FORMAT":1', '"FORMAT":1.0', '"FORMAT":true')), 1),
        canonical(value | {"more": 1}),
        canonical({"model": value["model"]}),
        canonical({"model": value["model"], "sha256": seal}),
        random.choice(("", "null", "[]", "1", '"x"', "{", '{"model":1,"sha256":""}', '{"model":[],"sha256":""}')),
    )
    outer = _copied(parts.outer)
    outer["__metadata__"]["g7classify"] = random.choice(others)
    return _with_header(outer, parts)


def spliced(random: Random, parts: Parts) -> bytes:
    """Another kind of file altogether, or one grown into this one."""
    content, at = parts.content, random.randrange(len(parts.content))
    signs = (
        b"PK\x03\x04",
        b"\x80\x04\x95",
        b"\x93NUMPY\x01\x00",
        b"PAR1",
        b"version https://git-lfs.github.com/spec/v1\n",
    )
    return random.choice(
        (random.choice(signs) + content, content[at:] + content[:at], content[at:], random.randbytes(at))
    )


DAMAGE: Final = (
    bit_of_length,
    bit_of_header,
    bit_of_tensors,
    truncated,
    extended,
    run_replaced,
    bytes_inserted_or_deleted,
    declared_length,
    tensors_swapped_in_place,
    offsets,
    shapes,
    dtypes,
    header_keys,
    header_keys_twice,
    header_numbers,
    header_style,
    nesting,
    header_bomb,
    metadata_text,
    spliced,
)


def _flipped(content: bytes, bit: int) -> bytes:
    at = bit // 8
    return content[:at] + bytes([content[at] ^ 1 << bit % 8]) + content[at + 1 :]


def _tensor(random: Random, parts: Parts) -> str:
    return random.choice(sorted(parts.tensors))


def _copied(outer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(outer))
    return found


def _with_header(outer: dict[str, Any], parts: Parts, *, escaped: bool = False) -> bytes:
    header = json.dumps(outer, ensure_ascii=escaped, separators=(",", ":"))
    return framed(header.encode(), split(parts.content)[1])


def _skeleton(text: str) -> str:
    """JSON of the same length with its strings blanked."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "_" * len(found[0]), text)


def _first_pair(text: str) -> tuple[str, str]:
    """The first key of an object, in quotes, and its value as text."""
    decoder = json.JSONDecoder()
    key, end = decoder.raw_decode(text)
    value, _ = decoder.raw_decode(text[end + 1 :])
    return json.dumps(key), json.dumps(value, ensure_ascii=False, separators=(",", ":"))
