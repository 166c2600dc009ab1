"""Split texts into sentences: half-open spans of code points into the untouched text.

The work is done by one of two twins, as the kernel's is (see kernel.py): compiled, or the readable `_sentences`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import InputTypeError
from g7classify.kernel import compiled
from g7classify.languages import LANGUAGES, by_code

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

if compiled():
    from g7classify._splitter import guess, split_texts, split_utf8
else:
    from g7classify._sentences import guess, split_texts, split_utf8


class Splits(NamedTuple):
    """The m sentences of n texts."""

    languages: NDArray[np.uint8]
    """(n,) place in `languages.LANGUAGES` of the language whose rules split the text."""
    first: NDArray[np.int64]
    """(n + 1,) the sentences of text i are rows first[i] to first[i + 1] of the others."""
    spans: NDArray[np.int64]
    """(m, 2) half-open, in code points of the text."""
    bytes: NDArray[np.int64]
    """(m, 2) half-open, in bytes of the text's UTF-8, in which a lone surrogate takes three."""


def guess_language(text: str) -> str:
    """Return the ISO 639-1 code of the language that a text is most likely in.

    Looks at the first 4,096 code points: kana means Japanese, function words and letters decide between the others.
    Ties go to the first in the order of `LANGUAGES`; a text without any hint counts as English.

    Raises:
        InputTypeError: text is not a str.
    """
    _check(text)
    return LANGUAGES[guess(text)].code


def split(text: str, *, language: str | None = None) -> list[tuple[int, int]]:
    """Return the sentences of a text as half-open spans of code points into it.

    Spans are in order, do not overlap, begin and end with a visible code point and cover all of them. An empty line
    always ends a sentence, so paragraphs can be split apart or together.

    Args:
        text: any str; lone surrogates and control characters pass through.
        language: ISO 639-1 code of the table to use; None has it guessed by `guess_language`.

    Raises:
        InputTypeError: text is not a str.
        OptionError: there is no table for the language.
    """
    _check(text)
    return [(start, end) for start, end in split_many([text], language=language).spans.tolist()]


def split_many(texts: Sequence[str], *, language: str | None = None) -> Splits:
    """Return the sentences of many texts, each split as `split` does, in arrays.

    Args:
        texts: n of them; lone surrogates and control characters pass through.
        language: ISO 639-1 code of the table to use for all; None has it guessed for each text.

    Raises:
        InputTypeError: `texts` is one str or bytes instead of a sequence of str, or an item is not a str.
        OptionError: there is no table for the language.
    """
    return Splits(*split_texts(texts, _place(language)))


def split_column(data: Buffer, offsets: Buffer, *, language: str | None = None) -> Splits:
    """Return the sentences of the texts of an Arrow column of strings, without a copy of it.

    Args:
        data: the UTF-8 of all texts.
        offsets: int32 or int64 (n + 1,): text i is data[offsets[i] : offsets[i + 1]].
        language: as in `split_many`.

    Raises:
        InputTypeError: not contiguous buffers, or offsets of another type.
        OptionError: no offsets, or there is no table for the language.
        TextError: offsets that fall or leave the data; bytes that are not UTF-8.
    """
    return Splits(*split_utf8(data, offsets, _place(language)))


def _place(language: str | None) -> int:
    return -1 if language is None else LANGUAGES.index(by_code(language))


def _check(text: str) -> None:
    if not isinstance(text, str):
        raise InputTypeError(f"text must be a str, not {type(text).__name__}; decode bytes first, e.g. data.decode()")
