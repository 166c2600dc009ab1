"""How well each system tags, in cross-validation and on held-out rows, and what its probabilities are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
import numpy as np

from benchmarks.quality_leads import lead
from benchmarks.quality_peers import TEACHER
from benchmarks.quality_risk import coverage_risk, reliability
from benchmarks.quality_robustness import CLEAN, losses, noisy
from benchmarks.quality_rows import Judged, Rows, judge
from benchmarks.quality_systems import BASELINE, NONE, Fits
from benchmarks.quality_teacher import TeacherScores
from g7classify import decision
from g7classify.learn import calibrate
from g7classify.learn.calibrate import Decisions
from g7classify.learn.dataset import Dataset
from g7classify.learn.judging.evaluating import ROUNDS, summarise
from g7classify.tagger import Tagger


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Sentences and what each system makes of them."""

    dataset: Dataset
    judged: dict[str, Judged]

    def figures(self, chief: str) -> dict[str, Any]:
        """All figures by kind and system; `chief` is the one of ours that is compared with the others."""
        judged, dataset = self.judged, self.dataset
        leads = {name: lead(dataset, judged[chief].tags, one.tags) for name, one in judged.items() if name != chief}
        return {
            "evaluations": {name: one.evaluate(dataset).model_dump(mode="json") for name, one in judged.items()},
            "sources": {name: by_source(dataset, one) for name, one in judged.items()},
            "reliability": {name: reliability(dataset, one) for name, one in judged.items()},
            "coverage_risk": {name: coverage_risk(dataset, one) for name, one in judged.items()},
            "chief": chief,
            "leads": leads,
        }


def by_source(dataset: Dataset, judged: Judged) -> dict[str, Any]:
    """Chief figures of the sentences of each source."""
    found = {}
    for source in np.unique(dataset.sources):
        mine = dataset.sources == source
        if source:
            part = judged.select(mine)
            summary = summarise(dataset.select(mine), part.probabilities, part.tags, rounds=ROUNDS)
            found[str(source)] = summary.model_dump(mode="json")
    return found


def cross_validation(rows: Rows, fits: Fits, teacher: TeacherScores | None) -> tuple[Part, dict[str, Decisions]]:
    """Every row by what saw neither it, nor its group, nor a near-duplicate; and decisions fitted on all of them."""
    whole, _ = rows.whole()
    judged: dict[str, Judged] = {}
    decisions: dict[str, Decisions] = {}
    for name in fits.learners:
        fits.prepare(name, rows.judged)
        scores = np.concatenate([fits.without(name, fold)[0] for fold in rows.judged])
        judged[name] = rows.judge_whole(scores)
        decisions[name] = calibrate.fit(scores, whole, rows.recipe)
    read = teacher.of(whole.texts) if teacher else None
    if read is not None:
        judged[TEACHER] = rows.judge_whole(read)
    elif teacher:
        click.echo(f"{TEACHER}: not cross-validated, {teacher.lacking(whole.texts)}", err=True)
    return Part(whole, judged), decisions


def held_out(test: Dataset, fits: Fits, decisions: dict[str, Decisions], tagger: Tagger) -> tuple[Part, dict[str, Any]]:
    """The test rows by the shipped model, and by systems that learned from all rows; and what noise costs."""
    variants = noisy(test.texts)
    thresholds = tagger.thresholds
    shipped = {noise: tagger.predict_proba(texts) for noise, texts in variants.items()}
    clean = shipped[CLEAN]
    judged = {
        f"{tagger.id} as shipped": Judged(
            clean,
            decision.decide(clean, thresholds, tagger.codebook),
            decision.in_doubt(clean, thresholds, tagger.band),
        )
    }
    tags = {
        name: {noise: decision.decide(found, thresholds, tagger.codebook) for noise, found in shipped.items()}
        for name in judged
    }
    for name in fits.learners:
        by_noise = dict(zip(variants, fits.without(name, NONE), strict=True))
        judged[name] = judge(decisions[name], by_noise[CLEAN], test.codebook)
        if name == BASELINE:
            tags[name] = {
                noise: judge(decisions[name], scores, test.codebook).tags for noise, scores in by_noise.items()
            }
    return Part(test, judged), losses(test, tags)
