"""Does a line break end a sentence? Blank lines, list items, headings, headlines and hard-wrapped prose.

One headline a line and prose wrapped at 60 to 100 columns look alike line by line: a capital may follow either.
What tells them apart is the paragraph: in wrapped prose some lines go on in lower case or stop at a word that cannot
end a sentence, and all are about as long as the longest. Every look at the text is bounded by a constant.
"""

from __future__ import annotations

import re
from typing import Final

from g7classify.characters import (
    BREAKS,
    BULLETS,
    CLOSE,
    DASH,
    HIRAGANA,
    IDEOGRAPH,
    LOWER,
    NEVER_FIRST,
    OPEN,
    OPEN_ENDS,
    PAUSE,
    QUOTE,
    SPACE,
    SPACES,
    STOPS,
    classify,
)
from g7classify.languages import Language

_HEADLINE_COLUMNS: Final = 45
"""A line shorter than this (code points) was not broken for want of room."""
_WIDE_HEADLINE_COLUMNS: Final = 28
"""The same for Japanese, whose characters take two columns."""
_LIST_COLUMNS: Final = 60
"""A colon or semicolon at the end of a shorter line belongs to a list."""
_COMMON_WORD_COLUMNS: Final = 25
"""From this length on a line that stops at a function word goes on."""
_WINDOW: Final = 1000
"""Code points of a paragraph that one reading looks at."""
_WINDOW_LINES: Final = 12
"""Lines of a paragraph that one reading looks at."""
_WORD: Final = 12
"""Longest function word that is looked for at the end of a line."""
_ITEM_WINDOW: Final = 16
"""Code points at the start of a line in which the marker of a list item must lie."""

_BREAK: Final = re.compile(f"[{BREAKS}]")
_BREAK_RUN: Final = re.compile(f"[{BREAKS}][{SPACES}{BREAKS}]*")
_ITEM: Final = re.compile(
    rf"[{BULLETS}]"
    r"|(?P<dot>・)"
    r"|(?P<dash>[-–—])[ \t\xa0]"
    r"|[*+·][ \t\xa0]"
    r"|#{1,6} "
    r"|(?P<number>[0-9]{1,3}(?:\.[0-9]{1,2}){0,3}[.)])[ \t\xa0\u3000]"
    r"|[0-9０-９]{1,3}[．）]"
    r"|[(（](?:[0-9０-９]{1,3}|[a-z]|[ivx]{2,4})[)）]"
    r"|(?:[A-Za-z]|[ivx]{2,4})\)[ \t\xa0]"
    r"|[IVX]{2,5}\.[ \t\xa0]"
    r"|[一二三四五六七八九十]{1,3}\u3000"
)


def is_blank(text: str, at: int, after: int) -> bool:
    """Say whether the white space text[at:after], which begins with a line break, holds an empty line."""
    rest = at + 2 if text.startswith("\r\n", at) else at + 1
    return text[at] == "\u2029" or _BREAK.search(text, rest, after) is not None


class Paragraph:
    """What has been read of the lines of the paragraph at hand."""

    __slots__ = ("_joins", "_longest", "_read", "_shortest", "_splits", "_until")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all: a new paragraph begins."""
        self._until = self._read = self._joins = self._splits = self._longest = 0
        self._shortest = _WINDOW

    def wraps(self, length: int) -> bool:
        """Say whether a line of so many code points was broken for want of room."""
        # Twice as many capitals as joins: in German about half of the wrapped lines begin with a noun.
        return self._joins > 0 and self._splits <= 2 * self._joins and 4 * length >= 3 * self._longest

    def is_even(self) -> bool:
        """Say whether the lines are equally long, as wrapped Japanese is."""
        return self._read >= 2 and self._longest - self._shortest <= 2

    def look(self, text: str, begin: int, at: int, language: Language) -> None:
        """Read on from the break at `at`, unless an earlier reading went beyond it: so no line is read twice."""
        if at < self._until:
            return
        limit = min(len(text), at + _WINDOW)
        for count, match in enumerate(_BREAK_RUN.finditer(text, at, limit)):
            stop, after = match.span()
            if after == limit or count == _WINDOW_LINES or is_blank(text, stop, after):
                break
            self._until = stop + 1
            last = _last_visible(text, begin, stop)
            if text[last] not in STOPS:
                length = stop - begin
                self._read += 1
                self._longest = max(self._longest, length)
                self._shortest = min(self._shortest, length)
                if text[last] not in ";:":
                    if classify(text[after]) == LOWER or _last_word(text, begin, last) in language.common:
                        self._joins += 1
                    else:
                        self._splits += 1
            begin = after


def _last_visible(text: str, begin: int, stop: int) -> int:
    """Return where the last visible code point of a line stands, looking back over a few spaces only."""
    last = stop - 1
    floor = max(begin, stop - _WORD)
    while last > floor and classify(text[last]) == SPACE:
        last -= 1
    return max(last, 0)


def _last_word(text: str, begin: int, last: int) -> str:
    """Return the word, in lower case, that ends at `last`; an empty string if it is too long to matter."""
    tail = text[max(begin, last + 1 - _WORD) : last + 1].split(" ")
    return tail[-1].lower() if len(tail) > 1 else ""


def _is_item(text: str, begin: int, at: int, after: int, last: int, language: Language) -> bool:
    """Say whether the line at `after` begins with the marker of a list item or with a Markdown heading."""
    match = _ITEM.match(text, after, after + _ITEM_WINDOW)
    if match is None:
        return False
    if match["dash"]:
        # A dash in wrapped prose also falls at a line start; then lower case follows a long line without a stop.
        follower = text[match.end() : match.end() + 1]
        return not (
            follower
            and classify(follower) == LOWER
            and text[last] not in ":;,.!?…"
            and at - begin >= _HEADLINE_COLUMNS
            and classify(text[begin]) != DASH
        )
    if match["dot"]:
        # The dot of a list also parts the words of a name.
        return text[begin] == "・" or at - begin < _WIDE_HEADLINE_COLUMNS or text[last] in "。：:"
    if match["number"]:
        word = text[match.end() : match.end() + _WORD].split(" ")[0].rstrip(".,").lower()
        return word not in language.calendar and _last_word(text, begin, last) not in language.common
    return True


def ends_sentence(text: str, begin: int, at: int, after: int, language: Language, paragraph: Paragraph) -> bool:
    """Say whether a line break ends a sentence that no stop has ended.

    Args:
        text: the whole text.
        begin: where the line before the break begins.
        at: where the break stands.
        after: where the next visible code point stands; less than len(text).
        language: its table.
        paragraph: the state of the paragraph; forgotten here at an empty line.
    """
    if is_blank(text, at, after):
        paragraph.reset()
        return True
    paragraph.look(text, begin, at, language)
    last = _last_visible(text, begin, at)
    if _is_item(text, begin, at, after, last, language):
        return True
    char = text[last]
    kind, head = classify(char), classify(text[after])
    if char in STOPS or (kind in (QUOTE, CLOSE) and last > begin and text[last - 1] in STOPS):
        return False
    length = at - begin
    if char in ";；:：":
        return head != LOWER or length < _LIST_COLUMNS or not paragraph.wraps(length)
    wide = kind in (IDEOGRAPH, HIRAGANA) or head in (IDEOGRAPH, HIRAGANA) or language.code == "ja"
    if head == LOWER and not wide:
        return False
    if wide:
        if text[after - 1] == "\u3000":
            return True
        if text[after] in NEVER_FIRST:
            return False
        if length < _WIDE_HEADLINE_COLUMNS:
            return True
        return char not in OPEN_ENDS and not paragraph.is_even()
    if kind in (PAUSE, DASH, OPEN) or char in "'’":
        return False
    if length >= _COMMON_WORD_COLUMNS and _last_word(text, begin, last) in language.common:
        return False
    return length < _HEADLINE_COLUMNS or not paragraph.wraps(length)
