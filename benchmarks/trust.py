"""What g7classify promises, what proves it, and the figures of the last run: docs/trust.md, and `make trust`.

`python -m benchmarks.trust` runs the short form of every proof, and the tests; it fails if one fails. `--record` keeps
how many tests passed and how long all took. `python -m benchmarks.trust page` writes docs/trust.md out of promises.toml
and results/*.json, and refuses to while a figure is missing, or tells of a promise that was broken. The long forms,
which stand on the page, write the figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any
from xml.etree import ElementTree

import click
from pydantic import BaseModel, ConfigDict
from rich.console import Console

from benchmarks import records
from g7classify.atomic import write_bytes
from g7classify.learn.cards import markdown

PROMISES = Path(__file__).with_name("promises.toml")
PAGE = records.ROOT / "docs" / "trust.md"
RESULTS = "trust"
REPORT = records.ROOT / "build" / "trust.xml"


class Promise(BaseModel):
    """A line of the page.

    Attributes:
        says: what is promised.
        tests: files of tests, or `file::name`, that prove it; all are part of `make test`.
        proof: the command that records the figures.
        short: the same in short, for `make trust`.
        results: the name of what the command records in benchmarks/results.
        figures: what is told of it, a format string over the recorded figures, say "{files:,} files".
        none: figures that break the promise unless they are 0, or lists that are empty.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: str
    tests: tuple[str, ...] = ()
    proof: str = ""
    short: str = ""
    results: str = ""
    figures: str = ""
    none: tuple[str, ...] = ()

    def told(self) -> str:
        """The recorded figures, and the day they were measured.

        Raises:
            click.ClickException: a figure is missing, or one that has to be 0 is not.
        """
        if not self.results:
            return self._tested() if self.tests else "no figure"
        try:
            figures = records.read(self.results)
            broken = {key: found for key in self.none if (found := reached(figures, key)) not in (0, [])}
            told = self.figures.format_map(figures)
        except (OSError, LookupError) as error:
            raise click.ClickException(f"{self.says} No figure is recorded: {error!r}; run `{self.proof}`") from error
        if broken:
            raise click.ClickException(f"{self.says} Recorded is {broken}, expected 0; see `{self.proof}`")
        return f"{told} ({records.date(self.results)})"

    def _tested(self) -> str:
        known = records.read(RESULTS)["tests"]
        if unknown := [test for test in self.tests if not known.get(test)]:
            raise click.ClickException(
                f"{self.says} None of {unknown} is known to have passed; run `make trust RECORD=1`"
            )
        return f"{sum(known[test] for test in self.tests)} tests passed ({records.date(RESULTS)})"


class Part(BaseModel):
    """Promises of one kind, and what is not promised."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    promises: tuple[Promise, ...]
    not_promised: tuple[str, ...]


class Promises(BaseModel):
    """All that promises.toml holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: tuple[Part, ...]

    @property
    def promises(self) -> list[Promise]:
        """Those of all parts, in order."""
        return [promise for part in self.parts for promise in part.promises]

    @property
    def tests(self) -> list[str]:
        """Every test, file and folder of tests that a promise names, once."""
        return sorted({test for promise in self.promises for test in promise.tests})

    @property
    def files(self) -> list[str]:
        """The files and folders that these lie in."""
        return sorted({test.split("::")[0] for test in self.tests})

    @property
    def commands(self) -> list[str]:
        """Every short form, once, in the order of the page."""
        return list(dict.fromkeys(promise.short for promise in self.promises if promise.short))


def read() -> Promises:
    """What promises.toml holds."""
    return Promises.model_validate(tomllib.loads(PROMISES.read_text(encoding="utf-8")))


def reached(figures: dict[str, Any], key: str) -> Any:
    """A figure by its dotted name."""
    found: Any = figures
    for name in key.split("."):
        found = found[name]
    return found


def page(promises: Promises) -> str:
    """The page, in Markdown."""
    lines = [
        "# What you can rely on, and what proves it",
        "",
        "Each promise, what proves it, and the figures that the proof gave last, with the day. `make trust` runs the",
        f"short form of all of them, in {records.read(RESULTS)['seconds'] / 60:.0f} minutes on "
        f"{records.machine_of(RESULTS)['cores']} cores when it was recorded; the tests are part of `make test`.",
        "`python -m benchmarks.trust page` writes this page.",
        "",
    ]
    for part in promises.parts:
        lines += [f"## {part.title}", ""]
        rows = [[promise.says, "<br>".join(proofs(promise)), promise.told()] for promise in part.promises]
        lines += [markdown.table(["promise", "proof", "last run"], rows).replace("---:", "---")]
        lines += ["Not promised:", "", *(f"- {line}" for line in part.not_promised), ""]
    return "\n".join(lines)


def proofs(promise: Promise) -> list[str]:
    """The command and the tests, as code."""
    return [f"`{proof}`" for proof in (promise.proof, *promise.tests) if proof]


def passed(tests: Sequence[str], report: Path) -> dict[str, int]:
    """How many of each of some tests, files or folders passed, as pytest's report in JUnit's form tells."""
    found = dict.fromkeys(tests, 0)
    for case in ElementTree.parse(report).iter("testcase"):
        if not len(case):  # nothing is told of one that passed
            path = case.get("classname", "").replace(".", "/")
            name = case.get("name", "").partition("[")[0]
            for test in tests:
                file, _, function = test.partition("::")
                within = f"{path}/".startswith(f"{file.removesuffix('.py')}/")
                found[test] += within and function in ("", name)
    return found


@click.group(invoke_without_command=True)
@click.option("--record", is_flag=True, help="Keep how many tests passed, and the seconds of each command.")
@click.pass_context
def main(context: click.Context, record: bool) -> None:
    """Run the short form of every proof."""
    if context.invoked_subcommand:
        return
    console = Console()
    promises = read()
    REPORT.parent.mkdir(exist_ok=True)
    tests = f"python -m pytest -q -n auto --junit-xml={REPORT} {' '.join(promises.files)}"
    environment = os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    for variable in ("MAKEFLAGS", "RECORD"):  # of `make trust RECORD=1`: a short form records nothing
        environment.pop(variable, None)
    seconds: dict[str, int] = {}
    failed = []
    for command in (tests, *promises.commands):
        name = "tests" if command == tests else command
        console.rule(name)
        begun = perf_counter()
        done = subprocess.run(command, shell=True, cwd=records.ROOT, env=environment, check=False)
        seconds[name] = round(perf_counter() - begun)
        console.print(f"{seconds[name]} s, {'held' if done.returncode == 0 else f'BROKEN ({done.returncode})'}")
        failed += [name] if done.returncode else []
    console.rule(f"{len(promises.promises)} promises, {sum(seconds.values())} s")
    if failed:
        raise click.ClickException("\n".join(["what did not hold:", *failed]))
    if record:
        records.write(
            RESULTS, {"seconds": sum(seconds.values()), "of": seconds, "tests": passed(promises.tests, REPORT)}
        )


@main.command("page")
def write_page() -> None:
    """Write docs/trust.md."""
    write_bytes(PAGE, page(read()).encode())


if __name__ == "__main__":
    main()
