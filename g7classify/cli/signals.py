"""SIGTERM and SIGHUP end a command as Ctrl-C does: what is being written is cleared away, what is done is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, NoReturn

NAMES: Final = {"SIGTERM": "terminated", "SIGHUP": "hung up"}


class Terminated(KeyboardInterrupt):
    """What a signal raises in the main thread.

    Attributes:
        status: that the command is to end with, 128 and the number of the signal, as shells have it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(NAMES[signal.Signals(number).name])
        self.status: int = 128 + number


@contextmanager
def ending() -> Iterator[None]:
    """Within the block, SIGTERM and SIGHUP raise Terminated, unless the process was told to do something else then.

    What nohup started still ignores SIGHUP. Outside the main thread, where none can be set, signals stay as they are.
    """
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]  # Windows has no SIGHUP
        before = {number: signal.signal(number, _raise) for number in numbers if _is_default(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_default(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_DFL


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated(number)
