from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from g7classify import decision, registry
from g7classify.learn.recipe import Recipe
from g7classify.manifest import Manifest
from g7classify.model import ModelInfo
from training import publish
from training.deep import fusing, mixing
from training.deep.mixing import Judged

RECIPE = Recipe(name="a-table", shrinkage=50)


def test_the_budget_s_share_of_sentences_reaches_the_cutoff(judged: Judged) -> None:
    fusion = fusing.fuse(judged, RECIPE, ModelInfo("c", "0.1.0"), table_sha256="0" * 64, deep_sha256="1" * 64)
    gains = mixing.fit(judged, RECIPE).gains(judged)
    for budget in fusing.BUDGETS:
        assert (gains >= np.float32(fusion.cutoff(budget))).mean() == pytest.approx(budget, abs=0.005)
    assert (np.diff(fusion.thresholds, axis=0) >= 0).all()
    table = mixing.fit(judged, RECIPE).table
    assert fusion.thresholds[decision.row("balanced"), 0] == pytest.approx(table.thresholds[1], abs=1e-6)


def test_what_is_shipped_has_its_card(judged: Judged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = registry.root()
    (tmp_path / "manifest.json").write_bytes((shipped / "manifest.json").read_bytes())
    for module, name in ((fusing, "MODELS"), (publish, "MODELS"), (fusing, "EVALUATIONS")):
        monkeypatch.setattr(module, name, tmp_path)
    monkeypatch.setattr(fusing, "CRITERIA", {"shipped": mixing.shipped_gains})
    entry = fusing.ship(judged, RECIPE, "g7-base", "g7-deep")
    told = (tmp_path / entry.file).with_suffix(".md").read_text(encoding="utf-8")
    assert entry.sha256 in told
    assert f"On {len(judged.dataset):,} sentences" in told
    assert all(f"\n| {budget:.1%} | " in told for budget in fusing.BUDGETS)
    assert Manifest.of((tmp_path / "manifest.json").read_bytes()).cascades == (entry,)
