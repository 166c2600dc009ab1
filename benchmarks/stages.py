"""A fresh process that loads a model and tags, and prints milliseconds and peak memory stage by stage.

Run by footprint.py as a script, `python stages.py MODEL SENTENCES`, where SENTENCES is a file with one a line. It
imports nothing but what has to be measured, not even pathlib: a module that is loaded already costs its importer
nothing.
"""

from __future__ import annotations

import sys
import time


def peak_bytes() -> int:
    """The most memory that this process ever held.

    On Linux from /proc: ru_maxrss there starts at what the parent held when it started this process.
    """
    found = memory_bytes("VmHWM")
    if found is None:
        import resource  # not on Windows

        found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return found


def memory_bytes(field: str) -> int | None:
    """One figure of /proc/self/status, as VmRSS, the memory held now; None where there is no such file."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as lines:  # noqa: PTH123
            return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:")), None)
    except OSError:
        return None


def tell(stage: str, start: float) -> None:
    """Print how long a stage took, and the peak after it."""
    print(stage, (time.perf_counter() - start) * 1e3, peak_bytes() / 1e6)


def main(model: str, path: str) -> None:
    """Go through all stages."""
    start = time.perf_counter()
    import numpy  # noqa: F401

    tell("numpy", start)
    start = time.perf_counter()
    import g7classify

    tell("import", start)
    start = time.perf_counter()
    tagger = g7classify.load(model)
    tell("load", start)
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        sentences = file.read().splitlines()
    start = time.perf_counter()
    tagger.tag(sentences[0])
    tell("first_tag", start)
    start = time.perf_counter()
    for _ in tagger.tag_many(sentences):
        pass
    tell("tag", start)


if __name__ == "__main__":
    main(*sys.argv[1:])
