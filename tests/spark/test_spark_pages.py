"""The blocks of code that the documentation marks as of a cluster run on one, and print what their page says."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from g7classify import registry

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")

ROOT = Path(__file__).parents[2]
PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if "<!-- cluster -->" in path.read_text("utf-8")]
SHARED = "/mnt/shared"  # of the pages: what all machines see


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.usefixtures("spark")
def test_a_page_s_blocks_print_what_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tests" / "documentation")
    from documented import blocks

    shutil.copy(registry.path(registry.find("g7-seeds")), tmp_path / "mine.safetensors")
    names: dict[str, Any] = {"__name__": "__main__"}
    of_cluster = [block for block in blocks(page.read_text("utf-8")) if block.word == "cluster"]
    assert of_cluster
    for block in of_cluster:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * (block.line - 1) + block.code.replace(SHARED, str(tmp_path)), page, "exec"), names)
        assert printed.getvalue() == block.expected, f"{page.name}:{block.line}"
