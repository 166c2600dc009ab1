"""What is compiled under ThreadSanitizer: eight threads share one Table, as they share a Tagger. `make tsan`.

    python tests/fuzz/race.py [--rounds 40] [--record]

It builds the modules anew with gcc, into build/race, and runs `stress` with libtsan loaded first. Before that it shows
that it would tell: a copy of the kernel, in which calls share their Scratch, has to be reported. The last line printed
is a JSON object: races, planted (that the copy was reported), threads, calls, wrong (results), seconds. It exits with 1
for a race, a wrong result or a planted race that is not found; where nothing can be built or run, it says so, with 0.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "race"
MODULES = ("_kernel", "_splitter", "_solver")
THREADS = 8
# Without it the scratch that a call takes stays in the list, where the next call finds it too.
PLANTED = ("self->idle = scratch->next;", ";")
WRONG = 3  # exit status of a result that is not that of one thread


def build(*, planted: bool) -> Path:
    """Compile the modules into a folder of their own."""
    folder = BUILD / ("planted" if planted else "built")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "g7classify", folder / "g7classify", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    (folder / "g7classify" / "models").symlink_to(ROOT / "models")
    kernel = folder / "g7classify" / "_kernel.c"
    source = kernel.read_text(encoding="utf-8")
    if planted:
        if source.count(PLANTED[0]) != 1:
            sys.exit(f"race.py: {PLANTED[0]!r} is no longer in _kernel.c once; plant another race")
        kernel.write_text(source.replace(*PLANTED), encoding="utf-8")
    options = ["-std=c11", "-O1", "-g", "-ffp-contract=off", "-fsanitize=thread", "-fPIC", "-shared"]
    for name in MODULES:
        here = folder / "g7classify" / name
        subprocess.run(
            ["gcc", *options, f"-I{sysconfig.get_path('include')}", f"{here}.c", "-lm", "-o", f"{here}.abi3.so"],
            check=True,
        )
    return folder


def run(folder: Path, rounds: int) -> tuple[int, int, dict[str, Any]]:
    """Run `stress` there: the exit status, the races reported, and what it printed."""
    library = subprocess.run(
        ["gcc", "-print-file-name=libtsan.so"], check=True, capture_output=True, text=True
    ).stdout.strip()
    known = os.environ | {
        "LD_PRELOAD": library,
        "TSAN_OPTIONS": "ignore_noninstrumented_modules=1:exitcode=66",  # Python's locks are seen nevertheless
        "PYTHONPATH": str(folder),
        "G7CLASSIFY_KERNEL": "yes",
        "OPENBLAS_NUM_THREADS": "1",
    }
    still = ["setarch", platform.machine(), "-R"] if shutil.which("setarch") else []  # tsan knows few layouts of memory
    process = subprocess.run(
        [*still, sys.executable, "-P", str(Path(__file__).resolve()), "--stress", str(rounds)],
        env=known, cwd=folder, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    races = process.stderr.count("WARNING: ThreadSanitizer: data race")
    sys.stderr.write(process.stderr[:6000])
    lines = process.stdout.splitlines()
    return process.returncode, races, json.loads(lines[-1]) if lines else {}


def stress(rounds: int) -> int:
    """Score and split in threads at once, while another makes and drops tables; compare with one thread."""
    from g7classify import _kernel, _solver, _splitter

    chance = np.random.RandomState(0)
    rows = chance.randint(-128, 128, (1 << 12, 39)).astype(np.int8)
    rows[:, -1] = 1
    vectors = np.full(39, 0.01, np.float32), np.zeros(38, np.float32)
    options: dict[str, Any] = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": False}
    table = _kernel.Table(rows, *vectors, pivot=0.5, **options)
    words = ["police", "Straße", "警察は「逮捕した」。", "M. Dupont a dit:", "ﬁn", "trafic.\n", "Der 3. Oktober"]
    texts = [" ".join(chance.choice(words, 9)) + f" mot{i}" for i in range(400)]
    encoded = [text.encode() for text in texts]
    column = b"".join(encoded), np.cumsum([0, *map(len, encoded)])
    parents = np.repeat([-1, 0], [1, 37])

    def work(part: int) -> tuple[bytes, ...]:
        mine = texts[part * 20 :] + texts[: part * 20]  # each thread its own order, so its own state of the cache
        scores = table.scores(mine)
        whole = table.scores_utf8(*column)
        spans = _splitter.split_texts(texts, -1)
        in_bytes = _splitter.split_utf8(*column, -1)
        keys, offsets = _kernel.keys(texts[:50], **options)
        pooled = _kernel.pool(texts[:50], rows, **options)
        _kernel.calibrate(whole, np.ones(38, np.float32), vectors[1], parents)
        weights, duals = np.zeros((6, 8), np.float32), np.zeros((4, 8), np.float32)
        ints = (np.int32([0, 1, 2, 3, 4]), np.int32([0, 1, 2, 3]), np.int32([0, 1, 2, 3] * 50))
        ones = np.ones(4, np.float32), np.ones((4, 8), np.float32)
        _solver.descend(ints[0], ints[1], ones[0], ints[2], ones[1], ones[0], weights, duals, True)
        found = (np.roll(scores, part * 20, axis=0), whole, *spans, *in_bytes, keys, offsets, pooled, weights)
        return tuple(array.tobytes() for array in found)

    def open_and_close(_: int) -> tuple[bytes, ...]:
        own = _kernel.Table(rows.copy(), *vectors, pivot=0.5, **options)
        own.scores(texts)
        return ()

    expected = work(0)
    wrong = calls = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(rounds):
            tasks = [*((work, part) for part in range(THREADS)), *((open_and_close, 0) for _ in range(2))]
            for found in pool.map(lambda task: task[0](task[1]), tasks):
                calls += 1
                wrong += found not in (expected, ())
    print(json.dumps({"calls": calls, "wrong": wrong}))
    return WRONG if wrong else 0


def obstacle() -> str | None:
    """Why nothing can be built or run here."""
    if sys.platform != "linux" or shutil.which("gcc") is None:
        return "takes Linux and gcc"
    found = subprocess.run(["gcc", "-print-file-name=libtsan.so"], capture_output=True, text=True, check=False).stdout
    return None if Path(found.strip()).is_absolute() else "gcc has no libtsan"


def main() -> int:
    """Build and run, or be what is run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="times that all threads work")
    parser.add_argument("--record", action="store_true", help="write benchmarks/results/race.json")
    parser.add_argument("--stress", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stress is not None:
        return stress(given.stress)
    why = obstacle()
    if why is not None:
        print(json.dumps({"skipped": why}))
        return 0
    begun = time.monotonic()
    status, planted, _ = run(build(planted=True), 2)
    if not planted and status not in (0, WRONG, 66):
        print(json.dumps({"skipped": f"ThreadSanitizer does not run here (exit status {status})"}))
        return 0
    status, races, found = run(build(planted=False), given.rounds)
    result = {
        "races": races,
        "planted": planted > 0,
        "threads": THREADS,
        **found,
        "seconds": round(time.monotonic() - begun, 1),
    }
    if given.record:
        sys.path.insert(0, str(ROOT))
        from benchmarks import records

        records.write("race", result)
    print(json.dumps(result))
    return int(status != 0 or races > 0 or not planted)


if __name__ == "__main__":
    sys.exit(main())
