"""The systems of the quality benchmark that are fitted again and again: rows to learn from in, scores out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import click
import numpy as np
from joblib import Parallel, delayed

from benchmarks import peer_systems
from benchmarks.baselines import tfidf_scores
from benchmarks.quality_rows import Mask, Rows, Scores
from g7classify.learn import fit, linear
from g7classify.learn.soft import Soft

OURS, TAUGHT, BASELINE = peer_systems.OURS, f"{peer_systems.OURS}, taught", peer_systems.TFIDF
NONE = -1  # the fold that no row is in

Learner = Callable[[Mask, int, Sequence[Sequence[str]]], list[Scores]]
"""Learns from some rows (n,), all in other folds than the given one, and scores texts: (m, k) each."""


def learners(rows: Rows, soft: Soft | None) -> dict[str, Learner]:
    """Ours, ours taught by what teachers have read where that is given, and the baseline."""
    found: dict[str, Learner] = {OURS: ours(rows)}
    if soft is not None:
        found[TAUGHT] = ours(rows, soft)
    return found | {BASELINE: baseline(rows)}


def ours(rows: Rows, soft: Soft | None = None) -> Learner:
    """The recipe's model before it is rounded, on labelled rows and on what the teacher without the fold has read."""
    counts = linear.count_features(rows.dataset.texts, rows.recipe.spec)
    read = None if soft is None else linear.count_features(soft.texts, rows.recipe.spec)

    def learn(learned: Mask, fold: int, texts: Sequence[Sequence[str]]) -> list[Scores]:
        taught = None if soft is None or read is None else fit.Read(read, soft.targets(None if fold == NONE else fold))
        fitted = fit.fit(counts, rows.dataset, learned, rows.recipe, taught)
        return [fitted.scores(linear.count_features(part, rows.recipe.spec)) for part in texts]

    return learn


def baseline(rows: Rows) -> Learner:
    """What a user would build without us."""

    def learn(learned: Mask, _: int, texts: Sequence[Sequence[str]]) -> list[Scores]:
        part = rows.dataset.select(learned)
        ends = np.cumsum([len(part) for part in texts])[:-1]
        together = [text for part in texts for text in part]
        return np.split(tfidf_scores(part.texts, part.labels, together), ends)

    return learn


@dataclass(slots=True, eq=False)
class Fits:
    """Each system fitted on all folds but one, once, when it is first asked for; nothing is kept on disk.

    Attributes:
        rows: what they learn from.
        learners: the systems.
        noisy: the test rows' texts as they are and spoilt, for what has learned from all rows.
    """

    rows: Rows
    learners: dict[str, Learner]
    noisy: Sequence[Sequence[str]] = ()
    _done: dict[tuple[str, int], list[Scores]] = field(default_factory=dict)

    def without(self, name: str, fold: int) -> list[Scores]:
        """Scores of the fold's part and of the test rows; of the noisy texts where the fold is NONE."""
        self.prepare(name, [fold])
        return self._done[name, fold]

    def prepare(self, name: str, folds: Iterable[int]) -> None:
        """Fit on all folds but each of some, ours on two threads: the solver works without the GIL."""
        missing = [fold for fold in folds if (name, fold) not in self._done]
        jobs = 1 if name == BASELINE else 2  # the baseline's labels are fitted in processes of their own
        fits = Parallel(n_jobs=jobs, prefer="threads")(delayed(self._fit)(name, fold) for fold in missing)
        self._done |= {(name, fold): scores for fold, scores in zip(missing, fits, strict=True)}

    def _fit(self, name: str, fold: int) -> list[Scores]:
        test = () if self.rows.test is None else self.rows.test.texts
        texts = self.noisy if fold == NONE else (self.rows.part(fold).texts, test)
        return learn(self.learners[name], name, self.rows.folds != fold, fold, texts)


def learn(learner: Learner, name: str, learned: Mask, fold: int, texts: Sequence[Sequence[str]]) -> list[Scores]:
    """Call a learner and say how long it took."""
    start = time.perf_counter()
    scores = learner(learned, fold, texts)
    without = "" if fold == NONE else f" without fold {fold + 1}"
    click.echo(f"{name}: {learned.sum():,} rows{without}, {time.perf_counter() - start:.0f} s", err=True)
    return scores
