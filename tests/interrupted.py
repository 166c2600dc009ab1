"""Ctrl-C at every line, one after the other: what a signal may do at any moment, without leaving it to chance."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any


class Interruption:
    """Raises KeyboardInterrupt, once, at the n-th line of some modules that is run in this thread; a context manager.

    Attributes:
        struck: whether there were so many lines.
    """

    def __init__(self, at: int, *modules: ModuleType) -> None:
        self._left = at
        self._files = {str(module.__file__) for module in modules}
        self.struck = False

    def __enter__(self) -> Interruption:
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _call(self, frame: FrameType, _event: str, _value: Any) -> Callable[..., Any] | None:
        return self._line if frame.f_code.co_filename in self._files else None

    def _line(self, _frame: FrameType, event: str, _value: Any) -> Callable[..., Any]:
        if event == "line" and not self.struck:
            self._left -= 1
            if self._left < 0:
                self.struck = True
                raise KeyboardInterrupt
        return self._line


def at_every_line(*modules: ModuleType) -> Iterator[Interruption]:
    """Interruptions at the first line, the second and so on, until the last was not reached."""
    at = 0
    while True:
        interruption = Interruption(at, *modules)
        yield interruption
        if not interruption.struck:
            return
        at += 1
