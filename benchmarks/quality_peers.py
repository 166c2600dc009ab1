"""Our lead over every peer on the same rows: the first fold, and test rows, by what learned from the other folds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmarks import peer_rows
from benchmarks.peer_systems import ON_E5_ROWS, SYSTEMS
from benchmarks.quality_leads import lead
from benchmarks.quality_rows import Rows, Scores
from benchmarks.quality_systems import BASELINE, OURS, Fits
from benchmarks.quality_teacher import TeacherScores

TEACHER = "fine-tuned teacher"
FIRST, TEST = "first_fold", "test"
APART = (OURS, BASELINE, ON_E5_ROWS)  # the first two are fitted anyway

Scored = dict[str, tuple[Scores | None, Scores | None]]
"""By system: scores of the first fold's part and of the test rows, where there are any."""


def scores(rows: Rows, fits: Fits, teacher: TeacherScores | None, folder: Path) -> tuple[Scored, dict[str, str]]:
    """Scores by every system that could be had, and why there are none by the others."""
    test = () if rows.test is None else rows.test.texts
    found: Scored = {}
    for name in fits.learners:
        first, of_test = fits.without(name, rows.first)
        found[name] = first, of_test if len(test) else None
    part = rows.part(rows.first)
    texts = {FIRST: part.texts} | ({TEST: test} if test else {})
    peer_rows.write(folder, rows.dataset.select(rows.folds != rows.first), texts, seed=rows.recipe.seed)
    unavailable: dict[str, str] = {}
    for name, system in SYSTEMS.items():
        if name in APART:
            continue
        if system.rows is not None:
            unavailable[name] = f"would learn from {system.rows:,} rows alone; PyTorch reads all: g7classify[teacher]"
            continue
        try:
            trained = peer_rows.run("peer_fit", name, folder)
            peer_rows.run("peer_score", name, folder, *texts)
        except ChildProcessError as error:
            unavailable[name] = str(error)
            continue
        how = f"trained on these rows before, kept in {folder}" if trained["kept"] else f"{trained['train_seconds']} s"
        click.echo(f"{name}: {how}", err=True)
        first, *rest = (peer_rows.scores(name, folder, part) for part in texts)
        found[name] = first, rest[0] if rest else None
    read = None if teacher is None else teacher.of(part.texts)
    if read is not None and teacher is not None:
        found[TEACHER] = read, teacher.of(test) if test else None
    else:
        unavailable[TEACHER] = teacher.lacking(part.texts) if teacher else "no --teacher-scores"
    return found, unavailable


def compare(rows: Rows, scored: Scored, chief: str) -> dict[str, Any]:
    """By part and system: chief figures, and how far `chief`, ours, is ahead of the others."""
    part = rows.part(rows.first)
    judged = {name: rows.judge_first(first) for name, (first, _) in scored.items() if first is not None}
    found = {FIRST: {name: one.summarise(part).model_dump(mode="json") for name, one in judged.items()}}
    for name in judged.keys() - {chief}:
        found[FIRST][name]["behind"] = lead(part, judged[chief].tags, judged[name].tags)
    if rows.test is not None:
        tested = {
            name: rows.judge_test(first, test)
            for name, (first, test) in scored.items()
            if first is not None and test is not None
        }
        found[TEST] = {name: one.summarise(rows.test).model_dump(mode="json") for name, one in tested.items()}
        for name in tested.keys() - {chief}:
            found[TEST][name]["behind"] = lead(rows.test, tested[chief].tags, tested[name].tags)
    return found


def closed(systems: dict[str, Any], hard: str, taught: str) -> float | None:
    """The share of the way from the system on labels alone to the teacher that the taught one has gone."""
    if not {hard, taught, TEACHER} <= systems.keys():
        return None
    values = [systems[name]["subtype_macro_f1"]["value"] for name in (hard, taught, TEACHER)]
    return round((values[1] - values[0]) / (values[2] - values[0]), 4) if values[2] > values[0] else None
