"""What all results are: frozen dataclasses that go to plain values and JSON, and of which a part may be made late.

A pydantic model of the same fields takes twice as long to make; what comes from outside, by `from_dict` and
`from_json`, is checked by pydantic all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from g7classify.errors import DataError
from g7classify.foreign import Malformed, checked, is_text

fill: Final = object.__setattr__  # the only way to fill a slot of a frozen dataclass


class Result:
    """A frozen dataclass that goes to plain values and JSON, and comes back checked."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    __match_args__: tuple[str, ...] = ()  # of a dataclass: its fields

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, as in the JSON."""
        return {name: _plain(getattr(self, name)) for name in self.__match_args__}

    def to_json(self) -> str:
        """One line of JSON; `from_json` of the class reads it back."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What `to_dict` gave, checked.

        Raises:
            DataError: not what `to_dict` gives; says what is wrong, and where.
        """
        return cls._from(values)

    @classmethod
    def from_json(cls, content: str | bytes) -> Self:
        """What `to_json` gave, checked.

        Raises:
            DataError: not what `to_json` gives; says what is wrong, and where.
        """
        return cls._from(content)

    @classmethod
    def _from(cls, value: Any) -> Self:
        try:
            found = checked(cls, value)
        except Malformed as error:
            raise DataError(f"no {cls.__name__}: {error}") from error
        if not isinstance(value, str | bytes) and not is_text(found):
            raise DataError(f"no {cls.__name__}: {found._surrogate()}")
        found._check()
        return found

    def _surrogate(self) -> str:
        """What is wrong with a str that JSON can spell out, but no file can hold."""
        content = json.dumps(self.to_dict(), ensure_ascii=False)
        code = next(ord(char) for char in content if "\ud800" <= char <= "\udfff")
        return f"it holds the lone surrogate U+{code:04X}, no text"

    def _check(self) -> None:
        """Raise DataError where values contradict each other or their range; types are right."""


def _plain(value: Any) -> Any:
    # Most values are plain already: to ask for them first makes a dict in two thirds of the time.
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.to_dict() if isinstance(value, Result) else value


_PLAIN: Final = frozenset((str, int, float, bool, type(None)))


class Unread(Result):
    """A result of which one field is made when somebody looks at it."""

    __slots__ = ("_make",)
    _unread: ClassVar[str]  # its name
    _make: Callable[[], Any]

    if not TYPE_CHECKING:  # a name that is misspelt would be Any to type checkers

        def __getattr__(self, name: str) -> Any:
            # Python comes here only if a slot is empty: the field is still to be made, or there is no such name.
            if name != self._unread:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            try:
                make = self._make
            except AttributeError:  # another thread has filled the slot meanwhile, or nothing ever will
                return object.__getattribute__(self, name)
            value = make()
            fill(self, name, value)
            with suppress(AttributeError):  # lets go of what it was made from; another thread may have done so
                object.__delattr__(self, "_make")
            return value
