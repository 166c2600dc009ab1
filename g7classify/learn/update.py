"""Go on from a model with new rows and new labels, without forgetting what it knew.

Each weight is pulled to what it was (see linear.refit), so that it moves only where rows ask for it; new labels start
from nothing. Rows of before, the replay, teach beside the new ones: they hold the old labels in place and say what the
new ones are not (see joining.py). The old labels keep their calibration and thresholds, as the new rows may be picked;
those of the new labels are fitted on cross-validated scores. What the old labels lose is measured on all rows whose
labels are known, by models that did not learn from them here, rounded as a file holds them; an update that costs too
much is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import MissingExtraError, OptionError

try:
    from joblib import Parallel, delayed

    from g7classify.learn import calibrate, fit, forgetting, joining, linear, split
except ModuleNotFoundError as error:
    message = f"training needs {error.name}, which is not installed: pip install 'g7classify[train]'"
    raise MissingExtraError(message) from error
from g7classify.learn.dataset import Dataset
from g7classify.learn.forgetting import Check
from g7classify.learn.linear import Progress
from g7classify.learn.recipe import Recipe
from g7classify.model import Model, ModelInfo
from g7classify.tagger import Tagger

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


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
        replay: labelled sentences of before, or like those; 2,000 to 20,000 are good.
        recipe: cost, epochs, weights, folds, calibration and seed; features, norms and name are the model's.
        allowed_loss: how much macro-F1 of the old labels may fall, and F1 of one of them beyond chance, 0..1.
        force: whether to go on where more is lost.
        data_sha256: of each file of new rows, for the model's provenance.
        n_jobs: threads; None = all cores.
        progress: called with steps done, steps in all and what is being done.

    Raises:
        ForgettingError: more is lost than is allowed; its `changes` are those of Updated.check.
        DataError: fewer independent groups than folds; rows that share no label with the model's codebook and theirs.
        CodebookError: a label has one parent in the model and another in the rows' codebook.
        OptionError: `allowed_loss` is not in 0..1, or the model is no table.
    """
    model = table_of(model)
    if not 0 <= allowed_loss <= 1:
        raise OptionError(f"allowed_loss: expected 0 to 1, got {allowed_loss}")
    recipe, report = recipe or Recipe(), progress or (lambda *_: None)
    steps = recipe.folds + 2
    codebook = joining.union(model.codebook, dataset.codebook)
    rows, known = joining.join(codebook, [fit.for_task(dataset, recipe), *([] if replay is None else [replay])])
    report(0, steps, "finding near-duplicates")
    folds = split.folds(rows, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    counts = linear.count_features(rows.texts, model.spec)
    prior = linear.extended(linear.of(model), counts, labels=len(codebook) - len(model.codebook))
    report(1, steps, f"fitting {len(codebook)} labels on {len(rows)} rows, and on all folds but one")

    def fit_without(fold: int | None) -> linear.Linear:
        learned = np.flatnonzero(folds != fold) if fold is not None else np.arange(len(rows))
        targets = rows.labels[learned].astype(np.float32)
        costs = fit.row_costs(rows.select(learned), recipe, known=known[learned])
        return linear.refit(prior, counts[learned], targets, costs, epochs=recipe.epochs, seed=recipe.seed)

    fits = Parallel(n_jobs=-1 if n_jobs is None else n_jobs, prefer="threads", return_as="generator")(
        delayed(fit_without)(fold) for fold in (*range(recipe.folds), None)
    )
    scores = np.zeros(rows.labels.shape)
    for fold in range(recipe.folds):
        held_out = np.flatnonzero(folds == fold)
        scores[held_out] = linear.rounded(next(fits)).scores(counts[held_out])
        report(2 + fold, steps, f"cross-validated fold {fold + 1} of {recipe.folds}")
    table, scale = linear.quantise(fitted := next(fits))
    decisions = decide(model, scores, rows, known, recipe, new=len(dataset))
    tags = decisions.judge(scores, codebook)[1]["balanced"]
    check = forgetting.compare(model, tags, rows, known, allowed_loss=allowed_loss)
    if not force:
        check.refuse(allowed_loss)
    updated = Model(
        info=describe(model.info, dataset, data_sha256 or {}, check),
        codebook=codebook,
        spec=model.spec,
        table=table,
        scale=scale,
        bias=fitted.bias.astype(np.float32),
        slope=decisions.slope,
        intercept=decisions.intercept,
        thresholds=decisions.thresholds,
        pivot=model.pivot,
        bands=decisions.bands,
    )
    report(steps, steps, "done")
    return Updated(updated, check)


def table_of(model: Model | Tagger) -> Model:
    """The table that is updated. Raises OptionError if it is none."""
    found = model._model if isinstance(model, Tagger) else model
    if not isinstance(found, Model):
        raise OptionError(f"update: expected a table, got {type(found).__name__}; train a head on a deep model anew")
    return found


def decide(
    model: Model, scores: Floats, rows: Dataset, known: Bools, recipe: Recipe, *, new: int
) -> calibrate.Decisions:
    """The old labels' decisions as they were; the new labels' from scores (n, k) of the new rows and telling others."""
    telling = fit.telling_rows(rows, recipe)
    telling[:new] = True
    found = calibrate.fit(scores[telling], rows.select(telling), recipe, known=known[telling])
    kept = len(model.codebook)
    return calibrate.Decisions(
        np.append(model.slope, found.slope[kept:]),
        np.append(model.intercept, found.intercept[kept:]),
        np.concatenate((model.thresholds, found.thresholds[:, kept:]), axis=1),
        model.bands,
    )


def describe(info: ModelInfo, dataset: Dataset, data_sha256: dict[str, str], check: Check) -> ModelInfo:
    """The provenance of an updated model: the same name, the next version, files and rows beside those of before."""
    major, minor, _ = info.version.split(".")
    figures = {"kept_macro_f1": check.macro_after, "new_macro_f1": check.new_macro}
    return replace(
        info,
        version=f"{major}.{int(minor) + 1}.0",
        languages=tuple(sorted({*info.languages, *(str(language) for language in dataset.languages if language)})),
        data_sha256=info.data_sha256 | data_sha256,
        rows=info.rows + len(dataset),
        metrics={name: value for name, value in figures.items() if value is not None},
    )
