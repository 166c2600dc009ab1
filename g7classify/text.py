"""The canonical form of a sentence, as one frozen table that the NumPy twin and the C kernel share.

A code point below 0x10000 becomes zero to four canonical code points: its compatibility form (full-width
letters, ligatures, half-width kana), case folded, without accents; marks and invisible characters (soft hyphen,
zero width, bidi controls) become nothing. Each canonical code point has a class:

- SEPARATOR  white space, punctuation, symbols, controls (NUL too): ends a token
- WORD       letters and digits of scripts that put spaces between words
- UNSPACED   kana, ideographs, Thai and their like: a run of them is one token

Above 0xFFFF nothing is folded: planes 2 and 3 (rare ideographs) are UNSPACED, the rest (emoji) is SEPARATOR.
The table is derived from Unicode 3.2 by training/folding.py. It is part of the model format: see FEATURES.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from g7classify.errors import InputTypeError, TextError

SEPARATOR: Final = 0
WORD: Final = 1
UNSPACED: Final = 2

_TABLE = load(Path(__file__).with_name("folding.safetensors").read_bytes())  # importlib.resources takes 5 ms to import
OFFSETS = _TABLE["offsets"]
FOLDED = _TABLE["folded"]
CLASSES = _TABLE["classes"]


def fold(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.int64]]:
    """The canonical form of n code points.

    Folding the canonical form again changes nothing: training/folding.py derives the table so.

    Returns:
        The m canonical code points, their classes, and the index in 0..n-1, never falling, of the code point that each
        is the form of.
    """
    low = np.minimum(codes, 0xFFFF)
    first = OFFSETS[low]
    length = OFFSETS[low + 1] - first
    source = np.arange(len(codes))
    if (length != 1).any():
        source = np.repeat(source, length)
        codes, first = codes[source], first[source]
        starts = np.cumsum(length) - length
        first = first + (np.arange(len(codes)) - np.repeat(starts, length)).astype(np.uint32)
    folded = np.where(codes > 0xFFFF, codes, FOLDED[first])
    classes = CLASSES[np.minimum(folded, 0xFFFF)]
    high = folded > 0xFFFF
    if high.any():
        plane = folded[high] >> 16
        classes[high] = np.where((plane == 2) | (plane == 3), UNSPACED, SEPARATOR)
    return folded, classes, source


def check_strings(texts: Sequence[Any]) -> None:
    """Refuse what is no sequence of str, naming the first offender; lone surrogates pass.

    Raises:
        InputTypeError: `texts` is one str or bytes instead of a sequence of str, or an item is not a str.
    """
    _check_sequence(texts)
    for i, text in enumerate(texts):
        _check_string(text, name=f"texts[{i}]")


def check_texts(texts: Sequence[Any]) -> None:
    """Refuse what cannot be tagged, naming the first offender.

    Raises:
        InputTypeError: `texts` is one str or bytes instead of a sequence of str, or an item is not a str.
        TextError: an item holds a lone surrogate, which no UTF-8 text can.
    """
    _check_sequence(texts)
    for i, text in enumerate(texts):
        check_text(text, name=f"texts[{i}]")


def check_text(text: str, *, name: str = "text") -> str:
    """The text, if it can be tagged; `name` is what the message calls it.

    Raises:
        InputTypeError: the text is not a str.
        TextError: the text holds a lone surrogate.
    """
    _check_string(text, name=name)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise TextError(
            f"{name}: lone surrogate U+{code:04X} at offset {error.start}; it is no character, so the text was decoded "
            "wrongly: decode it as UTF-8 with errors='replace', or drop the surrogate"
        ) from None
    return text


def _check_sequence(texts: Any) -> None:
    if isinstance(texts, (str, bytes, bytearray)):
        raise InputTypeError(f"expected a sequence of str, got one {type(texts).__name__}; pass [text] for one text")
    if not (hasattr(texts, "__len__") and hasattr(texts, "__iter__")):
        raise InputTypeError(
            f"expected a sequence of str, got {type(texts).__name__}; pass list(texts) for an iterable"
        )


def _check_string(text: Any, *, name: str) -> None:
    if not isinstance(text, str):
        hint = "; decode it first, e.g. with .decode('utf-8')" if isinstance(text, (bytes, bytearray)) else ""
        raise InputTypeError(f"{name}: expected str, got {type(text).__name__}{hint}")
