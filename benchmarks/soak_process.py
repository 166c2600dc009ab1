"""What this process holds at a moment: as the system counts it, and as those count it who give memory out.

The system's figures, RSS and USS, are what matters, and are coarse: an allocator keeps pages that it does not use. What
malloc, pyarrow and Python have given out and not got back is known to the byte, so that a small leak is found soon.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa

PROC: Final = Path("/proc/self")
UNTOLD: Final = -1


class _Mallinfo(ctypes.Structure):
    """`struct mallinfo2` of glibc 2.33."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keep",
        )
    ]


class Held(NamedTuple):
    """At one moment; UNTOLD is what this system does not tell.

    Attributes:
        rss: bytes in memory.
        uss: those of them that are of this process alone.
        malloc: bytes that malloc gave out.
        arrow: bytes that pyarrow gave out.
        blocks: blocks of memory that Python's own allocator gave out.
        objects: Python objects that the garbage collector knows.
        fds: open file descriptors.
        threads: of the system where it tells, else Python's.
    """

    rss: int
    uss: int
    malloc: int
    arrow: int
    blocks: int
    objects: int
    fds: int
    threads: int


def held(*, threads: int) -> Held:
    """After the garbage has been collected, so that what is counted is held by somebody.

    Args:
        threads: that are expected; if there are more, those that were told to end are given a second to do so.
    """
    gc.collect()
    rss, uss = _memory()
    try:
        fds = len(list((PROC / "fd").iterdir())) - 1  # the listing itself is open
    except OSError:
        fds = UNTOLD
    blocks, objects = sys.getallocatedblocks(), len(gc.get_objects())
    return Held(rss, uss, _malloc(), pa.total_allocated_bytes(), blocks, objects, fds, _threads(threads))


def _threads(expected: int) -> int:
    # Join returns, and a Timer is cancelled, a moment before the system's thread is gone.
    for _ in range(100):
        try:
            found = len(list((PROC / "task").iterdir()))
        except OSError:
            found = threading.active_count()
        if found <= expected:
            break
        time.sleep(0.01)
    return found


def _memory() -> tuple[int, int]:
    try:
        lines = (PROC / "smaps_rollup").read_text().splitlines()
    except OSError:
        return UNTOLD, UNTOLD
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:])}
    return 1024 * kilobytes["Rss"], 1024 * (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"])


def _malloc() -> int:
    try:
        ask = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):  # another C library
        return UNTOLD
    ask.restype = _Mallinfo
    told = ask()
    return int(told.uordblks) + int(told.hblkhd)
