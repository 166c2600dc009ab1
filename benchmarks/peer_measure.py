"""Measure one fitted system in a fresh process, for benchmarks.peers.

Run as `python -m benchmarks.peer_measure SYSTEM FOLDER`; prints JSON. Only what Python itself and nearly every library
import is imported before the system, so that time and memory are its own.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

from benchmarks.peer_systems import SYSTEMS

ROWS = "rows"
WARM_UP = 20
SECONDS = 1.0  # of passes over the batch, at least; a turn's speed is their mean
SINGLES, SINGLES_SECONDS = 300, 3.0


def measure(name: str, folder: Path) -> dict[str, float]:
    """Time imports, reading, a batch and single sentences, and tell the peak memory of this process."""
    system = SYSTEMS[name]
    texts = read_texts(folder, "held_out")[: system.timed]
    start = time.perf_counter()
    for module in system.modules:
        importlib.import_module(module)
    imported = time.perf_counter()
    tag, _ = system.load(folder_of(name, folder) / "model")
    loaded = time.perf_counter()
    tag(texts[:WARM_UP])
    passes, begun, processor = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < SECONDS:
        tag(texts)
        passes += 1
    took, used = time.perf_counter() - begun, time.process_time() - processor
    singles: list[float] = []
    begun = time.perf_counter()
    for text in texts[:SINGLES]:
        before = time.perf_counter()
        tag([text])
        singles.append(time.perf_counter() - before)
        if time.perf_counter() - begun > SINGLES_SECONDS:
            break
    return {
        "import_ms": (imported - start) * 1e3,
        "load_ms": (loaded - imported) * 1e3,
        "sentences_per_second": passes * len(texts) / took,
        "cores_used": used / took,
        "single_p50_us": sorted(singles)[len(singles) // 2] * 1e6,
        "peak_rss_bytes": peak_rss(),
    }


def peak_rss() -> int:
    """The greatest resident memory of this process in bytes.

    Where there is /proc, VmHWM: Linux lets ru_maxrss begin with the peak of the process that started this one.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def folder_of(name: str, folder: Path) -> Path:
    """Where a system is saved."""
    return folder / "".join(c if c.isalnum() else "-" for c in name.lower())


def read_texts(folder: Path, part: str) -> list[str]:
    """The sentences of a part."""
    texts: list[str] = json.loads((folder / ROWS / f"{part}.json").read_text(encoding="utf-8"))
    return texts


if __name__ == "__main__":
    # Libraries may write to stdout: the last line is ours.
    sys.stdout.write(f"\n{json.dumps(measure(sys.argv[1], Path(sys.argv[2])))}\n")
