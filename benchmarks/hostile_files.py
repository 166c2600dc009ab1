"""Open mutated model files, each as a user would, and count how that ends: `make hostile`.

Every file is one of the tiny golden ones or, one in 500, of the shipped ones, after one mutation of hostile_damage (its
seal left as it was), hostile_tensors or hostile_metadata (sealed anew). It is opened in a worker process under a hard
cap on its memory and a limit on its time, and ends as one of

    refused      an error of ours, in a message that can be printed, is short and names the file
    unchanged    accepted, and all that a user sees is as of the sound file: labels, codebook, numbers, probabilities,
                 thresholds, tags, to the last bit (white space of the header moved, say)
    other_valid  accepted and different, as it may be: the file was sealed anew, results tell its own sha256 and not the
                 sound file's; probabilities are finite, in 0..1, no category below its sub-types, no tag of a stricter
                 operating point missing at a laxer one; and what was read, written anew, is what the file says, value
                 by value and byte by byte: nothing in it was passed over or taken for something else
    crashed, hung, over_cap, foreign_errors (an exception that is not ours, or a message of ours that breaks its rules),
    silently_different (accepted, different, and not other_valid)   which none may be
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks import records
from benchmarks.hostile_mutants import Mutant, golden, mutant, mutation_of
from benchmarks.hostile_parts import split
from benchmarks.hostile_views import View, facts, misread, stand_in, verified, view, vouched
from g7classify import container, registry
from g7classify.errors import G7ClassifyError
from g7classify.manifest import ModelEntry

SHORT: Final = 2_000
SECONDS: Final = 30.0  # that one file may take, on a machine that does much else; see slowest_seconds in the results
BAD: Final = ("crashed", "hung", "over_cap", "foreign_errors", "silently_different")
GOOD: Final = ("refused", "unchanged", "other_valid")
MOST_MESSAGE: Final = 2_000
# What docs/reference/model-file.md promises of the memory that reading takes beside what the process had.
BASE_CAP: Final = 32 << 20
HEADER_TIMES: Final = 12
TENSOR_TIMES: Final = 6

PATIENCE: Final = 120.0  # of a worker that starts, or makes a file

Judge = Callable[[Mutant, Path], tuple[str, str]]


class Outcome(NamedTuple):
    """How opening one file ended.

    Attributes:
        number: of the file.
        ended: one of GOOD or BAD.
        detail: class of the error, or what is wrong.
        peak: bytes of resident memory beyond what the process had.
        seconds: of the processor.
    """

    number: int
    ended: str
    detail: str
    peak: int = 0
    seconds: float = 0.0


def cap(content: bytes) -> int:
    """How many bytes reading a file may take."""
    header, data = split(content)
    return BASE_CAP + HEADER_TIMES * min(len(header), container.MAX_HEADER_BYTES) + TENSOR_TIMES * len(data)


def outcome(one: Mutant, folder: Path) -> tuple[str, str]:
    """How opening a file ends, and the error's class, or what is wrong."""
    path = folder / "model.safetensors"
    path.write_bytes(one.content)
    sound = _sound(one.source)
    try:
        found = view(path, sound.kind)
    except G7ClassifyError as error:
        return _judged(error, path)
    if found.sha256 != registry.sha256(path) or found.sha256 == sound.view.sha256:
        return "silently_different", "the sha256 is not the file's"
    if found.seen == sound.view.seen:
        return "unchanged", ""
    if not one.forged:
        return "silently_different", "contents changed under an old seal"
    if wrong := found.unsound or misread(found, one.content, folder):
        return "silently_different", wrong
    return "other_valid", ""


def looked_at(one: Mutant, folder: Path, ended: str) -> tuple[str, str] | None:
    """What `models info`, `models verify` and a manifest make of the file, if they contradict how opening it ended."""
    path, sound = folder / "model.safetensors", _sound(one.source)
    try:
        told = facts(path)
    except G7ClassifyError as error:
        told = ""
        if (judged := _judged(error, path))[0] != "refused":
            return judged
    if not verified(path, sound.entry):
        return "silently_different", "verify finds nothing"
    if sound.kind != container.VECTORS and not told and ended != "refused":
        return "silently_different", f"info refuses what opening finds {ended}"
    try:
        vouched(path, sound.kind, sound.view.sha256)
    except G7ClassifyError as error:
        judged = _judged(error, path)
        return None if judged[0] == "refused" else judged
    return "silently_different", "taken for the file that a manifest vouches for"


def judged_wholly(one: Mutant, folder: Path) -> tuple[str, str]:
    """How opening a file ends, and for one in four the other ways to look at it."""
    ended, detail = outcome(one, folder)
    contradicted = looked_at(one, folder, ended) if one.number % 4 == 0 and ended in GOOD else None
    return contradicted or (ended, detail)


def work(numbers: range, pipe: Connection, judge: Judge) -> None:
    """Open files and send how each ended; the process dies with the pipe."""
    stand_in()
    for path in golden():
        _sound(path)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        gc.collect()
        gc.freeze()  # what is kept need not be looked through before each file
        for number in numbers:
            one = mutant(number)
            _sound(one.source)
            pipe.send(number)  # from here on its time runs
            before, started = _capped(cap(one.content)), time.process_time()
            try:
                ended, detail = judge(one, Path(name))
            except MemoryError:
                ended, detail = "over_cap", f"more than {cap(one.content)} bytes"
            except Exception as error:
                ended, detail = "foreign_errors", f"{type(error).__name__}: {error!r:.200}"
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            seconds = time.process_time() - started
            pipe.send(Outcome(number, ended, detail, max(0, _peak() - before), seconds))
            del one
    pipe.close()


def run(count: int, *, first: int = 0, judge: Judge = judged_wholly, seconds: float = SECONDS) -> Iterator[Outcome]:
    """How each of so many files ends; a worker that dies or hangs is followed by another."""
    number, last = first, first + count
    context = multiprocessing.get_context("spawn")
    while number < last:
        here, there = context.Pipe(duplex=False)
        worker = context.Process(target=work, args=(range(number, last), there, judge), daemon=True)
        worker.start()
        there.close()
        opened = False
        try:
            while number < last:
                if not here.poll(seconds if opened else PATIENCE):
                    yield Outcome(number, "hung", f"after {seconds:g} s")
                    break
                told = here.recv()
                opened = isinstance(told, int)
                if not opened:
                    yield told
                    number += 1
        except EOFError:
            worker.join()
            yield Outcome(number, "crashed", f"exit status {worker.exitcode}")
        finally:
            worker.kill()
            worker.join()
        number += 1  # the one that it hung on or died of


def measured(count: int, *, first: int = 0) -> dict[str, Any]:
    """The figures of so many files; what must not be is printed as it comes."""
    started = time.monotonic()
    totals: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    bad: list[dict[str, Any]] = []
    largest = slowest = Outcome(first, "", "")
    for one in run(count, first=first):
        mutation = mutation_of(one.number)
        totals[one.ended] += 1
        kinds[mutation][one.ended] += 1
        if one.ended == "refused":
            errors[one.detail] += 1
        elif one.ended in BAD:
            bad.append({"number": one.number, "mutation": mutation, "ended": one.ended, "detail": one.detail[:300]})
            print(f"  {one.number} {mutation}: {one.ended}: {one.detail}", flush=True)
        largest = max(largest, one, key=lambda each: each.peak)
        slowest = max(slowest, one, key=lambda each: each.seconds)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "files": sum(totals.values()),
        **{name: totals[name] for name in (*GOOD, *BAD)},
        "peak_bytes": largest.peak,
        "slowest_seconds": round(slowest.seconds, 3),
        "seconds": round(time.monotonic() - started, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "cap": f"{BASE_CAP} bytes + {HEADER_TIMES} x header + {TENSOR_TIMES} x tensors",
        "seconds_a_file": SECONDS,
        "largest": {"number": largest.number, "mutation": mutation_of(largest.number)},
        "slowest": {"number": slowest.number, "mutation": mutation_of(slowest.number)},
        "errors": dict(errors.most_common()),
        "mutations": {name: dict(sorted(found.items())) for name, found in sorted(kinds.items())},
        "bad": bad[:100],
    }


class Sound:
    """A sound file and what is seen of it."""

    def __init__(self, path: Path) -> None:
        self.kind = container.kind_of(path)
        self.view: View = view(path, self.kind)
        info = self.view.made.info
        entry = {"name": info.name, "version": info.version, "languages": info.languages, "metrics": info.metrics}
        entry |= {"recipe_sha256": info.recipe_sha256, "data_sha256": info.data_sha256}
        size = path.stat().st_size
        self.entry = ModelEntry(file="model.safetensors", sha256=self.view.sha256, bytes=size, card="", **entry)


@cache
def _sound(path: Path) -> Sound:
    return Sound(path)


def _judged(error: G7ClassifyError, path: Path) -> tuple[str, str]:
    """Refused, if the message is one that can be printed, read and traced."""
    message = str(error)
    if len(message) > MOST_MESSAGE:
        return "foreign_errors", f"a message of {len(message)} characters"
    if not message.isprintable():
        return "foreign_errors", f"a message that cannot be printed: {message!r:.200}"
    if str(path) not in message and "gives scores that are no numbers" not in message:
        return "foreign_errors", f"a message that does not name the file: {message!r:.200}"
    return "refused", type(error).__name__


def _capped(more: int) -> int:
    """Cap the address space at what there is and so much more; the resident bytes, whose peak starts anew."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    size, resident = (int(pages) * resource.getpagesize() for pages in Path("/proc/self/statm").read_text().split()[:2])
    resource.setrlimit(resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))
    return resident


def _peak() -> int:
    """The most resident bytes since the last call of `_capped`."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--files", type=int, default=SHORT, help=f"how many; {SHORT} if not given")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--record", action="store_true", help="write benchmarks/results/hostile_files.json")
    given = parser.parse_args()
    figures = measured(given.files, first=given.first)
    if given.record:
        records.write("hostile_files", figures)
    for name, found in figures["mutations"].items():
        print(f"{name:28}" + "  ".join(f"{ended} {count}" for ended, count in found.items()))
    told = ", ".join(f"{name.replace('_', ' ')} {figures[name]}" for name in ("files", *GOOD, *BAD))
    print(f"{told}; peak {figures['peak_bytes'] / 1e6:.0f} MB, {figures['processor_seconds']} s of processor")
    sys.exit(any(figures[name] for name in BAD))


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
