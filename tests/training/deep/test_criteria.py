from __future__ import annotations

import numpy as np
import pytest

from g7classify.learn.recipe import Recipe
from training.deep import mixing
from training.deep.criteria import CRITERIA
from training.deep.mixing import Judged

RECIPE = Recipe(name="a-table", shrinkage=50)


@pytest.mark.parametrize("name", CRITERIA)
def test_gains_depend_on_the_table_s_scores_alone(judged: Judged, name: str) -> None:
    half = judged.folds == 0
    rest, own = judged.select(~half), judged.select(half)
    fitted = mixing.fit(rest, RECIPE)
    gains = CRITERIA[name](fitted, rest, own)
    assert gains.shape == (half.sum(),)
    assert np.isfinite(gains).all()
    blind = own._replace(deep=np.zeros_like(own.deep), dataset=judged.dataset.select(np.flatnonzero(half)[::-1]))
    assert (CRITERIA[name](fitted, rest, blind) == gains).all()


def test_looking_at_the_table_is_better_than_chance(judged: Judged) -> None:
    judged = judged._replace(folds=judged.folds % 2)  # two folds, as each takes its time
    found = {name: mixing.figures(judged, RECIPE, [0.3], criterion=one)[0] for name, one in CRITERIA.items()}
    assert {name: one["escalated"] for name, one in found.items()} == pytest.approx(dict.fromkeys(found, 0.3), abs=0.05)
    micro = {name: one["subtype_micro_f1"] or 0.0 for name, one in found.items()}
    # The noise is the same for all labels, so the nearest threshold alone tells little here.
    assert min(micro[name] for name in ("entropy", "closeness", "learned, rarity")) > micro["random"]
    macro = {name: one["subtype_macro_f1"] or 0.0 for name, one in found.items()}
    assert macro["closeness, rarity"] > macro["random"] + 0.02
