"""JSON of strangers: UTF-8, no key twice at any level, no NaN, and no more values than memory is meant for."""

from __future__ import annotations

import json
from typing import Any, Final

from g7classify.foreign import Malformed

# Commas, brackets and braces, which bound the number of values: a codebook of 10,000 labels, the most there may be,
# takes 100,000 and what commas its prose holds. A text of `{},{},` takes 25 times its bytes when parsed.
MAX_SEPARATORS: Final = 1 << 19


def parsed(content: bytes | str, *, what: str) -> dict[str, Any]:
    """The object that a JSON text is; `what` names it in errors.

    Raises:
        Malformed: it is no such object.
    """
    try:
        text = content if isinstance(content, str) else content.decode()
        if too_many(text):
            raise Malformed(f"{what} holds more than {MAX_SEPARATORS} commas, brackets and braces")
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except _TwiceError as error:
        raise Malformed(f"{what} holds a key twice") from error
    except (ValueError, RecursionError) as error:  # ValueError: not UTF-8, or an integer of thousands of digits too
        raise Malformed(f"{what} is no JSON object") from error
    if not isinstance(found, dict):
        raise Malformed(f"{what} is no JSON object")
    return found


def too_many(text: str) -> bool:
    """Whether a JSON text is refused for the number of its values."""
    return sum(map(text.count, ",[{")) > MAX_SEPARATORS


class _TwiceError(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key given twice one reader takes the first value and another the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
