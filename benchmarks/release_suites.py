"""The test suite against what is released: in new environments, beside everything of the repository but the package.

Tests of the source tree carry the marker `source` and are skipped there; so are, as everywhere, those that need what a
machine lacks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks import records
from benchmarks.records import ROOT
from benchmarks.release_build import Release, run

WITHOUT = ("g7classify", "models", "setup.py", "MANIFEST.in")
UV = Path(sys.executable).with_name("uv")
SKIPPED = "needs the source tree"
# Old releases warn of what others have deprecated since, as spaCy 3.8.2 does with click 8.2, and work nonetheless.
OLD = ("-W", "ignore::DeprecationWarning")
ENDED = (0, 1)  # all tests ran, and some failed; else pytest was stopped, and its report is of those before
COMPILERS = ("gcc", "g++", "cc", "c++", "c89", "c99", "clang", "clang++", "tcc")  # and *-gcc, *-gcc-12
CORE = tuple(
    f"tests/{name}"
    for name in (
        "test_kernel.py", "test_splitter.py", "test_sentences.py", "test_features.py", "test_tagger.py",
        "test_modelfile.py", "test_registry.py", "test_installation.py", "test_cli.py", "cli/test_keeping.py",
        "cli/test_verifying.py",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suite:
    """Where tests run.

    Attributes:
        name: of the environment.
        kernel: that has to be in use there.
        compiler: whether there is one; if not, the sdist is installed, and else the abi3 wheel.
        lowest: whether every version is the lowest that pyproject.toml allows.
        python: a version; the one that runs us if not given.
        tests: all, or some.
    """

    name: str
    kernel: str = "c"
    compiler: bool = True
    lowest: bool = False
    python: str | None = None
    tests: tuple[str, ...] = ("tests",)


SUITES = (
    Suite("abi3 wheel"),
    Suite("sdist, no compiler", kernel="numpy", compiler=False),
    Suite("abi3 wheel, lowest versions", lowest=True),
    Suite("abi3 wheel, Python 3.12", python="3.12", tests=CORE),
    Suite("abi3 wheel, Python 3.13", python="3.13", tests=CORE),
)


def tree(folder: Path) -> Path:
    """What tests need of HEAD, without the package and its models."""
    folder.mkdir()
    archive = folder.with_suffix(".tar")
    run(["git", "archive", "--output", archive, "HEAD"], ROOT)
    run(["tar", "--extract", "--file", archive, *(f"--exclude={name}" for name in WITHOUT)], folder)
    return folder


def without_compilers(folder: Path) -> str:
    """A search path on which everything of this one is found but compilers."""
    folder.mkdir()
    for where in os.get_exec_path():
        for program in Path(where).iterdir() if Path(where).is_dir() else ():
            stem = program.name.rstrip("0123456789.-")
            compiler = stem in COMPILERS or stem.endswith(tuple(f"-{name}" for name in COMPILERS))
            if not compiler and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program.absolute())
    return str(folder)


def interpreter(version: str | None) -> str | None:
    """A Python to make environments with; None if there is none of that version."""
    if version is None:
        return run(["python", "-c", "import sys; print(sys._base_executable)"], ROOT).strip()
    command: list[str | Path] = [UV, "python", "find", "--no-project", "--no-python-downloads", "--system", version]
    try:
        return run(command, ROOT).strip()
    except click.ClickException:
        return None


def environment(suite: Suite, release: Release, folder: Path, variables: dict[str, str]) -> Path | None:
    """Make an environment and install the release and what tests need; None if there is no such Python."""
    found = interpreter(suite.python)
    if found is None:
        return None
    run([UV, "venv", "--quiet", "--python", found, folder], ROOT)
    python = folder / "bin" / "python"
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", python]
    package = release.abi3 if suite.compiler else release.sdist
    if suite.lowest:
        pins = folder / "lowest.txt"
        lowest: list[str | Path] = [
            "--resolution",
            "lowest-direct",
            "--no-annotate",
            "--no-header",
            "--output-file",
            pins,
        ]
        run([UV, "pip", "compile", "--quiet", "--python", python, "--extra", "test", *lowest, "pyproject.toml"], ROOT)
        run([*install, "--requirement", pins], ROOT)
        run([*install, "--no-deps", package], ROOT)
    elif suite.tests == CORE:
        run([*install, package, "pytest", "pytest-xdist", "hypothesis", "scikit-learn", "pyarrow"], ROOT)
    else:
        run([*install, f"{package}[test]"], ROOT, variables)
    return python


def test(suite: Suite, release: Release, folder: Path, *, workers: str) -> dict[str, Any] | None:
    """Run a suite in a new folder; what came of it, or None if there is no such Python.

    Raises:
        ClickException: the package that is tested is not the installed one, or its kernel another one; nothing ran.
    """
    folder.mkdir(parents=True)
    # Below `folder`, Git is not to find the repository that it lies in.
    variables = {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "GIT_CEILING_DIRECTORIES": str(folder)}
    if not suite.compiler:
        variables |= {"CC": "/bin/false", "PATH": without_compilers(folder / "programs")}
    python = environment(suite, release, folder / "environment", variables)
    if python is None:
        return None
    where = tree(folder / "tree")
    asked = "import g7classify; from g7classify import kernel; print(g7classify.__file__, kernel.NAME)"
    told = run([python, "-c", asked], where, variables).split()
    if "site-packages" not in Path(told[0]).parts or told[1] != suite.kernel:
        raise click.ClickException(f"{suite.name}: {told[0]} with the {told[1]} kernel is not what was to be tested")
    report = folder / "report.xml"
    command: list[str | Path] = [
        python,
        "-P",
        "-m",
        "pytest",
        "-q",
        "-n",
        workers,
        f"--junit-xml={report}",
        *(OLD if suite.lowest else ()),
        *suite.tests,
    ]
    path = os.pathsep.join((str(python.parent), variables.get("PATH", os.environ["PATH"])))
    click.echo(f"{suite.name}: see {folder / 'log.txt'}")
    with (folder / "log.txt").open("w") as log:
        status = subprocess.run(
            command, cwd=where, env=os.environ | variables | {"PATH": path}, stdout=log, stderr=log, check=False
        ).returncode
    if status not in ENDED or not report.is_file():
        raise click.ClickException(f"{suite.name}: pytest came to no end, see {folder / 'log.txt'}")
    return {"kernel": suite.kernel, **counted(report), "versions": versions(python)}


def counted(report: Path) -> dict[str, Any]:
    """How many tests passed and failed, were skipped for want of the source tree, and for another reason."""
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    skips = [skip.get("message", "") for case in cases for skip in case.iter("skipped")]
    failed = [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    of_source = sum(SKIPPED in message for message in skips)
    return {
        "passed": len(cases) - len(skips) - len(failed),
        "failed": failed,
        "skipped_of_source_tree": of_source,
        "skipped_otherwise": len(skips) - of_source,
    }


def versions(python: Path) -> dict[str, str]:
    """Of Python, and of everything that was installed."""
    listed: list[dict[str, str]] = json.loads(run([UV, "pip", "list", "--format", "json", "--python", python], ROOT))
    number = run([python, "-c", "import platform; print(platform.python_version())"], ROOT).strip()
    return {"python": number} | {one["name"]: one["version"] for one in listed}


def add(figures: dict[str, Any], name: str, result: dict[str, Any] | None) -> None:
    """Put what came of a suite in the place of what had come of it before."""
    suites = figures["suites"]
    suites[name] = result
    figures["tests_passed"] = sum(one["passed"] for one in suites.values() if one)
    figures["failed"] = [failed for failed in figures["failed"] if failed != name]
    if result and result["failed"]:
        figures["failed"].append(name)


def earlier(commit: str) -> dict[str, Any]:
    """Results of suites that were recorded of the same commit, whose files have the same bytes."""
    if not (records.FOLDER / "release.json").is_file():
        return {}
    figures = records.read("release")
    return dict(figures["suites"]) if figures["commit"] == commit else {}
