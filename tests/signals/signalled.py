"""Processes that are signalled."""

from __future__ import annotations

import os
import time

PROMPTLY = 60.0  # seconds that nothing takes unless it hangs, however loaded the machine is


def alone(group: int) -> bool:
    """Whether no process of a group is left, some time after its first has ended."""
    end = time.monotonic() + PROMPTLY
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False
