"""Encodings of text: which are known, and which one bytes look like that are no UTF-8."""

from __future__ import annotations

import codecs
from typing import Final

from g7classify.errors import InputTypeError, OptionError

# Hiragana and katakana lead with these two bytes in Shift-JIS; in Windows-1252 they are a low quote and a florin.
_KANA_LEADS: Final = (0x82, 0x83)

# Of domain names and of program text. What they cannot decode is no UnicodeDecodeError, or a warning.
_NO_FILES: Final = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape"))


def checked(encoding: str) -> str:
    """The name under which Python knows an encoding: `utf-8` for all that UTF-8 is called, with a byte order mark too.

    Raises:
        InputTypeError: it is no str.
        OptionError: Python does not, or not as one of text that files hold.
    """
    if not isinstance(encoding, str):
        raise InputTypeError(f"encoding: expected a str such as utf-8 or cp1252, got {type(encoding).__name__}")
    try:
        b"a".decode(encoding, "ignore")  # not of nothing: that would not even look the codec up
    except (LookupError, ValueError) as error:
        raise OptionError(f"encoding {encoding!r:.100}: {error}; try utf-8, utf-16 or cp1252") from error
    name = codecs.lookup(encoding).name
    if name in _NO_FILES:
        raise OptionError(f"encoding {encoding!r:.100}: no file is written in it; try utf-8, utf-16 or cp1252")
    return "utf-8" if name == "utf-8-sig" else name


def hint(content: bytes) -> str:
    """What to do about bytes that are no UTF-8."""
    guess = guessed(content)
    looks = f"it looks like {guess}: give --encoding {guess}, or " if guess else ""
    return f"{looks}convert the file to UTF-8"


def guessed(content: bytes) -> str | None:
    """The encoding that bytes which are no UTF-8 look like: UTF-16, Shift-JIS or Windows-1252; None if none of them."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    part = content[: 2**16]
    even, odd = part[::2].count(0), part[1::2].count(0)
    if max(even, odd) > len(part) / 8:  # a quarter of the characters are Latin; in Japanese spaces and digits are
        return "utf-16-be" if even > odd else "utf-16-le"
    if 0 in content:
        return None
    kana = sum(part.count(lead) for lead in _KANA_LEADS)
    for encoding, likely in (("cp932", kana > 1), ("cp1252", True)):
        if likely and _decodes(content, encoding):
            return encoding
    return None


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
