from __future__ import annotations

import json

from g7classify import cascade, registry
from training.build import ROOT
from training.card import of_cascade

EVALUATIONS = ROOT / "training" / "evaluations"


def test_the_card_of_the_shipped_cascade_is_what_its_figures_give() -> None:
    (entry,) = registry.manifest(registry.root()).cascades
    file = registry.root() / entry.file
    fusion, digest = cascade.load(file, sha256=entry.sha256)
    recorded = json.loads((EVALUATIONS / f"{file.stem}.json").read_text(encoding="utf-8"))
    table, deep = registry.find(entry.table), registry.find(entry.deep)
    told = of_cascade(
        fusion, table, deep, recorded["budgets"], rows=recorded["rows"], sha256=digest, size_bytes=entry.bytes
    )
    assert file.with_suffix(".md").read_text(encoding="utf-8") == told
    assert "| 10.0% | 10.2% | .736 | .777 | .831 |" in told
    for known in (entry.sha256, table.sha256, deep.sha256, str(table.id), str(deep.id)):
        assert known in told
