"""The page of faults names tests that there are, and every module of tests/faults."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
NODES = re.findall(r"`(tests/[\w/]+\.py)::(?:(\w+)::)?(\w+)`", PAGE)


def functions(body: list[ast.stmt]) -> set[str]:
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "of", "name"), NODES)
def test_a_test_that_is_named_is_there(file: str, of: str, name: str) -> None:
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    if of:
        (body,) = [node.body for node in body if isinstance(node, ast.ClassDef) and node.name == of]
    assert name in functions(body)


def test_every_module_and_test_of_faults_is_named() -> None:
    named = {(file, name) for file, _, name in NODES}
    for path in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        file = str(path.relative_to(ROOT))
        tests = {
            name for name in functions(ast.parse(path.read_text(encoding="utf-8")).body) if name.startswith("test_")
        }
        missing = tests - {name for other, name in named if other == file} - {"test_every_extra_of_users_has_an_entry"}
        assert not missing, f"{file}: {missing} are not in docs/faults.md"


def test_every_row_has_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| fault", "| ---"))]
    assert len(rows) > 30
    assert all(re.search(r"\| `tests/[^|]+` \|$", row) for row in rows)
