"""A PDF of fifty pages from the command line into a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from benchmarks import made_documents
from g7classify.cli import main

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = 50


def test_fifty_pages(show: Callable[..., Page], tmp_path: Path, model_path: Path) -> None:
    paragraphs = [
        [
            f"La police a ouvert une enquête numéro {number}. Les voisins n'en savaient rien.",
            f"Plus tard le ministre a parlé de terrorisme pour la fois numéro {number}."
            if number % 5 == 0
            else "Rien.",
        ]
        for number in range(1, PAGES + 1)
    ]
    pdf, page = tmp_path / "report.pdf", tmp_path / "report.html"
    pdf.write_bytes(made_documents.pdf(paragraphs))
    result = CliRunner().invoke(main, ["report", str(pdf), "-m", str(model_path), "-o", str(page)])
    assert result.exit_code == 0, result.output
    said = re.fullmatch(r"wrote .*: 150 sentences, ([\d,]+) bytes, [\d.]+ s\n", result.stderr)
    assert said is not None, result.stderr
    assert int(said[1].replace(",", "")) == page.stat().st_size < 100_000

    opened = show(page.read_text(encoding="utf-8"))
    assert opened.locator("#sentences > li").count() == 150
    opened.locator("label", has_text="Terrorisme").locator("input").check()
    shown = opened.locator("#sentences > li:not([hidden]) .said")
    opened.wait_for_timeout(100)
    assert shown.count() == PAGES // 5
    assert "numéro 50" in shown.last.inner_text()
    assert shown.last.inner_text().endswith("page 50")
