"""Every code block of the documentation runs, prints what the page says, and is the same in both languages."""

from __future__ import annotations

import ast
import functools
import re
import shlex
import tempfile
from pathlib import Path

import documented
import pytest
from documented import Block, Outcome, blocks

ROOT = Path(__file__).parents[2]
TRANSLATED = {"README.md": "README.fr.md", "docs/tutorial.md": "docs/tutoriel.md"}
# A translation's blocks are those of the page that it translates, which are run.
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if str(path.relative_to(ROOT)) not in TRANSLATED.values()
)


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@functools.cache
def outcomes(page: str) -> dict[int, Outcome]:
    """What came of each block of a page, by its line; run once."""
    with tempfile.TemporaryDirectory() as folder:
        return {outcome.line: outcome for outcome in documented.run(ROOT / page, Path(folder))}


CASES = [pytest.param(page, one, id=f"{page}:{one.line}") for page in PAGES for one in blocks(read(page))]


@pytest.mark.parametrize(("page", "block"), CASES)
def test_a_block_runs_and_prints_what_the_page_says(page: str, block: Block) -> None:
    outcome = outcomes(page).get(block.line)
    if outcome is None:
        pytest.fail(f"{page}:{block.line} was not reached, as a block before it failed")
    if outcome.status == "skipped":
        pytest.skip(outcome.why)
    assert outcome.status == "passed", f"{page}:{block.line}: {outcome.why}"


@pytest.mark.parametrize("page", [*PAGES, *TRANSLATED.values()])
def test_no_fence_escapes_the_tests(page: str) -> None:
    text = read(page)
    fences = len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE))
    assert fences == 2 * (len(blocks(text)) + sum(block.expected is not None for block in blocks(text)))


def told(block: Block) -> list[object]:
    """A block without its comments, which are translated."""
    if block.language == "python":
        return ["python", ast.dump(ast.parse(block.code)), block.expected]
    if block.language in ("console", ""):
        lines = block.code.replace("\\\n", " ").splitlines()
        return ["console", [shlex.split(line, comments=True) for line in lines], block.expected]
    return [block.language, block.code, block.expected]


@pytest.mark.parametrize(("page", "translation"), TRANSLATED.items(), ids=str)
def test_both_languages_show_the_same_code(page: str, translation: str) -> None:
    ours, theirs = ([told(block) for block in blocks(read(name))] for name in (page, translation))
    assert ours
    assert theirs == ours


@pytest.mark.parametrize(("page", "translation"), TRANSLATED.items(), ids=str)
def test_both_languages_have_the_same_parts_and_figures(page: str, translation: str) -> None:
    for pattern in (r"^#+", r"<!-- figures: [a-z0-9-]+ -->"):
        outside = [
            re.sub(r"^```.*?^```$", "", read(name), flags=re.MULTILINE | re.DOTALL) for name in (page, translation)
        ]
        ours, theirs = (re.findall(pattern, text, re.MULTILINE) for text in outside)
        assert theirs == ours


@pytest.mark.source
@pytest.mark.parametrize("page", ["README.md", "README.fr.md"])
def test_links_of_what_the_site_does_not_hold_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(page)):
        assert (ROOT / target).exists(), target


def test_what_is_expected_may_leave_lines_out() -> None:
    assert documented.matches("a\n...\nd\n", "a\nb\nc\nd\n")
    assert documented.matches("a\n...\n", "a\n")
    assert not documented.matches("a\n...\nd\n", "a\nb\n")
    assert not documented.matches("a.c\n", "abc\n")


def test_a_stale_block_and_a_broken_one_are_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nprint(1)\n```\n\n```text\n2\n```\n\n```console\nfalse\n```\n\n```python\n```\n", "utf-8"
    )
    found = documented.run(page, tmp_path / "folder")
    assert [(outcome.line, outcome.status) for outcome in found] == [(2, "stale"), (10, "broken")]


@pytest.mark.parametrize("line", ["pip install 'g7classify[nothing]'", "make nothing"])
def test_what_cannot_be_installed_or_made_is_no_line_of_a_page(line: str) -> None:
    with pytest.raises(ValueError, match="there is no nothing"):
        documented.check_told(line)
