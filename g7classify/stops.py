"""Does a run of stops end a sentence, and where? Abbreviations, numbers, initials, ellipses, marks, closing quotes.

Every look at the text is bounded by a constant: the token before the run, the closing marks after it, the next visible
code point and the word or two that begin there.
"""

from __future__ import annotations

import re
from typing import Final

from g7classify.abbreviations import TOKEN, abbreviation, is_roman, is_word, token_before, word_at, word_before
from g7classify.characters import (
    BREAK,
    BREAKS,
    CLOSE,
    CLOSERS,
    DASH,
    DIGIT,
    HIRAGANA,
    IDEOGRAPH,
    LEADS,
    LOWER,
    OPEN,
    OTHER,
    PARTICLES,
    PAUSE,
    QUOTE,
    SPACE,
    SPACES,
    STOP,
    UPPER,
    WIDE_CLOSERS,
    WIDE_STOPS,
    classify,
)
from g7classify.languages import Language

_CLOSERS: Final = 8
"""Most closing marks after a stop."""
_OPENERS: Final = 6
"""Most opening marks before the next word."""
_MARKER: Final = 28
"""Longest marker ("Article 5.", "IV.") that may begin a sentence."""

_SKIP: Final = re.compile(f"[{SPACES}{BREAKS}]*")
_BLANKS: Final = frozenset(SPACES + BREAKS)
_CLOSING: Final = frozenset(CLOSERS)
_WIDE_CLOSING: Final = frozenset(WIDE_CLOSERS)
_FOOTNOTE: Final = re.compile(r"\[[0-9]{1,3}\]")
_NOTE_NUMBER: Final = re.compile(f"[0-9]{{1,3}}(?=[{SPACES}{BREAKS}])")


def skip(text: str, at: int) -> int:
    """Return where the next visible code point stands, or len(text)."""
    found = _SKIP.match(text, at)
    return found.end() if found else at


def find_end(text: str, start: int, at: int, after: int, language: Language) -> tuple[int, int] | None:
    """Return where a sentence ends and the next begins, if the run of stops text[at:after] ends one.

    Args:
        text: the whole text.
        start: where the sentence at hand begins.
        at: where the run begins.
        after: where it ends.
        language: its table.

    Returns:
        The end of the sentence with its closing marks and the start of the next one, or None. None also where nothing
        follows: then the end of the text ends the sentence.
    """
    size = len(text)
    # Most stops have a space and a letter after them; that is tested first, here and below, to save a call.
    end = after if after < size and text[after] == " " else _close(text, after)
    if end == size:
        return None
    if text[end] in _BLANKS:
        following = end + 1
        if following == size or text[following] in _BLANKS:
            following = skip(text, following)
        if following < size and following == end + 1 and text[following] in language.spaced_closers:
            end = _close(text, following)
            if end == size or text[end] not in _BLANKS:
                return None
            following = skip(text, end)
        if following == size:
            return None
    else:
        following = end
    char = text[at]
    if _is_wide(text, at, after, end):
        ends = _wide_ends(text, at, after, end, following)
    elif following == end:
        return _glued_end(text, at, after, end, language)
    else:
        head_at, head = following, classify(text[following])
        if head not in (UPPER, LOWER):
            head_at = _head(text, following)
            head = classify(text[head_at]) if head_at < size else BREAK
        if head == LOWER:
            ends = (
                head_at == following and char == "." and _is_camel(text, head_at) and is_word(text, start, at, language)
            )
        elif head in (PAUSE, CLOSE, BREAK) or (head == STOP and head_at == following):
            ends = False
        elif char == "." and after == at + 1 and at > start:
            ends = _full_stop_ends(text, start, at, following, head_at, head, language)
        else:
            ends = _mark_ends(text, start, at, after, head_at, head, language)
    return (end, following) if ends else None


def _close(text: str, at: int) -> int:
    """Return where the closing marks and footnote references that begin at `at` end."""
    end = at
    limit = min(len(text), at + _CLOSERS)
    closing = _WIDE_CLOSING if text[at - 1] in WIDE_STOPS else _CLOSING
    while end < limit and text[end] in closing:
        end += 1
    if end < len(text) and text[end] == "[":
        note = _FOOTNOTE.match(text, end, end + _CLOSERS)
        if note:
            return note.end()
    return end


def _head(text: str, at: int) -> int:
    """Return where the first code point after opening marks and dashes stands; len(text) if there is none."""
    limit = min(len(text), at + _OPENERS)
    while at < limit and classify(text[at]) in (OPEN, QUOTE, DASH, SPACE):
        at += 1
    return at


def _starts_sentence(text: str, at: int, language: Language) -> bool:
    """Say whether a capitalised word that commonly begins a sentence stands at `at`."""
    word = word_at(text, at).lower()
    if word not in language.starters or (len(word) == 1 and text.startswith(".", at + 1)):
        return False
    if word not in language.particles:
        return True
    # "Le Pen" is a name and "Le parquet" begins a sentence: the word after the particle decides.
    beyond = at + len(word) + 1
    return beyond >= len(text) or classify(text[beyond]) != UPPER


def _is_camel(text: str, at: int) -> bool:
    """Say whether a name such as eBay or al-Shabaab stands at `at`."""
    for char in text[at + 1 : at + 4]:
        kind = classify(char)
        if kind == UPPER:
            return True
        if kind not in (LOWER, DASH):
            return False
    return False


def _is_wide(text: str, at: int, after: int, end: int) -> bool:
    """Say whether a run of stops is one of Chinese or Japanese typography, which needs no space after it."""
    if text[after - 1] in WIDE_STOPS or text[at] in WIDE_STOPS:
        return True
    if text[at] == "." or text[end] in _BLANKS:
        return False
    return at > 0 and classify(text[at - 1]) in (IDEOGRAPH, HIRAGANA) and classify(text[end]) in (IDEOGRAPH, HIRAGANA)


def _wide_ends(text: str, at: int, after: int, end: int, following: int) -> bool:
    """Decide on a run of Chinese or Japanese stops."""
    char = text[at]
    if char == "．" and (at == 0 or classify(text[at - 1]) not in (IDEOGRAPH, HIRAGANA, CLOSE, QUOTE)):
        return False  # a decimal point, or the stop of a list marker
    if text[after - 1] == "…" and following == end:
        return False
    head = text[following]
    kind = classify(head)
    if kind in (PAUSE, CLOSE):
        return False
    if following > end or (char in "。｡" and end == after):
        return True
    if head in PARTICLES and following + 1 < len(text):
        return classify(text[following + 1]) not in (IDEOGRAPH, OTHER) and not text.startswith(
            ("という", "といった", "って", "との"), following
        )
    return True


def _glued_end(text: str, at: int, after: int, end: int, language: Language) -> tuple[int, int] | None:
    """Find an end where the space after a full stop is missing or a footnote number stands there."""
    if text[at] != "." or after != at + 1 or end != after:
        return None
    floor = max(0, at - TOKEN)
    kind = classify(text[end])
    if kind == DIGIT:
        note = _NOTE_NUMBER.match(text, end, end + 4)
        if note is None or not is_word(text, floor, at, language):
            return None
        end = note.end()
        following = skip(text, end)
        head_at = _head(text, following)
        if head_at == len(text) or classify(text[head_at]) != UPPER:
            return None
        return end, following
    # "autorités belges.Le juge": two letters at least, so that initials and file names stay whole.
    if kind != UPPER or end + 1 >= len(text) or classify(text[end + 1]) != LOWER:
        return None
    return (end, end) if is_word(text, floor, at, language) else None


def _mark_ends(text: str, start: int, at: int, after: int, head_at: int, head: int, language: Language) -> bool:
    """Decide on question marks, exclamation marks and ellipses before anything but lower case."""
    if at == start:
        return False
    before = text[at - 1]
    if before in "([" and after < len(text) and text[after] in ")]":
        return False
    if text[at] in ".…" and text[after - 1] in ".…":
        if head == DIGIT:
            return False
        if language.capital_nouns and before in _BLANKS:
            return _starts_sentence(text, head_at, language)
    return True


def _full_stop_ends(
    text: str, start: int, at: int, following: int, head_at: int, head: int, language: Language
) -> bool:
    """Decide on one full stop before white space and anything but lower case."""
    token = token_before(text, start, at)
    if not token:
        return True
    if _is_marker(text, start, at, token, language):
        return False
    first = classify(token[0])
    dashed = classify(text[following]) == DASH
    if first == DIGIT and token.isdigit() and len(token) <= 3:
        if dashed:
            return False
        return not language.ordinal_leads or _cardinal_ends(text, start, at, token, head_at, head, language)
    if language.ordinal_leads and head == UPPER and len(token) > 1 and is_roman(token):
        return _starts_sentence(text, head_at, language)
    if is_roman(token) and head == UPPER and not dashed and word_before(text, start, at, token) in language.citations:
        return True
    kind = abbreviation(text, at, token, language)
    if kind is None:
        return not (dashed and is_roman(token))
    if kind == "joined":
        return False
    if kind == "numbered":
        word = word_at(text, head_at)
        if head in (DIGIT, OTHER) or dashed or len(word) == 1 or is_roman(word):
            return False
        if first != UPPER or len(token) > 1:
            return not language.capital_nouns or _starts_sentence(text, head_at, language)
        # "p." is a page and "P." an initial, decided below.
    if kind == "closing":
        if head == UPPER and word_at(text, head_at).lower() in language.calendar:
            return False
        return not language.capital_nouns or _starts_sentence(text, head_at, language)
    if head != UPPER:
        return False
    # Before an opening quotation mark a new sentence is likelier than a quoted word.
    return classify(text[following]) == QUOTE or _starts_sentence(text, head_at, language)


def _is_marker(text: str, start: int, at: int, token: str, language: Language) -> bool:
    """Say whether all of the sentence so far is a marker: "1", "2.3", "a", "IV", "Article 5"."""
    if at - start > _MARKER:
        return False
    numeral = classify(token[0]) == DIGIT or len(token) == 1 or is_roman(token)
    if not numeral:
        return False
    before = text[start : at - len(token)].lstrip(LEADS)
    if not before:
        return len(token) == 1 or is_roman(token) or max(map(len, token.split("."))) <= 3
    return before.rstrip().rstrip(".").lower() in language.citations


def _cardinal_ends(text: str, start: int, at: int, token: str, head_at: int, head: int, language: Language) -> bool:
    """Decide on a number with a stop where ordinals are written so: "am 3. Oktober", "auf 12. Die Suche"."""
    if head == DIGIT:
        return False
    word = word_at(text, head_at).lower()
    if word in language.calendar:
        return False
    if head != UPPER or word in language.starters:
        return True
    return word_before(text, start, at, token) not in language.ordinal_leads
