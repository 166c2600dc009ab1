"""Fuzz all targets, or some: `make fuzz`. Each is a process of its own, of harness.py, or of compiled.py what is in C.

    python tests/fuzz/run.py [TARGET ...]                   the smoke run of CI: the same inputs every time
    python tests/fuzz/run.py --runs 1000000 [TARGET ...]    the long run, until so many inputs of each were tried
    python tests/fuzz/run.py --runs 1000000 --record        the same, and what was tried so far into results/fuzz.json
    python tests/fuzz/run.py --show                         how far the long run is

A long run goes on where an earlier one stopped, however it was stopped: what it knows of a target lies in
build/fuzz/TARGET, kept inputs and findings too. Inputs that were kept and are tried again at a start do not count. A
finding is an input that raised what it must not, took longer than SECONDS or more than MEGABYTES; it ends the target's
run, and is tried first in the next one, until it is mended. Exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "fuzz"
sys.path[:0] = [str(HERE), str(ROOT)]

from memory import SHARED  # noqa: E402  # it lies here
from targets import NAMES  # noqa: E402  # it lies here

try:
    from compiled import TARGETS as COMPILED
except ModuleNotFoundError:
    COMPILED = ()
ALL = (*NAMES, *COMPILED)
SECONDS = 25
"""An input that takes longer is a finding; the slowest takes some milliseconds, but the machine may be busy."""
MEGABYTES = 2048
SLICE_SECONDS = 120
"""After so long a process is ended and its figures are noted; the next one goes on with what was kept."""
COMPILED_SMOKE = 5_000
ROUNDS = (20_000, 100_000, 300_000)
"""A long run brings all targets so far before it brings one farther, so that it tells something whenever it ends."""
FOUND = ("crash-*", "timeout-*", "oom-*", "leak-*")


@dataclass
class Figures:
    """What is known of a target.

    Attributes:
        inputs: that were tried; those that were kept and are tried again at the start of each process not counted.
        seconds: of all processes.
        edges, features: reached: branches of g7classify, and those together with how often; None if not told.
        kept: inputs that each reach something that no other does.
        skipped: why it cannot be run here; empty if it can.
        findings: files that hold an input, and are findings still.
        commits: of the first and of the last process; there may be changes between them, and after the last one.
    """

    inputs: int = 0
    seconds: float = 0.0
    edges: int | None = None
    features: int | None = None
    kept: int = 0
    skipped: str = ""
    findings: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)


def python(name: str, folder: Path, options: list[str]) -> Figures:
    """Run a target of targets/ once."""
    corpus, findings, count = folder / "corpus", folder / "findings", folder / "count"
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(exist_ok=True)
    before = len(list(corpus.iterdir()))
    limits = [f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={findings}/"]
    command = [sys.executable, str(HERE / "harness.py"), name, *limits, *options, str(corpus)]
    begun = time.monotonic()
    # Hashes of str are the same in every run, and so what a set or a dict does first.
    environment = os.environ | {"COUNT": str(count), "PYTHONHASHSEED": "0"}
    with tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None) as held:
        environment |= {"FUZZ_FOLDER": held}
        done = subprocess.run(command, stderr=subprocess.PIPE, env=environment, check=False)
    told = done.stderr.decode("utf-8", "replace")
    found = sorted(str(path.relative_to(ROOT)) for pattern in FOUND for path in findings.glob(pattern))
    if done.returncode and not found:  # no input did it
        raise SystemExit(f"{name}: the fuzzer failed\n{told[-3000:]}")
    if found:
        print(told[-3000:])
    seen = re.findall(r"cov: (\d+) ft: (\d+)", told)
    again = max(before, int(next(iter(re.findall(r"(\d+) files found", told)), "0"))) + 1  # and the empty one
    tried = int.from_bytes(count.read_bytes(), "little")
    return Figures(
        inputs=max(tried - again, 0),
        seconds=time.monotonic() - begun,
        edges=int(seen[-1][0]) if seen else None,
        features=int(seen[-1][1]) if seen else None,
        kept=len(list(corpus.iterdir())),
        findings=found,
    )


def compiled(name: str, runs: int, *options: str) -> Figures:
    """Run a target of compiled.py once."""
    kept, findings = BUILD / "corpus" / name, BUILD / "crashes"
    again = len(list(kept.glob("*"))) + 100  # the empty one and, in a first run, seeds
    command = [sys.executable, str(HERE / "compiled.py"), name, "--runs", str(runs + again), *options]
    done = subprocess.run(command, capture_output=True, check=False, text=True, errors="replace")
    try:
        told: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    except ValueError:
        raise SystemExit(f"{name}: {done.stdout[-2000:]}{done.stderr[-2000:]}") from None
    if "skipped" in told:
        return Figures(skipped=told["skipped"])
    found = sorted(str(path.relative_to(ROOT)) for path in findings.glob(f"{name}-*")) if told["crashes"] else []
    if told["crashes"]:
        print(done.stderr[-3000:])
    return Figures(
        told["inputs"],
        told["seconds"],
        told["edges"],
        kept=told["corpus"],
        findings=found,
    )


def smoke(name: str) -> Figures:
    """What CI runs: from the seeds on, with the same random numbers each time, and nothing is left but findings."""
    if name in COMPILED:
        return compiled(name, COMPILED_SMOKE, "--seed=1")
    folder = BUILD / name / "smoke"
    shutil.rmtree(folder / "corpus", ignore_errors=True)
    return python(name, folder, ["-seed=1"])


def long(name: str, runs: int, until: float) -> Figures:
    """Go on until so many inputs were tried in all, or a finding, or the time is over; notes how far it is."""
    known = noted(name)
    if known.findings:
        known.findings = [path for path in known.findings if not mended(name, ROOT / path)]
        note(name, known)
    first = known.commits[:1] or [commit()]
    while known.inputs < runs and not known.findings and not known.skipped and time.monotonic() < until:
        left = runs - known.inputs
        if name in COMPILED:
            new = compiled(name, left, f"--seconds={SLICE_SECONDS}")
        else:
            corpus = BUILD / name / "corpus"
            again = len(list(corpus.glob("*"))) + 100  # the empty one and, in a first run, seeds
            new = python(name, BUILD / name, [f"-runs={left + again}", f"-max_total_time={SLICE_SECONDS}"])
        known = Figures(
            known.inputs + new.inputs,
            round(known.seconds + new.seconds, 1),
            new.edges,
            new.features,
            new.kept,
            new.skipped,
            new.findings,
            [*first, commit()],
        )
        note(name, known)
        print(row(name, known), flush=True)
    return known


def commit() -> str:
    """What the code is of that is fuzzed now; empty if that is not known."""
    try:
        asked = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.decode().strip()


def mended(name: str, path: Path) -> bool:
    """Try a finding of an earlier run again, and forget it if it is none any more."""
    program = ["compiled.py", name, "--input"] if name in COMPILED else ["harness.py", name]
    command = [sys.executable, str(HERE / program[0]), *program[1:], str(path)]
    if path.exists() and subprocess.run(command, capture_output=True, check=False).returncode:
        return False
    path.unlink(missing_ok=True)
    return True


def noted(name: str) -> Figures:
    """What earlier long runs have noted of a target."""
    try:
        return Figures(**json.loads((BUILD / name / "progress.json").read_text()))
    except FileNotFoundError:
        return Figures()


def note(name: str, figures: Figures) -> None:
    """Note how far a long run is; whole or not at all, as it may be killed at any time."""
    path = BUILD / name / "progress.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".tmp").write_text(json.dumps(asdict(figures)))
    path.with_suffix(".tmp").replace(path)


def row(name: str, figures: Figures) -> str:
    """A line of the table."""
    if figures.skipped:
        return f"{name:16} skipped: {figures.skipped}"
    rate = figures.inputs / max(figures.seconds, 0.1)
    numbers = [figures.inputs, round(figures.seconds), round(rate), figures.edges or 0, figures.features or 0]
    return f"{name:16}" + "".join(f"{number:>12,}" for number in [*numbers, figures.kept, len(figures.findings)])


def record(figures: dict[str, Figures]) -> None:
    """Write what was tried so far as benchmarks/results/fuzz.json.

    Beside the figures of all targets: `least`, the inputs of the target that has fewest, `findings` that are findings
    still, those that are `mended`, and of which commits the code was in the first and in the last process of a target.
    """
    from benchmarks import records

    tried = {name: one for name, one in figures.items() if not one.skipped}
    records.write(
        "fuzz",
        {
            "targets": len(tried),
            "inputs": sum(one.inputs for one in tried.values()),
            "least": min(one.inputs for one in tried.values()),
            "findings": sum(len(one.findings) for one in tried.values()),
            "mended": len(list((HERE / "findings").iterdir())),
            "seconds": round(sum(one.seconds for one in tried.values())),
            "first_commits": list(dict.fromkeys(one.commits[0] for one in tried.values() if one.commits)),
            "last_commits": list(dict.fromkeys(one.commits[-1] for one in tried.values() if one.commits)),
            "skipped": {name: one.skipped for name, one in figures.items() if one.skipped},
            "by_target": {
                name: {key: value for key, value in asdict(one).items() if key != "skipped"}
                | {"kind": "compiled" if name in COMPILED else "python", "findings": len(one.findings)}
                for name, one in tried.items()
            },
        },
    )


def main() -> int:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(ALL)}")
    parser.add_argument("--runs", type=int, help="inputs of each target, those of earlier long runs counted")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after which a long run stops")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--record", action="store_true", help="write benchmarks/results/fuzz.json")
    parser.add_argument("--show", action="store_true", help="how far the long run is, and run nothing")
    given = parser.parse_args()
    if unknown := sorted({*given.targets} - {*ALL}):
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(ALL)}")
    if given.record and given.runs is None and not given.show:
        parser.error("--record is for the long run: give --runs too, or --show to record what was tried so far")
    names, until = given.targets or list(ALL), time.monotonic() + 60 * given.minutes
    heads = ("inputs", "seconds", "a second", "edges", "features", "kept", "findings")
    print(f"{'target':16}" + "".join(f"{head:>12}" for head in heads), flush=True)

    def smoked(name: str) -> Figures:
        found = smoke(name)
        print(row(name, found), flush=True)
        return found

    figures = {name: noted(name) for name in names}
    with ThreadPoolExecutor(given.jobs) as pool:
        if given.show:
            print("\n".join(row(name, found) for name, found in figures.items()))
        elif given.runs is None:
            figures = dict(zip(names, pool.map(smoked, names), strict=True))
        else:
            for goal in (*(goal for goal in ROUNDS if goal < given.runs), given.runs):
                found = pool.map(long, names, [goal] * len(names), [until] * len(names))
                figures = dict(zip(names, found, strict=True))
    if given.record:
        record({name: noted(name) for name in ALL})
    findings = [(name, path) for name, found in figures.items() for path in found.findings]
    for name, path in findings:
        again = f"compiled.py {name} --input" if name in COMPILED else f"harness.py {name}"
        print(f"finding: {sys.executable} tests/fuzz/{again} {path}")
    tried = sum(found.inputs for found in figures.values())
    print(f"{len(figures)} targets, {tried:,} inputs, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
