from __future__ import annotations

import numpy as np
import pytest

from g7classify import decision
from g7classify.learn.recipe import Recipe
from g7classify.model import ModelInfo
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
