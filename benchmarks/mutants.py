"""What the tests of the modules that decide notice: `make mutants`, or `make mutants MODULE=decision`.

mutmut changes one thing at a time (an operator, a number, an argument, a string) and runs the module's own tests on
each mutant; one that they pass survives. Every survivor has been read: those that no test should kill stand in
docs/about/mutants.md, each with the reason. A survivor that does not stand there fails the command, as does one that
stands there and is killed now.

mutmut leaves alone what has a decorator and what stands outside of functions. The tests run on the readable kernel, as
mutants of `_sentences` are to be run, and hypothesis draws the same examples for each.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Final

import click

from benchmarks import records

WORK: Final = records.ROOT / "build" / "mutants"
PAGE: Final = records.ROOT / "docs" / "about" / "mutants.md"
MUTMUT: Final = str(Path(sys.executable).with_name("mutmut"))

# The tests of each module, under tests/: those that say what it does, and no more, so that a mutant takes a tenth of a
# second, and a survivor is one that these tests should have killed.
MODULES: Final[dict[str, tuple[str, ...]]] = {
    "calibration": ("test_calibration.py",),
    "decision": ("test_decision.py",),
    "plainjson": ("test_plainjson.py",),
    "sentences": ("test_sentences.py",),
    "_sentences": (
        "test_sentences.py",
        "test_splitter.py::test_what_is_no_column_of_texts",
        "test_splitter.py::test_what_is_no_sequence_of_texts",
        "test_splitter.py::test_texts_that_tell_a_wrong_length_are_taken_at_their_items",
    ),
    "modelfile": ("test_modelfile.py", "attacks/test_order_of_checks.py"),
    "contents": ("test_contents.py",),
    "container": ("test_container.py", "attacks/test_strict_files.py", "attacks/test_order_of_checks.py"),
}

SETTINGS: Final = """
[tool.mutmut]
source_paths = ["g7classify"]
only_mutate = ["g7classify/{module}.py"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:xdist"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
track_dependencies = false
also_copy = ["docs"]
timeout_constant = 60.0  # seconds: on a loaded machine a survivor is not to be taken for one that never ends
"""

NOTICED: Final = ("killed", "timeout")  # by the tests; a mutant that never ends is noticed too

ENVIRONMENT: Final = {
    "G7CLASSIFY_KERNEL": "no",  # and none is built in the folder where the tests run
    "PYTHONHASHSEED": "0",
    "CI": "true",  # to hypothesis: draw the same examples each time, and keep none
}


@click.command(help=__doc__)
@click.option("--module", "modules", multiple=True, type=click.Choice(list(MODULES)), help="all if not given")
@click.option("--jobs", default=1, show_default=True, help="mutants at a time")
@click.option("--record", is_flag=True, help="write benchmarks/results/mutants.json")
def main(modules: tuple[str, ...], jobs: int, record: bool) -> None:
    """Run the mutants, print the survivors, and record the figures."""
    figures: dict[str, dict[str, int]] = {}
    wrong = False
    for module in modules or MODULES:
        states = run(module, jobs)
        found = Counter(survivor(module, name) for name, state in states.items() if state not in NOTICED)
        told = explained(PAGE.read_text(encoding="utf-8"))
        known = Counter({line: times for line, times in told.items() if line.startswith(f"{module}.")})
        for title, lines in (("not explained", found - known), ("explained, but killed or gone", known - found)):
            for line in lines.elements():
                click.echo(f"{title}: - {line}")
        counts = Counter(states.values())
        figures[module] = {
            "mutants": len(states),
            "killed": counts["killed"],
            "timeouts": counts["timeout"],
            "survived": found.total(),
            "explained": (found & known).total(),
        }
        click.echo(f"{module}: {figures[module]}")
        if found != known:
            wrong = True
        elif record:  # at once: all modules take an hour
            keep(module, figures[module])
    click.echo(", ".join(f"{key} {value}" for key, value in total(figures).items()))
    sys.exit(wrong)


def keep(module: str, row: dict[str, int]) -> None:
    """Write the figures of one module beside those of the others that were recorded earlier."""
    there = (records.FOLDER / "mutants.json").exists()
    earlier = records.read("mutants")["modules"] if there else {}
    rows = {name: row if name == module else earlier[name] for name in MODULES if name in {*earlier, module}}
    records.write(
        "mutants", total(rows) | {"modules": rows, "mutmut": metadata.version("mutmut")}, ran_on=kernel_of(module)
    )


def kernel_of(module: str) -> str:
    """The kernel that the tests of its mutants ran on."""
    command = [sys.executable, "-c", "from g7classify import kernel; print(kernel.NAME)"]
    environment = os.environ | ENVIRONMENT
    done = subprocess.run(
        command, cwd=WORK / module, env=environment, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout.strip()


def total(rows: dict[str, dict[str, int]]) -> dict[str, int]:
    """The figures of all modules together."""
    return {key: sum(row[key] for row in rows.values()) for key in next(iter(rows.values()))}


def run(module: str, jobs: int) -> dict[str, str]:
    """What became of each mutant of a module, by its name."""
    folder = WORK / module
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    package = folder / "g7classify"
    shutil.copytree(records.ROOT / "g7classify", package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for name in ("tests", "docs"):
        (folder / name).symlink_to(records.ROOT / name)
    tests = [f"tests/{name}" for name in MODULES[module]]
    ours = (records.ROOT / "pyproject.toml").read_text(encoding="utf-8")  # pytest's settings are in it
    (folder / "pyproject.toml").write_text(ours + SETTINGS.format(module=module, tests=tests), encoding="utf-8")
    command = [MUTMUT, "run", "--max-children", str(jobs)]
    with (folder / "log").open("w") as log:
        done = subprocess.run(command, cwd=folder, env=os.environ | ENVIRONMENT, stdout=log, stderr=log)
    if done.returncode:
        raise click.ClickException(f"mutmut failed; its last words are in {folder / 'log'}")
    lines = told_by(folder, "results", "--all", "true").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines if "__mutmut_" in line)


def survivor(module: str, name: str) -> str:
    """A mutant in one line that does not change with lines around it: `module.function: code with ⟨was → is⟩`."""
    changed = [
        line for line in told_by(WORK / module, "show", name).splitlines() if re.match(r"[-+](?![-+]{2} )", line)
    ]
    was, now = ([" ".join(line[1:].split()) for line in changed if line[0] == sign] for sign in "-+")
    function = re.sub(r"__mutmut_\d+$", "", name).removeprefix(f"g7classify.{module}.")
    function = function.removeprefix("x_").replace("xǁ", "").replace("ǁ", ".")
    return f"{module}.{function}: `{marked(' '.join(was), ' '.join(now))}`"


def marked(was: str, now: str) -> str:
    """Two lines in one: what they have in common, and ⟨what was there → what is⟩, in whole words."""
    start = common(was, now)
    end = common(was[start:][::-1], now[start:][::-1])
    while start and re.search(r"\w$", was[:start]) and re.match(r"\w", was[start:]):
        start -= 1
    while end and re.search(r"\w$", was[:-end]) and re.match(r"\w", was[-end:]):
        end -= 1
    return f"{was[:start]}⟨{was[start : len(was) - end]} → {now[start : len(now) - end]}⟩{was[len(was) - end :]}"


def common(one: str, other: str) -> int:
    """How many characters two texts begin with that are the same."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def explained(page: str) -> Counter[str]:
    """The survivors that a page lists."""
    return Counter(re.findall(r"^- (\w+\.[\w.]+: `.*`)$", page, re.MULTILINE))


def told_by(folder: Path, *arguments: str) -> str:
    """What a command of mutmut prints."""
    command = [MUTMUT, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout


if __name__ == "__main__":
    main()
