"""Go on from a model with new rows and new labels, without forgetting what it knew.

Each weight is pulled to what it was (see linear.refit), so that it moves only where rows ask for it; new labels start
from nothing, and lean on the old ones. Rows of before, the replay, teach beside the new ones: they say what the new
labels are not (joining.py), or hold them and do not say so (arriving.py), and they hold the old ones in place, at a
tenth of their cost, as the model has learned them or their like. The old labels keep their biases, calibration and
thresholds, as rows that were picked for others say nothing of how rare a label is; those of the new labels are fitted
on cross-validated scores. What the old labels lose is measured on rows that nobody learned from where there are such,
or else on the replay, or the new rows, each scored by a model that did not learn from it here, rounded as a file holds
it; an update that costs too much is refused, and so is one by rows whose labels no model can tell (shuffled.py).

A model of the seeds reached a sub-type macro-F1 of .527 on 4,000 real sentences; after 400 others, all labelled, and
3,000 of the seeds .501 with these at no cost, .559, .565, .566 at a hundredth, a tenth and all of it; after the seeds
alone, at the best thresholds, .579, .579, .576, where it had been .579.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, extras
from g7classify.codebook import Codebook
from g7classify.errors import OptionError

with extras.needed("train", by="training"):
    from joblib import delayed
    from scipy.sparse import csr_array

    from g7classify.learn import arriving, calibrate, fit, forgetting, joining, linear, shuffled, split, threads
from g7classify.learn.dataset import Dataset
from g7classify.learn.forgetting import Check
from g7classify.learn.linear import Progress
from g7classify.learn.recipe import Recipe
from g7classify.model import Model, ModelInfo
from g7classify.tagger import Tagger

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

REPLAYED: Final = 0.1  # what an old label of a replayed row weighs, in new rows


@dataclass(frozen=True, slots=True, eq=False)
class Updated:
    """A model with new rows and labels, and what the update did to each label.

    Attributes:
        model: the new one.
        check: each label before and after.
    """

    model: Model
    check: Check


def update(
    model: Model | Tagger,
    dataset: Dataset,
    *,
    replay: Dataset | None = None,
    unseen: Dataset | None = None,
    recipe: Recipe | None = None,
    allowed_loss: float = 0.01,
    force: bool = False,
    data_sha256: dict[str, str] | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Updated:
    """Learn from new rows, and new labels, what the model does not know yet.

    Args:
        model: a table, or a tagger of one; its labels come first in the updated model, then the new ones of `dataset`.
        dataset: n new labelled sentences. With a codebook of the new labels alone, nothing is said of the old ones.
            The same text with other labels is taken as it is: see fit.train.
        replay: labelled sentences of before, or like those; 2,000 to 20,000 are good.
        unseen: labelled sentences that neither the model nor the update learns from, to judge the old labels by.
            Without them the replay judges, and where the model has learned from it, hides some of what is forgotten.
        recipe: cost, epochs, weights, folds, calibration and seed; features, norms and name are the model's.
        allowed_loss: how much macro-F1 of the old labels may fall, 0..1, and F1 of one of them 20 times as much;
            what chance explains is allowed in any case.
        force: whether to go on where more is lost, or no model can tell the labels of the new rows.
        data_sha256: of each file of new rows, for the model's provenance.
        n_jobs: threads; None = all cores.
        progress: called with steps done, steps in all and what is being done.

    Raises:
        ForgettingError: more is lost than is allowed; its `changes` are those of Updated.check.
        DataError: fewer independent groups than folds; rows that share no label with the model's codebook and theirs;
            new rows of which most labels are told no better than by chance.
        CodebookError: a label has one parent in the model and another in the rows' codebook.
        OptionError: `allowed_loss` is not in 0..1, or the model is no table.
    """
    model = table_of(model)
    if not 0 <= allowed_loss <= 1:
        raise OptionError(f"allowed_loss: expected 0 to 1, got {allowed_loss}")
    recipe, report = recipe or Recipe().complete(), progress or (lambda *_: None)
    steps = recipe.folds + 2
    codebook, old = joining.union(model.codebook, dataset.codebook), len(model.codebook)
    rows, known = joining.join(codebook, [fit.for_task(dataset, recipe), *([] if replay is None else [replay])])
    report(0, steps, "finding near-duplicates")
    folds = split.folds(rows, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    lesson = Lesson.of(model, rows, known, recipe, new=len(dataset))
    report(1, steps, f"fitting {len(codebook)} labels on {len(rows)} rows, and on all folds but one")
    deciding, told = rows, known
    if replay is not None and len(codebook) > old:
        first = np.zeros((len(rows), len(codebook) - old))
        tries = (delayed(lesson.score_new)(folds, fold) for fold in range(recipe.folds))
        for fold, found in enumerate(threads.results(tries, n_jobs=n_jobs)):
            first[folds == fold] = found
        # Not nested in the folds that follow: the guesses of a fold's other rows owe next to nothing to its labels.
        chances = arriving.hidden(first, rows, known, new=len(dataset), old=old)
        lesson.guess(chances)
        deciding, told = guessed(rows, known, chances)

    tasks = [*(delayed(lesson.score)(folds, fold) for fold in range(recipe.folds)), delayed(lesson.fit)()]
    fits = threads.results(tasks, n_jobs=n_jobs)
    scores = np.zeros(rows.labels.shape)
    for fold in range(recipe.folds):
        scores[folds == fold] = next(fits)
        report(2 + fold, steps, f"cross-validated fold {fold + 1} of {recipe.folds}")
    fitted = next(fits)
    decisions = decide(model, scores, deciding, told, recipe)
    tags = np.zeros(rows.labels.shape, dtype=bool)
    for fold in range(recipe.folds):  # as in training, no row is judged by decisions that were fitted on it
        judged, rest = folds == fold, folds != fold
        apart = decide(model, scores[rest], deciding.select(rest), told[rest], recipe)
        tags[judged] = apart.judge(scores[judged], codebook)[1]["balanced"]
    own = slice(len(dataset))
    told_of_new = known[own].copy()
    if replay is not None:  # new rows that contradict those of before must not hide what is forgotten
        known[own, :old] = False
    check = forgetting.compare(model, tags, rows, known, allowed_loss=allowed_loss)
    updated = fit.table(fitted, decisions, info=model.info, codebook=codebook, spec=model.spec)
    if unseen is not None:
        check = check.with_old(judged_by(unseen, model, updated, allowed_loss=allowed_loss))
    if not force:
        check.refuse(allowed_loss)
        shuffled.refuse(scores[own], rows.labels[own], told_of_new, codebook.names, old=old)
    report(steps, steps, "done")
    return Updated(replace(updated, info=describe(model.info, dataset, recipe, data_sha256 or {}, check)), check)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What an update learns from, and how.

    Attributes:
        prior: the model of before, ready for the rows' features.
        counts: (n, d) of the rows' features.
        targets: (n, k) of all labels, as 0 and 1 or probabilities, the old ones first.
        costs: (n, k), what each label of each row weighs.
        recipe: epochs and seed, and the cost of a guess.
    """

    prior: linear.Linear
    counts: csr_array
    targets: NDArray[np.float32]
    costs: NDArray[np.float32]
    recipe: Recipe

    @classmethod
    def of(cls, model: Model, rows: Dataset, known: Bools, recipe: Recipe, *, new: int) -> Lesson:
        """Of n rows, the new ones first, and of the labels known of them (n, k)."""
        counts = linear.count_features(rows.texts, model.spec)
        prior = linear.extended(linear.of(model), counts, labels=0)
        costs = fit.row_costs(rows, recipe, known=known) * teaching(known, new=new, old=len(model.codebook))
        return cls(prior, counts, rows.labels.astype(np.float32), costs, recipe)

    @property
    def old(self) -> int:
        """How many labels the model of before has."""
        return len(self.prior.bias)

    def guess(self, chances: Floats) -> None:
        """Learn too that rows hold new labels with some probability (n, k new), where that is not NaN."""
        open_ = ~np.isnan(chances)
        self.targets[:, self.old :][open_] = chances[open_]
        self.costs[:, self.old :][open_] = self.recipe.cost * arriving.HIDDEN

    def fit(self, rows: NDArray[np.int64] | slice = slice(None)) -> linear.Linear:
        """All labels, as some rows teach them."""
        old, recipe = self.old, self.recipe
        counts, targets, costs = self.counts[rows], self.targets[rows], self.costs[rows]
        kept = linear.refit(
            self.prior, counts, targets[:, :old], costs[:, :old], epochs=recipe.epochs, seed=recipe.seed, kept=old
        )
        if targets.shape[1] == old:
            return kept
        more = self.fit_new(rows)
        return replace(kept, weights=np.concatenate((kept.weights, more.weights)), bias=np.append(kept.bias, more.bias))

    def fit_new(self, rows: NDArray[np.int64] | slice, *, lean: float = arriving.LEAN) -> linear.Linear:
        """The new labels alone."""
        targets, costs = self.targets[rows, self.old :], self.costs[rows, self.old :]
        recipe = self.recipe
        return arriving.fit(
            self.prior, self.counts[rows], targets, costs, epochs=recipe.epochs, seed=recipe.seed, lean=lean
        )

    def score(self, folds: NDArray[np.int64], fold: int) -> Floats:
        """All labels of a fold, as the others teach them, and as a file holds that."""
        return linear.rounded(self.fit(np.flatnonzero(folds != fold))).scores(self.counts[folds == fold])

    def score_new(self, folds: NDArray[np.int64], fold: int) -> Floats:
        """The new labels of a fold, as the others teach them; nothing leans on scores of rows learned before."""
        return self.fit_new(np.flatnonzero(folds != fold), lean=0).scores(self.counts[folds == fold])


def guessed(rows: Dataset, known: Bools, chances: Floats) -> tuple[Dataset, Bools]:
    """The rows, and the labels known of them (n, k), the new ones spread as probable as they are (n, k new)."""
    old = len(rows.codebook) - chances.shape[1]
    labels, known = rows.labels.copy(), known.copy()
    for column in range(chances.shape[1]):
        open_ = ~np.isnan(chances[:, column])
        labels[open_, old + column] = arriving.spread(chances[open_, column])
        known[open_, old + column] = True
    return replace(rows, labels=labels), known


def judged_by(unseen: Dataset, model: Model, updated: Model, *, allowed_loss: float) -> Check:
    """The labels before and after on rows that neither model has learned from."""
    rows, known = joining.join(updated.codebook, [unseen])
    thresholds, _ = updated.deciding("balanced")
    tags = decision.decide(updated.probabilities(rows.texts), thresholds, updated.codebook)
    return forgetting.compare(model, tags, rows, known, allowed_loss=allowed_loss)


def table_of(model: Model | Tagger) -> Model:
    """The table that is updated. Raises OptionError if it is none."""
    found = model.model if isinstance(model, Tagger) else model
    if not isinstance(found, Model):
        raise OptionError(f"update: expected a table, got {type(found).__name__}; train a head on a deep model anew")
    return found


def teaching(known: Bools, *, new: int, old: int) -> NDArray[np.float32]:
    """The share of its cost at which each label of each row teaches (n, k): all of it but for old labels of the replay.

    Where no new row speaks of an old label, there is nothing to hold it against, and it stays as it is.
    """
    shares = np.ones(known.shape, np.float32)
    shares[new:, :old] = np.where(known[:new, :old].any(axis=0), REPLAYED, 0)
    return shares


def decide(model: Model, scores: Floats, rows: Dataset, known: Bools, recipe: Recipe) -> calibrate.Decisions:
    """The old labels' decisions as they were; the new labels' from scores (n, k) of all rows that tell of them.

    Of the replay not only the rows drawn at random, as in training: how rare a new label is, many rows have to tell
    beside the new ones, which were picked for it. With two thirds of them left out, F1 of two new labels was .82 of
    that of training from scratch. And they learn from each other alone, as scores of old labels are too good to go by
    where the model has learned from the replay.
    """
    kept = len(model.codebook)
    labels = rows.codebook.labels[kept:]
    if not labels:
        return calibrate.Decisions(model.slope, model.intercept, model.thresholds, model.bands)
    names = {label.name for label in labels}
    apart = tuple(label if label.parent in names else replace(label, parent=None) for label in labels)
    alone = replace(rows, codebook=Codebook("new", "1", apart), labels=rows.labels[:, kept:])
    found = calibrate.fit(scores[:, kept:], alone, recipe, known=known[:, kept:])
    return calibrate.Decisions(
        np.append(model.slope, found.slope),
        np.append(model.intercept, found.intercept),
        np.concatenate((model.thresholds, found.thresholds), axis=1),
        model.bands,
    )


def describe(info: ModelInfo, dataset: Dataset, recipe: Recipe, data_sha256: dict[str, str], check: Check) -> ModelInfo:
    """The provenance of an updated model: the same name, the next version, files and rows beside those of before."""
    major, minor, _ = info.version.split(".")
    figures = {"kept_macro_f1": check.macro_after, "new_macro_f1": check.new_macro}
    return replace(
        info,
        version=f"{major}.{int(minor) + 1}.0",
        languages=tuple(sorted({*info.languages, *(str(language) for language in dataset.languages if language)})),
        recipe_sha256=recipe.sha256,
        data_sha256=info.data_sha256 | data_sha256,
        rows=info.rows + len(dataset),
        metrics={name: value for name, value in figures.items() if value is not None},
    )
