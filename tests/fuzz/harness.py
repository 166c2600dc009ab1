"""Fuzz one target, guided by coverage of g7classify: what run.py starts as a process. Arguments are libFuzzer's.

    python tests/fuzz/harness.py TARGET -runs=1000 FOLDER     fuzz; what reaches something new is kept in the folder
    python tests/fuzz/harness.py TARGET FILE                  try one input again, as one that a finding has left

The folder is given the target's seeds. Without -runs as many inputs are tried as the target says of its smoke run. Into
the file that COUNT names, if it is set, eight bytes are written: how many inputs were tried, however the process ends.
"""

from __future__ import annotations

import mmap
import os
import sys
import warnings
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))

from targets import Target, target


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

    seeds = found.seeds()

    def mutated(data: bytes, longest: int, seed: int) -> bytes:
        assert found.mutated is not None
        # libFuzzer lets go of a seed for a shorter input that reaches the same; what is whole is changed now and then.
        if (seed >> 8) % 16 == 0:
            data = seeds[seed % len(seeds)]
        return found.mutated(data, longest, seed, atheris.Mutate)

    options = {} if found.mutated is None else {"custom_mutator": mutated}
    atheris.Setup([*sys.argv, *added(found, Path(sys.argv[-1]))], one_input, **options)
    atheris.Fuzz()


def counter(path: str | None) -> bytearray | mmap.mmap:
    """Eight bytes, of a file that outlives the process if there is one."""
    if path is None:
        return bytearray(8)
    Path(path).write_bytes(bytes(8))
    with Path(path).open("r+b") as file:
        return mmap.mmap(file.fileno(), 8)


def added(found: Target, folder: Path) -> list[str]:
    """The options that a target has of itself; its seeds and words are written where they name them."""
    if not folder.is_dir():
        return []
    for number, seed in enumerate(found.seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [f"-max_len={found.longest}"]
    if found.words:
        words = folder.with_name(f"{folder.name}.words")
        words.write_text("".join('"' + "".join(map("\\x{:02x}".format, word)) + '"\n' for word in found.words))
        options.append(f"-dict={words}")
    if not any(option.startswith("-runs=") for option in sys.argv):
        options.append(f"-runs={found.smoke}")
    return options


if __name__ == "__main__":
    main()
