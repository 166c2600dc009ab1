"""Whether what is installed is whole: its files, its versions, the kernel and the models. `g7classify verify`.

It finds what was damaged, mixed up or left half done. Who may write to the installation may also change what it is
compared with; against that there are the hashes of a lock file (`pip install --require-hashes`).
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import platform
import re
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

import g7classify
from g7classify import _fallback, kernel, registry
from g7classify.errors import G7ClassifyError, MissingExtraError

COMPILED: Final = ("_kernel", "_splitter", "_solver")
REINSTALL: Final = "pip install --force-reinstall g7classify"
TEXTS: Final = (
    "La police a saisi 40 kg.",
    "首相は制裁を発表した。",
    "Die Übung endet um 8 Uhr!",
    "ÉTÉ, e\u0301te\u0301\n",
    "",
)
"""On which the kernel is compared with its twin: words, unspaced runs, composed and decomposed letters, nothing."""
TOLD: Final = 3  # files that are named where many are damaged


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: it is.
        found: about it.
        problem: what is wrong, and what to do; empty if nothing is.
    """

    what: str
    found: str
    problem: str = ""


def verify() -> tuple[Check, ...]:
    """Look at everything that is installed; the user's own models are looked at too.

    What is wrong stands in the checks: nothing is raised for it.
    """
    return (files(), *versions(), computing(), *models(), *weights())


def files() -> Check:
    """The files of the distribution, against the hashes that the installer recorded."""
    what = f"g7classify {g7classify.__version__}"
    try:
        installed = metadata.distribution("g7classify")
    except metadata.PackageNotFoundError:
        return Check(what, "no metadata", f"not installed, or only in part: {REINSTALL}")
    if installed.version != g7classify.__version__:
        return Check(what, f"metadata of {installed.version}", "two versions are mixed up; uninstall both, install one")
    # Not `installed.files`, which from Python 3.12 on leaves out what is missing.
    rows = csv.reader((installed.read_text("RECORD") or "").splitlines())
    hashed = {row[0]: row[1] for row in rows if len(row) == 3 and row[1]}
    paths = {name: Path(str(installed.locate_file(name))) for name in hashed}
    here = Path(g7classify.__file__).resolve()
    if here not in {path.resolve() for path in paths.values() if path.name == here.name}:
        return Check(what, f"{here.parent}, no installed copy: files were not compared")
    wrong = [name for name, path in paths.items() if not _as_recorded(path, hashed[name])]
    if wrong:
        names = ", ".join(wrong[:TOLD]) + (f" and {len(wrong) - TOLD} more" if len(wrong) > TOLD else "")
        return Check(what, f"{len(hashed)} files", f"missing or changed: {names}; {REINSTALL}")
    return Check(what, f"{len(hashed)} files as they were installed")


def _as_recorded(path: Path, recorded: str) -> bool:
    """Whether a file has the hash of a RECORD, `sha256=` and base64 without padding."""
    algorithm, _, expected = recorded.partition("=")
    try:
        found = hashlib.new(algorithm, path.read_bytes()).digest()
    except (OSError, ValueError):  # it is gone, or hashed by what nobody knows
        return False
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == expected


def versions() -> list[Check]:
    """Python's, and of what g7classify always needs, against the least that the metadata allow."""
    checks = [Check("Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")]
    try:
        needed = metadata.requires("g7classify") or []
    except metadata.PackageNotFoundError:
        return checks
    for requirement in needed:
        if (asked := re.fullmatch(r"([\w.-]+)>=([\d.]+)", requirement)) is None:
            continue  # one of an extra
        name, least = asked.groups()
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            checks.append(Check(name, "not installed", f"pip install '{requirement}'"))
            continue
        old = _numbers(found) < _numbers(least)
        checks.append(Check(name, found, f"older than {least}: pip install '{requirement}'" if old else ""))
    return checks


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version starts with, without zeros at its end: all that is compared with a lower bound."""
    start = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(number) for number in start[0].split(".")] if start else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def computing() -> Check:
    """Which one is in use, whether it is whole, and whether it does what its readable twin does."""
    built = [name for name in COMPILED if find_spec(f"g7classify.{name}") is not None]
    problem = ""
    if built and len(built) < len(COMPILED):
        problem = f"only {', '.join(built)} of {', '.join(COMPILED)} are there: {REINSTALL}"
    elif built and kernel.NAME == "numpy" and os.environ.get("G7CLASSIFY_KERNEL") != "no":
        problem = f"what is compiled is of another version or cannot be loaded, so it is not used: {REINSTALL}"
    elif not _agrees():
        problem = f"it does not compute what its readable twin does: {REINSTALL}"
    return Check("kernel", f"{kernel.NAME}, {'compiled' if kernel.NAME == 'c' else 'slower'}", problem)


def _agrees() -> bool:
    """Whether the kernel in use and the readable one give the same features."""
    ranges = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": False}
    mine, mine_at = kernel.keys(TEXTS, **ranges)  # type: ignore[arg-type]
    other, other_at = _fallback.keys(TEXTS, **ranges)  # type: ignore[arg-type]
    return np.array_equal(mine_at, other_at) and all(
        np.array_equal(np.sort(mine[a:b]), np.sort(other[a:b])) for a, b in pairwise(mine_at)
    )


def models() -> list[Check]:
    """The shipped models and the user's own, against their manifests."""
    try:
        verdicts = registry.verify()
    except G7ClassifyError as error:
        return [Check("models", "cannot be listed", str(error))]
    return [
        Check(one.name, one.path.name if one.problem else f"{one.path.stat().st_size:,} bytes", one.problem)
        for one in verdicts
    ]


def weights() -> list[Check]:
    """The weights that a deep model goes with, if they are installed."""
    from g7classify.deep import base

    try:
        read = base.read(base.path())
    except MissingExtraError:
        return []
    except G7ClassifyError as error:
        return [Check(base.PACKAGE, "its weights", str(error))]
    return [Check(f"{base.PACKAGE} {base.VERSION}", f"weights of sha256 {read.sha256[:12]}…")]
