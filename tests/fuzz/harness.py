"""Fuzz one target, guided by coverage of g7classify: what run.py starts as a process; the arguments are libFuzzer's.

python tests/fuzz/harness.py TARGET [-runs=N ...] [CORPUS ...], or with the path of an input, which is tried once.

COUNT, if set, is a file into which the number of inputs tried is written, eight bytes, whatever ends the process.
"""

from __future__ import annotations

import mmap
import os
import sys
import warnings
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))

from targets import target


def main() -> None:
    """Fuzz."""
    warnings.simplefilter("error")  # as the tests do: a warning that a stranger's bytes cause is a finding too
    with atheris.instrument_imports(include=["g7classify"], enable_loader_override=False):
        found = target(sys.argv.pop(1))
    count = counter(os.environ.get("COUNT"))
    tried = 0

    def one_input(data: bytes) -> None:
        nonlocal tried
        tried += 1
        count[:8] = tried.to_bytes(8, "little")
        found.one_input(data)

    def mutated(data: bytes, longest: int, seed: int) -> bytes:
        assert found.mutated is not None
        return found.mutated(data, longest, seed, atheris.Mutate)

    options = {} if found.mutated is None else {"custom_mutator": mutated}
    atheris.Setup(sys.argv, one_input, **options)
    atheris.Fuzz()


def counter(path: str | None) -> bytearray | mmap.mmap:
    """Eight bytes, of a file that outlives the process if there is one."""
    if path is None:
        return bytearray(8)
    Path(path).write_bytes(bytes(8))
    with Path(path).open("r+b") as file:
        return mmap.mmap(file.fileno(), 8)


if __name__ == "__main__":
    main()
