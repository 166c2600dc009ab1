"""Plain values from outside, checked by pydantic against the types of our dataclasses.

pydantic is imported at the first use: it takes as long as numpy to import, and tagging with a shipped model, whose
sha256 the manifest vouches for, needs none of it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from g7classify.labels import short

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")
REPLACED: Final = "\ufffd".encode()


class Malformed(Exception):
    """Says what is wrong, and where; whoever asked makes a public error of it."""


def checked(kind: type[T], value: Any, *, strict: bool = False) -> T:
    """An object of a dataclass, from a dict or from JSON (str, bytes), with every type in it checked.

    Args:
        kind: the dataclass.
        value: a dict or JSON.
        strict: whether "8", 8.0 and true are no 8, in classes too that do not say so themselves.

    Raises:
        Malformed: the value is not what the types say, holds more, or is refused by the class itself.
    """
    from pydantic import ValidationError

    adapter: TypeAdapter[T] = _adapter(kind)  # type: ignore[arg-type]  # classes are hashable
    try:
        if isinstance(value, str | bytes):
            return adapter.validate_json(value, strict=strict or None)
        return adapter.validate_python(value, strict=strict or None)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(_told(part) for part in problem["loc"])
        raise Malformed(f"{place}: {problem['msg']}" if place else problem["msg"]) from error


def is_text(value: Any) -> bool:
    """Whether every str in an object that `checked` gave can be written: none holds a lone surrogate."""
    from pydantic_core import PydanticSerializationError

    adapter: TypeAdapter[Any] = _adapter(type(value))  # type: ignore[arg-type]  # classes are hashable
    try:
        written = adapter.dump_json(value)
        if REPLACED in written:  # pydantic writes it for a surrogate in a key
            json.dumps(adapter.dump_python(value), ensure_ascii=False).encode()
    except (PydanticSerializationError, UnicodeEncodeError):
        return False
    return True


def _told(part: str | int) -> str:
    """A key as it is, unless it is a stranger's of any length, or would command the terminal."""
    return str(part) if isinstance(part, int) or (len(part) <= 60 and part.isprintable()) else short(part)


def schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of what `checked` takes for a dataclass; a fresh dict."""
    adapter: TypeAdapter[Any] = _adapter(kind)  # type: ignore[arg-type]  # classes are hashable
    return adapter.json_schema()


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
