"""The compiled modules once more, with gcc's -fsanitize-coverage=trace-pc: they count the basic blocks that they enter.

The number is the same on every run, whatever else the machine does, but for the places in hash sets, which are secret.
What the C library does (memcpy, malloc) is not in it.
"""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import ROOT
from g7classify.model import Model

BUILD = ROOT / "build" / "counted"
OPTIONS = ("-std=c11", "-O1", "-fPIC", "-ffp-contract=off")
Work = Callable[[str], Any]
Prepared = Callable[[], Work]
"""Makes what works on one text, so that no text finds words in a cache that an earlier one has left there."""


def is_possible() -> bool:
    """Whether they can be compiled here."""
    return sys.platform == "linux" and shutil.which("gcc") is not None


class Counted:
    """The kernel and the splitter, and how much work they have done."""

    def __init__(self) -> None:
        BUILD.mkdir(parents=True, exist_ok=True)
        counter = BUILD / "counted.o"
        self._compile("-c", str(Path(__file__).with_name("counted.c")), "-o", str(counter))
        self._counters: list[ctypes.c_uint64] = []
        self.kernel, self.splitter = (self._load(name, counter) for name in ("_kernel", "_splitter"))

    def _load(self, name: str, counter: Path) -> Any:
        path, source = BUILD / f"{name}.so", ROOT / "g7classify" / f"{name}.c"
        include = f"-I{sysconfig.get_path('include')}"
        self._compile("-shared", "-fsanitize-coverage=trace-pc", include, str(source), str(counter), "-o", str(path))
        spec = importlib.util.spec_from_file_location(f"counted.{name}", path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path}: expected a module that can be loaded")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._counters.append(ctypes.c_uint64.in_dll(ctypes.CDLL(str(path)), "blocks_entered"))
        return module

    def _compile(self, *arguments: str) -> None:
        subprocess.run(["gcc", *OPTIONS, *arguments], check=True)

    def blocks(self, prepare: Prepared, text: str) -> int:
        """How many blocks the work on a text enters, its preparation left out."""
        work = prepare()
        before = sum(counter.value for counter in self._counters)
        work(text)
        return int(sum(counter.value for counter in self._counters) - before)

    def entries(self, model: Model) -> dict[str, Prepared]:
        """What is done with a text, by name: see linear_time.py."""
        spec = model.spec
        options = {
            "pairs": spec.pairs,
            "characters": spec.characters,
            "unspaced": spec.unspaced,
            "repeats": spec.repeats,
        }

        def table() -> Any:
            made = self.kernel.Table(model.table, model.scale, model.bias, pivot=model.pivot, **options)
            made.scores([""])  # the first call makes room
            return made

        def scores() -> Work:
            own = table()
            return lambda text: own.scores([text])

        def scores_utf8() -> Work:
            own = table()
            return lambda text: own.scores_utf8(data := text.encode(), np.array([0, len(data)]))

        def tag() -> Work:
            own = table()

            def work(text: str) -> None:
                spans = self.splitter.split_texts([text], -1)[2]
                found = own.scores([text[start:end] for start, end in spans.tolist()])
                self.kernel.calibrate(found, model.slope, model.intercept, model.codebook.parents)

            return work

        return {
            "split": lambda: lambda text: self.splitter.split_texts([text], -1),
            "keys": lambda: lambda text: self.kernel.keys([text], **options),
            "scores": scores,
            "scores_utf8": scores_utf8,
            "tag": tag,
        }
