"""Every entry of the library that takes a stranger's text or bytes, as targets for a fuzzer; a module each.

A target is a function `one_input(data)`: whatever the bytes are, it returns, or what it asks of a result does not hold,
or an error other than ours comes through, and that is a finding. It needs no fuzzer, so that `make test` runs each with
its seeds and with every past finding. A module has

- `one_input`, and `seeds()`, the inputs that a fuzzer begins with;
- `SMOKE`: how many inputs the smoke run of CI tries, about three seconds' worth;
- `LONGEST`: how many bytes an input has at most;
- `mutated`, where bytes changed at random would seldom get past a parser, and `WORDS`, what to put into inputs.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))

Mutate = Callable[[bytes, int], bytes]
"""What a fuzzer does of itself to an input, given how long the result may be."""


class Target(NamedTuple):
    """See the module."""

    name: str
    one_input: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    smoke: int
    longest: int
    words: tuple[bytes, ...]
    mutated: Callable[[bytes, int, int, Mutate], bytes] | None


def target(name: str) -> Target:
    """Import a target, and with it what it attacks."""
    module = importlib.import_module(f"targets.{name}")
    words, mutated = getattr(module, "WORDS", ()), getattr(module, "mutated", None)
    return Target(name, module.one_input, module.seeds, module.SMOKE, module.LONGEST, words, mutated)
