"""Derive `g7classify/folding.safetensors`, the table behind the canonical form of a sentence.

The table is a function of Unicode 3.2, which every CPython carries unchanged as `unicodedata.ucd_3_2_0`, so
that this derivation gives the same bytes on every Python; tests/training/test_folding.py holds it to that.
Run as `python -m training.folding` after a change here, and raise FEATURES: old models need the old table.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from unicodedata import ucd_3_2_0 as ucd

import numpy as np
from safetensors.numpy import save

from g7classify import text

PATH = Path(text.__file__).with_name("folding.safetensors")

# Longer expansions (U+FDFA is 18 letters) are ligatures of scripts that we do not serve.
LONGEST = 4

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, CJK marks of repetition and
# iteration, kana, bopomofo, CJK ideographs (also those assigned after Unicode 3.2) and compatibility ideographs.
UNSPACED_RANGES = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3031, 0x3035),
    (0x303B, 0x303C),
    (0x3041, 0x312F),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
)
# Soft hyphen, zero-width space and joiners, bidi controls, variation selectors: not all were format characters in 3.2.
INVISIBLE = ((0x00AD, 0x00AD), (0x061C, 0x061C), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F))
# Letters that have no decomposition but are typed plainly often enough; capital sharp s came with Unicode 5.1.
SPELLED_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ẞ": "ss"})
# Letters assigned after Unicode 3.2 are words too, but not in the blocks of punctuation and symbols.
SYMBOL_BLOCKS = ((0x2000, 0x2BFF), (0x2E00, 0x303F), (0xD800, 0xF8FF), (0xFE00, 0xFE0F), (0xFFF0, 0xFFFF))


def within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether a code point lies in one of the inclusive ranges."""
    return any(first <= code <= last for first, last in ranges)


def fold(code: int) -> str:
    """The canonical form of one code point, "" = deleted: `fold_once` until nothing changes."""
    folded = fold_once(code)
    while (again := "".join(fold_once(ord(char)) for char in folded)) != folded:
        folded = again
    return folded


def fold_once(code: int) -> str:
    """Compatibility form, case folded, accents and marks off.

    Accents are dropped because capitals ("ETAT"), decomposed text and plain-ASCII typing lose them anyway.
    """
    char = chr(code)
    category = ucd.category(char)
    if category in ("Mn", "Me", "Cf") or within(code, INVISIBLE):
        return ""
    if category in ("Cs", "Co"):
        return " "
    compatible = ucd.normalize("NFKC", char).casefold().translate(SPELLED_OUT)
    bare = "".join(c for c in ucd.normalize("NFD", compatible) if not 0x0300 <= ord(c) <= 0x036F)
    folded = ucd.normalize("NFC", bare)
    return folded if 0 < len(folded) <= LONGEST and all(ord(c) < 0x10000 for c in folded) else char


def kind(code: int) -> int:
    """The class of a canonical code point: SEPARATOR, WORD or UNSPACED."""
    category = ucd.category(chr(code))
    if within(code, UNSPACED_RANGES) and category[0] not in "PS":
        return text.UNSPACED
    if category[0] in "LN" or category == "Mc" or (category == "Cn" and not within(code, SYMBOL_BLOCKS)):
        return text.WORD
    return text.SEPARATOR


def derive() -> bytes:
    """The bytes of the table: `offsets` (65537,), `folded` (m,) and `classes` (65536,)."""
    parts = [fold(code) for code in range(0x10000)]
    offsets = np.zeros(0x10001, dtype=np.uint32)
    offsets[1:] = np.cumsum([len(part) for part in parts])
    folded = np.array([ord(c) for part in parts for c in part], dtype=np.uint16)
    classes = np.array([kind(code) for code in range(0x10000)], dtype=np.uint8)
    return save(
        {"offsets": offsets, "folded": folded, "classes": classes}, {"unicode": unicodedata.ucd_3_2_0.unidata_version}
    )


if __name__ == "__main__":
    PATH.write_bytes(derive())
