"""A lock that a forked process finds free.

A process that is forked while another thread holds a lock inherits it held, by a thread that it does not have: it would
wait for ever.
"""

from __future__ import annotations

import os
import threading


class ProcessLock:
    """A lock of threads, of which each process has its own; a context manager. No thread may enter it twice."""

    def __init__(self) -> None:
        self._of: dict[int, threading.Lock] = {}

    def __enter__(self) -> None:
        self._of.setdefault(os.getpid(), threading.Lock()).acquire()

    def __exit__(self, *_: object) -> None:
        self._of[os.getpid()].release()
