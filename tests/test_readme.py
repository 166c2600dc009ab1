"""The README's Python runs, its commands exist, and its figures are those of the recorded results."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import figures
from g7classify.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


def test_python_blocks_run(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = [code for language, code in BLOCKS if language == "python"]
    assert blocks
    for code in blocks:
        exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "role.presidency" in printed
    assert "measure.border_control" in printed


def test_commands_and_their_options_exist() -> None:
    commands = [line for _, code in BLOCKS for line in code.splitlines() if line.startswith("g7classify ")]
    assert len(commands) >= 5
    for command in commands:
        words = command.split("#")[0].split()[1:]
        shown = CliRunner().invoke(main, [*words[: 2 if words[0] == "models" else 1], "--help"])
        assert shown.exit_code == 0, command
        for option in (word for word in words if word.startswith("--")):
            assert option in shown.output, command


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("path", figures.PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_figures_are_those_of_the_results(path: Path) -> None:
    page = path.read_text()
    assert figures.fill(page, in_french=path in figures.FRENCH) == page, "run `python -m benchmarks.figures`"


@pytest.mark.source
def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
