from __future__ import annotations

from g7classify.learn.fit import cross_decide
from g7classify.learn.judging.evaluating import chief_f1
from g7classify.learn.recipe import Recipe
from training.deep import mixing
from training.deep.mixing import Judged

RECIPE = Recipe(name="a-table", shrinkage=50)


def test_nothing_escalated_is_the_table_and_more_budget_gains_more(judged: Judged) -> None:
    found = mixing.figures(judged, RECIPE, [0.0, 0.1, 0.5, 1.0])
    _, tags, _ = cross_decide(judged.table, judged.folds, judged.dataset, RECIPE)
    table = chief_f1(judged.dataset.labels, tags["balanced"], judged.dataset.codebook)
    assert found[0] == {"budget": 0.0, "escalated": 0.0} | table
    assert found[-1]["escalated"] == 1
    macro = [one["subtype_macro_f1"] for one in found]
    assert macro == sorted(macro)
    assert macro[-1] > macro[0] + 0.2


def test_half_of_the_sentences_chosen_gain_more_than_half(judged: Judged) -> None:
    none, half, whole = (one["subtype_micro_f1"] for one in mixing.figures(judged, RECIPE, [0.0, 0.5, 1.0]))
    assert half - none > 0.55 * (whole - none)
