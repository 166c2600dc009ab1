"""Texts that were made to cost much, and ordinary text to compare them with; all of one size in bytes of UTF-8."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import cycle

from benchmarks.samples import SEEDS
from g7classify.learn.dataset import Dataset

LETTERS = "abcdefghijklmnopqrstuvwxyz"
IDEOGRAPHS = range(0x4E00, 0x9FA6)

# One piece, as often as it fits.
REPEATED = {
    "one word": "a",
    "spaces": " ",
    "newlines": "\n",
    "line ends": "\r\n",
    "no-break spaces": "\u00a0",
    "full stops": ".",
    "full stops apart": ". ",
    "ellipses": "... ",
    "exclamations": "! ",
    "quotes": '"',
    "brackets": "(",
    "stop and quote": ". » ",
    "open quotes": "« a ",
    "Japanese brackets": "「",
    "Japanese stops": "。",
    "stops in brackets": "「。",
    "stops and brackets": "。）",
    "digits": "1",
    "combining marks": "\u0301",
    "families": "👩\u200d👩\u200d👧\u200d👦 ",
    "hashtags": "#G7 ",
    "addresses": "https://example.org/a.b?c=d ",
    "one ideograph": "警",
    "scripts in turn": "a警",
    "initials": "M. ",
    "abbreviations": "p. ex. ",
    "German abbreviations": "z. B. ",
    "states": "U.S. ",
    "dotted letters": "a.",
    "short sentences": "A! ",
    "ordinals": "3. ",
    "numbered items": "1. a\n",
    "dashed items": "- a\n",
    "lines of a letter": "a\n",
    "lines of a clause": "a;\n",
    "letters apart": "I\x1d",
    "lines of a stop": ".\n",
    "long lines": "word " * 19 + "\n",
    "Turkish letters": "ıİ",
    "ligatures": "\ufdfa",
    "eights": "Ⅷ",
    "Hangul in parts": "\u1112\u1161\u11ab",
    "right to left": "\u202eشرطة ",
    "Thai": "ตำรวจ",
    "half-width kana": "ｶﾞ",
}


def _words(length: int) -> Callable[[random.Random], str]:
    return lambda chance: "".join(chance.choices(LETTERS, k=length)) + " "


# A new piece each time, so that no cache and no set of what was seen helps.
RANDOM: dict[str, Callable[[random.Random], str]] = {
    "letters": lambda chance: chance.choice(LETTERS),
    "random digits": lambda chance: chance.choice("0123456789"),
    "words of two letters": _words(2),
    "words of six letters": _words(6),
    "words of thirty letters": _words(30),
    "ideographs": lambda chance: chr(chance.choice(IDEOGRAPHS)),
    "rare ideographs": lambda chance: chr(chance.randrange(0x20000, 0x2A6D7)),
    "any characters": lambda chance: chr(
        chance.choice((chance.randrange(32, 0x590), chance.randrange(0x3000, 0xD7A4)))
    ),
}


def cut(text: str, size: int) -> str:
    """The beginning of a text that has so many bytes, or up to three fewer."""
    return text.encode()[:size].decode("utf-8", "ignore")


def filled(pieces: Callable[[], str], size: int) -> str:
    """Pieces in a row."""
    found: list[str] = []
    length = 0
    while length < size:
        found.append(pieces())
        length += len(found[-1].encode())
    return cut("".join(found), size)


def ordinary(size: int) -> str:
    """The sentences of the labelled corpus, one after the other, in an order that mixes languages."""
    texts = list(Dataset.read(SEEDS).texts)
    random.Random(0).shuffle(texts)
    one_by_one = cycle(texts)
    return filled(lambda: next(one_by_one) + " ", size)


def adversarial(size: int) -> dict[str, str]:
    """Every text that was made to cost much, by name."""
    repeated = {name: cut(piece * (size // len(piece.encode()) + 1), size) for name, piece in REPEATED.items()}
    made = {}
    for name, piece in RANDOM.items():
        chance = random.Random(name)
        made[name] = filled(lambda piece=piece, chance=chance: piece(chance), size)  # type: ignore[misc]
    return repeated | made
