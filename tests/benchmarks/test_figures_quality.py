from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import figures, figures_quality, records


@pytest.mark.parametrize("name", figures_quality.TABLES.keys() - {"quality-pictures"})
def test_every_table_has_a_head_and_lines_of_its_width(name: str) -> None:
    head, marks, *lines = figures_quality.TABLES[name]().splitlines()
    assert lines
    assert {line.count("|") for line in (marks, *lines)} == {head.count("|")}
    assert "None" not in head + "".join(lines)


def test_pictures_lie_where_the_pages_look() -> None:
    for folder, text in ((figures.PAGES[0].parent, "cascade-picture"), (figures.PAGES[1].parent, "quality-pictures")):
        for line in figures.TABLES[text]().split():
            if line.endswith(")"):
                assert (folder / line.partition("](")[2][:-1]).is_file()


def test_a_peer_that_could_not_be_had_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = records.read("quality")
    recorded["peers"]["unavailable"] = {"made up": "not installed"}
    (tmp_path / "quality.json").write_text(json.dumps({"figures": recorded}))
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    assert "| made up: not installed |" in figures_quality.leads()
