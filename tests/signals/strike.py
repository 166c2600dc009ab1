"""Run a command line, or code, and signal this process when a function is called: `strike.py WHAT N WHEN SIGNAL ...`.

WHAT is module:name or module:Class.name, N the call that counts, WHEN before or after it. What follows is `tag`, say,
and its arguments, or `-c` and code. Whichever thread calls, the signal comes to the process as from outside.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
import threading
from typing import Any

BATCH_ROWS = 1_000  # so that a small table has several batches


def strike(what: str, count: int, when: str, number: int) -> None:
    module, _, path = what.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, name = path.split(".")
    for one in classes:
        owner = getattr(owner, one)
    function = getattr(owner, name)
    calls, lock = iter(range(1, sys.maxsize)), threading.Lock()

    @functools.wraps(function)
    def struck(*arguments: Any, **options: Any) -> Any:
        with lock:
            now = next(calls) == count
        if now and when == "before":
            os.kill(os.getpid(), number)
        result = function(*arguments, **options)
        if now and when == "after":
            os.kill(os.getpid(), number)
        return result

    setattr(owner, name, struck)


if __name__ == "__main__":
    # What runs us may ignore Ctrl-C, as a shell does of what it starts in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    what, count, when, name, *rest = sys.argv[1:]
    importlib.import_module("g7classify.streaming.tables").BATCH_ROWS = BATCH_ROWS
    strike(what, int(count), when, getattr(signal, name))
    if rest[0] == "-c":
        exec(compile(rest[1], "code", "exec"), {"__name__": "code"})
    else:
        from g7classify.cli import main

        main(rest, prog_name="g7classify")
