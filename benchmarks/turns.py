"""Fresh processes in turns, and what several measurements of one figure come to.

Every variant runs in a process of its own, turn after turn, so that all share what else the machine does. The median
over the turns is the figure; the least and the most are recorded beside it. A tree is nested dicts with numbers as
leaves, whose keys end in the unit.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

import click

from benchmarks.records import ROOT

Tree = dict[str, Any]
BUDGET_SECONDS = 0.25
LONG_SECONDS = 1.0  # what is cold in a first call of this length no longer matters


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def best(call: Callable[[], object]) -> float:
    """Seconds of the fastest of as many calls as fit in the budget, after one that warms up, or of one that is long."""
    first = seconds(call)
    if first >= LONG_SECONDS:
        return first
    end = time.perf_counter() + BUDGET_SECONDS
    found = [seconds(call)]
    while time.perf_counter() < end:
        found.append(seconds(call))
    return min(found)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most, to four digits: a second run differs in the second or third."""
    found = {"median": statistics.median(values), "least": min(values), "most": max(values)}
    return {name: rounded(value) for name, value in found.items()}


def rounded(value: float) -> float:
    """A number to four significant digits; whole ones stay whole."""
    return value if isinstance(value, int) else float(f"{value:.4g}")


def merge(trees: Sequence[Tree]) -> Tree:
    """One tree of the spreads of several that have the same keys."""
    return {
        key: merge([tree[key] for tree in trees]) if isinstance(first, dict) else spread([tree[key] for tree in trees])
        for key, first in trees[0].items()
    }


def fresh(command: Sequence[str], *, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it printed.

    Raises:
        ClickException: it failed; tells the last line of its errors.
    """
    done = subprocess.run(
        command,
        input=given,
        env=os.environ | {"PYTHONUTF8": "1"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise click.ClickException(f"{' '.join(command)[:200]} ended with {done.returncode}: {last}")
    return done
