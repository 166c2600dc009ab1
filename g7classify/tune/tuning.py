"""A deep model tuned further on one's own rows, for one's own labels.

It starts from what a deep model's adapters know and from a head fitted on its vectors (learn.deep), and then tunes both
together: from a head that knows nothing, the first steps would undo what the adapters know (Kumar et al. 2022,
"Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.deep import base as deep_base
from g7classify.deep import file as deep_file
from g7classify.deep.model import DeepModel, encoder_of
from g7classify.errors import DataError, OptionError
from g7classify.learn import deep as heads
from g7classify.learn import split
from g7classify.learn.dataset import Dataset
from g7classify.learn.fit import decide, describe, telling_rows
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.learn.linear import Progress
from g7classify.learn.recipe import Recipe
from g7classify.tune import checkpoint
from g7classify.tune.options import Options, continuing
from g7classify.tune.rows import Rows

with extras.needed("tune", by="tuning"):
    from g7classify.tune import adapters, reading
    from g7classify.tune.loop import Run, finish, identify
    from g7classify.tune.start import Start

HELD_OUT: Final = 0  # the fold of the recipe's that is not learned from
HEAD: Final = "head.safetensors"  # in the folder of the checkpoint
REPORTS: Final = 200  # in all, about


@dataclass(frozen=True, slots=True, eq=False)
class TunedModel:
    """A tuned deep model, and what rows that it did not learn from say of it.

    Attributes:
        model: tuned on all rows but those that are held out, whose scores its decisions are fitted on.
        evaluation: of the held-out rows, each part of them decided by what was fitted on the others. The adapters that
            it started from saw the rows that the base's card names; of these it says too much.
        head: the same of the head that it started from, whose transformer is `base`'s as it was: where it is as good,
            it is the better choice, as learn.deep fits it in a fraction of the time and on all rows.
        folder: of the checkpoint.
    """

    model: DeepModel
    evaluation: Evaluation
    head: Evaluation
    folder: Path

    def write(self, path: Path) -> str:
        """Write the model's file, and remove the checkpoint then; the sha256 of the file.

        Raises:
            UnreadableFileError: it cannot be written; the checkpoint stays.
        """
        digest = deep_file.write(self.model, path)
        (self.folder / HEAD).unlink(missing_ok=True)
        checkpoint.end(self.folder)
        return digest

    @property
    def compared(self) -> str:
        """The two in one line."""
        figures = []
        for name in ("subtype_macro_f1", "subtype_micro_f1"):
            after, before = getattr(self.evaluation.overall, name).value, getattr(self.head.overall, name).value
            figures.append(f"{name} {after} tuned, {before} with the head alone")
        return f"on {self.evaluation.overall.rows:,} rows that neither learned from: {'; '.join(figures)}"


def tune(
    dataset: Dataset,
    recipe: Recipe,
    base: DeepModel,
    *,
    folder: Path,
    options: Options | None = None,
    data_sha256: dict[str, str] | None = None,
    progress: Progress | None = None,
) -> TunedModel:
    """Go on tuning a deep model's adapters on labelled rows, with a head for their labels.

    A run that was broken off goes on from the last checkpoint in `folder` when it is called again in the same way.
    TunedModel.write removes the checkpoint.

    Args:
        dataset: n labelled sentences, of any codebook.
        recipe: folds, one of which is held out, calibration, seed; its features, cost and epochs are of other models.
        base: whose adapters are tuned.
        folder: of the checkpoint; made if need be.
        options: of the tuning; None for those that suit the number of rows.
        data_sha256: of each training file, for the model's provenance, beside those of `base`.
        progress: called with steps done, steps in all and what is being done, with the time left; what it raises ends
            the run, which can go on later.

    Raises:
        DataError: too few independent groups to hold out a fold and to judge it by itself.
        OptionError: `options` of another rank or length than `base`, or the folder is of another run.
        MissingExtraError: what tuning needs is not installed.
        UnreadableFileError: the folder may not be written.
    """
    report = progress or (lambda *_: None)
    report(0, 1, "finding near-duplicates")
    folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    held_out = folds == HELD_OUT
    rows = dataset.select(held_out & telling_rows(dataset, recipe))
    parts = judging_folds(rows, recipe)
    learned = dataset.select(~held_out)
    chosen = checked(options or continuing(base, rows=len(learned), bfloat16=reading.quick_bfloat16()), base)
    files = base.info.data_sha256 | (data_sha256 or {})
    data = Rows(dataset, files, held_out, np.zeros(len(dataset), dtype=bool), split.digest(dataset, folds))
    weights = deep_base.read(deep_base.path(), sha256=base.base.sha256)
    identity = identify(weights, data, chosen, start=base.adapters, recipe_sha256=recipe.complete().sha256)
    checkpoint.begin(folder, identity)
    head = head_of(learned, recipe, base, folder / HEAD, progress=report)
    run = Run(weights, data, identity, start=Start(base.adapters, head.head, head.bias))
    finish(run, folder, report=lambda text: report(run.step, run.steps, text), report_every=1 + run.steps // REPORTS)
    report(run.steps, run.steps, "judging the rows that are held out")
    tuned = replace(
        head,
        adapters=adapters.tuned(run.model, weights),
        head=adapters.array(run.model.head.weight),
        bias=adapters.array(run.model.head.bias),
    )
    decisions, evaluation = decide(scores(tuned, rows), parts, rows, recipe)
    _, of_head = decide(scores(head, rows), parts, rows, recipe)
    model = replace(
        tuned,
        info=describe(dataset, recipe, evaluation, files),
        slope=decisions.slope,
        intercept=decisions.intercept,
        thresholds=decisions.thresholds,
        bands=decisions.bands,
    )
    return TunedModel(model, evaluation, of_head, folder)


def head_of(learned: Dataset, recipe: Recipe, base: DeepModel, path: Path, *, progress: Progress) -> DeepModel:
    """The head that tuning starts from; kept in a file, so that a run that goes on need not fit it again."""
    if path.exists():
        return deep_file.read(path)
    head = heads.train(learned, recipe, base, ngrams=False, progress=progress).model
    deep_file.write(head, path)
    return head


def judging_folds(held: Dataset, recipe: Recipe) -> NDArray[np.int64]:
    """Parts of the held-out rows that calibrate, each to be decided by the others. Raises DataError for too few."""
    try:
        return split.folds(held, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=recipe.seed)
    except DataError as error:
        raise DataError(
            f"of the fold that is held out, {len(held)} rows calibrate, too few to judge them by each other ({error}); "
            "train a head (--deep), which needs fewer"
        ) from error


def checked(options: Options, base: DeepModel) -> Options:
    """The options, if adapters can go on with them. Raises OptionError if not."""
    rank = base.adapters.attend_down.shape[1]
    if options.rank != rank or options.longest != base.longest:
        raise OptionError(
            f"rank {options.rank}, longest {options.longest}: {base.info.name} has adapters of rank {rank} for "
            f"{base.longest} tokens, and goes on with the same"
        )
    if options.fold not in (None, HELD_OUT):
        raise OptionError(f"fold {options.fold}: it is fold {HELD_OUT} of the recipe that is held out")
    return options


def scores(model: DeepModel, rows: Dataset) -> NDArray[np.float64]:
    """Of rows, (n, k), as the model will run: in 8 bits."""
    found: NDArray[np.float64] = encoder_of(model).vectors(rows.texts).astype(np.float64) @ model.head.T + model.bias
    return found
