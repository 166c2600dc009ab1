from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from g7classify import decision, registry
from g7classify.learn.dataset import Dataset
from g7classify.learn.evaluate import chief_f1
from g7classify.learn.fit import cross_decide
from g7classify.learn.recipe import Recipe
from g7classify.manifest import Manifest
from g7classify.model import ModelInfo
from training import publish
from training.build import SEEDS
from training.deep import fusing
from training.deep.fusing import Judged

RECIPE = Recipe(name="a-table", shrinkage=50)


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Seeds with scores of a poor table and a good deep model."""
    whole = Dataset.read(SEEDS)
    dataset = whole.select(np.arange(0, len(whole), 8))
    random = np.random.default_rng(4)
    signal = 2.0 * dataset.labels - 1
    table = signal + random.normal(0, 1.5, signal.shape)
    deep = 2 * signal + random.normal(0, 1, signal.shape)
    return Judged(table, deep, dataset, random.integers(0, 3, len(dataset)))


def test_nothing_escalated_is_the_table_and_more_budget_gains_more(judged: Judged) -> None:
    found = fusing.figures(judged, RECIPE, [0.0, 0.1, 0.5, 1.0])
    _, tags, _ = cross_decide(judged.table, judged.folds, judged.dataset, RECIPE)
    table = chief_f1(judged.dataset.labels, tags["balanced"], judged.dataset.codebook)
    assert found[0] == {"budget": 0.0, "escalated": 0.0} | table
    assert found[-1]["escalated"] == 1
    macro = [one["subtype_macro_f1"] for one in found]
    assert macro == sorted(macro)
    assert macro[-1] > macro[0] + 0.2


def test_half_of_the_sentences_chosen_gain_more_than_half(judged: Judged) -> None:
    none, half, whole = (one["subtype_micro_f1"] for one in fusing.figures(judged, RECIPE, [0.0, 0.5, 1.0]))
    assert half - none > 0.55 * (whole - none)


def test_the_budget_s_share_of_sentences_reaches_the_cutoff(judged: Judged) -> None:
    fusion = fusing.fuse(judged, RECIPE, ModelInfo("c", "0.1.0"), table_sha256="0" * 64, deep_sha256="1" * 64)
    gains = fusing.fit(judged, RECIPE).gains(judged)
    for budget in fusing.BUDGETS:
        assert (gains >= np.float32(fusion.cutoff(budget))).mean() == pytest.approx(budget, abs=0.005)
    assert (np.diff(fusion.thresholds, axis=0) >= 0).all()
    table = fusing.fit(judged, RECIPE).table
    assert fusion.thresholds[decision.row("balanced"), 0] == pytest.approx(table.thresholds[1], abs=1e-6)


def test_what_is_shipped_has_its_card(judged: Judged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = registry.root()
    (tmp_path / "manifest.json").write_bytes((shipped / "manifest.json").read_bytes())
    for module, name in ((fusing, "MODELS"), (publish, "MODELS"), (fusing, "EVALUATIONS")):
        monkeypatch.setattr(module, name, tmp_path)
    entry = fusing.ship(judged, RECIPE, "g7-base", "g7-deep")
    told = (tmp_path / entry.file).with_suffix(".md").read_text(encoding="utf-8")
    assert entry.sha256 in told
    assert f"On {len(judged.dataset):,} sentences" in told
    assert all(f"\n| {budget:.1%} | " in told for budget in fusing.BUDGETS)
    assert Manifest.of((tmp_path / "manifest.json").read_bytes()).cascades == (entry,)
