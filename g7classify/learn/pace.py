"""How fast something long goes on, and how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Rows done since the last look, and the time left by the work done since the start."""

    def __init__(self, total: float, *, done: float = 0, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the clock.

        Args:
            total: work in all, in whatever takes the time: rows, tokens.
            done: of it already, in an earlier run.
            clock: seconds.
        """
        self._total, self._first, self._done = total, done, done
        self._clock = clock
        self._started = self._since = clock()
        self._rows = 0

    def count(self, rows: int, work: float | None = None) -> None:
        """Some rows were done, which were as much work; None = one a row."""
        self._rows += rows
        self._done += rows if work is None else work

    @property
    def waited(self) -> float:
        """Seconds since the last look."""
        return self._clock() - self._since

    def look(self) -> str:
        """Such as "52.3 rows/s, 4.1 min left"; speed since the last look."""
        now = self._clock()
        speed = self._rows / max(now - self._since, 1e-9)
        left = minutes((self._total - self._done) / max(self._done - self._first, 1e-9) * (now - self._started))
        self._since, self._rows = now, 0
        return f"{speed:.1f} rows/s, {left} left"


def minutes(seconds: float) -> str:
    """A time for people: "40 s", "4.1 min", "1 h 12 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.1f} min"
    return f"{seconds // 3600:.0f} h {seconds % 3600 / 60:.0f} min"
