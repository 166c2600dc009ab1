"""The page of promises: what it names exists, and what it tells was measured."""

from __future__ import annotations

import ast
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest

from benchmarks import records, trust

PROMISES = trust.read()
MAKEFILE = (records.ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_page_is_what_the_results_give() -> None:
    assert trust.page(PROMISES) == trust.PAGE.read_text(encoding="utf-8"), "run `python -m benchmarks.trust page`"


@pytest.mark.parametrize("promise", PROMISES.promises, ids=lambda promise: promise.says)
def test_every_promise_has_a_proof_that_exists(promise: trust.Promise) -> None:
    assert promise.tests or promise.proof
    for test in promise.tests:
        file, *name = test.split("::")
        path = records.ROOT / file
        assert path.exists(), test
        if name:
            functions = {
                node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
            }
            assert name[0] in functions, test
    for command in filter(None, (promise.proof, promise.short)):
        first, *words = shlex.split(command)
        if first == "make":
            assert re.search(rf"^{words[0]}:", MAKEFILE, re.MULTILINE), command
        else:
            assert first == "python", command
            named = find_spec(words[1]) if words[0] == "-m" else (records.ROOT / words[0]).exists()
            assert named, command


def test_what_a_command_proves_has_figures() -> None:
    for promise in PROMISES.promises:
        assert bool(promise.figures) == bool(promise.results), promise.says
        assert not promise.results or promise.proof, promise.says
    assert all(part.not_promised for part in PROMISES.parts)


def recorded(folder: Path, **figures: Any) -> trust.Promise:
    records.write("made_up", figures)
    assert (folder / "made_up.json").exists()
    return trust.Promise(
        says="It holds.", proof="make test", results="made_up", figures="{tried:,} tried", none=("found.crashes",)
    )


def test_a_broken_or_missing_figure_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    promise = recorded(tmp_path, tried=1000, found={"crashes": 0})
    assert promise.told() == f"1,000 tried ({records.date('made_up')})"
    recorded(tmp_path, tried=1000, found={"crashes": 1})
    with pytest.raises(click.ClickException, match=r"'found\.crashes': 1"):
        promise.told()
    recorded(tmp_path, tried=1000, found={"crashes": ["a"]})
    with pytest.raises(click.ClickException, match=r"\['a'\]"):
        promise.told()
    recorded(tmp_path, tried=1000, found={"crashes": []})
    assert promise.told().startswith("1,000 tried")
    recorded(tmp_path, tried=1000, found={})
    with pytest.raises(click.ClickException, match="crashes"):
        promise.told()
    recorded(tmp_path, found={"crashes": 0})
    with pytest.raises(click.ClickException, match="tried"):
        promise.told()
    (tmp_path / "made_up.json").unlink()
    with pytest.raises(click.ClickException, match="make test"):
        promise.told()


def test_what_passed_is_counted_for_files_folders_and_single_tests(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        """<testsuites><testsuite>
        <testcase classname="tests.faults.test_killed" name="test_a[model]"/>
        <testcase classname="tests.faults.test_killed.TestMore" name="test_a[page]"/>
        <testcase classname="tests.faults.test_killed" name="test_b"><skipped/></testcase>
        <testcase classname="tests.faults.test_killed_more" name="test_a"/>
        <testcase classname="tests.faulty.test_c" name="test_c"><failure/></testcase>
        </testsuite></testsuites>""",
        encoding="utf-8",
    )
    tests = ["tests/faults", "tests/faults/test_killed.py", "tests/faults/test_killed.py::test_b", "tests/faulty"]
    assert trust.passed([*tests, f"{tests[1]}::test_a"], report) == dict(
        zip([*tests, f"{tests[1]}::test_a"], (3, 2, 0, 0, 2), strict=True)
    )


def test_a_promise_of_tests_that_never_passed_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    promise = trust.Promise(says="It holds.", tests=("tests/faults", "tests/faulty"))
    records.write(trust.RESULTS, {"tests": {"tests/faults": 3, "tests/faulty": 4}})
    assert promise.told() == f"7 tests passed ({records.date(trust.RESULTS)})"
    records.write(trust.RESULTS, {"tests": {"tests/faults": 3, "tests/faulty": 0}})
    with pytest.raises(click.ClickException, match="tests/faulty"):
        promise.told()
