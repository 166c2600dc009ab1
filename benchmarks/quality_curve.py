"""What fewer rows teach: the learning curve, and languages that nothing was learned in.

By labels alone. A teacher has read with the knowledge of all rows, so that a student of it shows no curve.
One fold is held out; decisions on it are fitted within it, or, of a language left out, on its other languages.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.quality_rows import Mask, Rows, Scores, judge
from benchmarks.quality_systems import BASELINE, OURS, Fits, learn
from g7classify.learn import calibrate

SYSTEMS = (OURS, BASELINE)
SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
LEFT_OUT = ("ja", "it")


def learning_curve(rows: Rows, fits: Fits) -> dict[str, Any]:
    """Figures on the first fold by what learned from a share of the groups of the other folds."""
    part = rows.part(rows.first)
    _, group = np.unique(rows.dataset.groups, return_inverse=True)
    rank = np.random.default_rng(rows.recipe.seed).permutation(group.max() + 1) / (group.max() + 1)
    points: dict[str, list[dict[str, Any]]] = {}
    for name in SYSTEMS:
        points[name] = []
        for share in SHARES:
            learned = (rows.folds != rows.first) & (rank[group] < share)
            scores = first_scores(rows, fits, name, learned)
            summary = rows.judge_first(scores).summarise(part).model_dump(mode="json")
            points[name].append({"share": share, "learned": int(learned.sum()), **summary})
    return {"fold": rows.first, "rows": len(part), "points": points}


def transfer(rows: Rows, fits: Fits) -> dict[str, dict[str, Any]]:
    """By language: figures on its rows of the first fold, learned with and without its rows in the other folds.

    Decisions are fitted on the fold's other languages for both: who has no rows of a language to learn from has none
    to choose thresholds on.
    """
    part = rows.part(rows.first)
    found: dict[str, dict[str, Any]] = {}
    for language in LEFT_OUT:
        mine = part.languages == language
        if not mine.any() or mine.all():
            continue
        elsewhere = rows.folds != rows.first
        found[language] = {"rows": int(mine.sum()), "systems": {}}
        for name in SYSTEMS:
            of = {}
            for way, learned in (("with", elsewhere), ("without", elsewhere & (rows.dataset.languages != language))):
                scores = first_scores(rows, fits, name, learned)
                decisions = calibrate.fit(scores[~mine], part.select(~mine), rows.recipe)
                judged = judge(decisions, scores[mine], part.codebook)
                summary = judged.summarise(part.select(mine)).model_dump(mode="json")
                of[way] = {"learned": int(learned.sum()), **summary}
            found[language]["systems"][name] = of
    return found


def first_scores(rows: Rows, fits: Fits, name: str, learned: Mask) -> Scores:
    """Scores of the first fold's part by what learned from some rows of the others."""
    if (learned == (rows.folds != rows.first)).all():
        return fits.without(name, rows.first)[0]
    return learn(fits.learners[name], name, learned, rows.first, [rows.part(rows.first).texts])[0]
