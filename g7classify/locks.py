"""A lock that a forked process finds free.

A process that is forked while another thread holds a lock inherits it held, by a thread that it does not have: it would
wait for ever.
"""

from __future__ import annotations

import os
import threading


class ProcessLock:
    """A lock of threads, of which each process has its own: `with lock.own():`."""

    def __init__(self) -> None:
        self._of: dict[int, threading.Lock] = {}

    def own(self) -> threading.Lock:
        """This process's. A block of Python's own lock lets no Ctrl-C in between the lock and its block."""
        return self._of.setdefault(os.getpid(), threading.Lock())
