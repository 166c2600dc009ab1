"""What may be wrong with labelled rows: likely label errors, repeats, leaks, thin labels, labels that are confused."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from g7classify.errors import DataError, OptionError
from g7classify.labels import short
from g7classify.learn import calibrate, fit
from g7classify.learn.advice import balance, confusions, mislabelled, repeats
from g7classify.learn.advice.balance import Balance
from g7classify.learn.advice.confusions import Confusion
from g7classify.learn.advice.mislabelled import Suspect
from g7classify.learn.advice.repeats import Leak, Repeat
from g7classify.learn.dataset import Dataset
from g7classify.learn.linear import Progress
from g7classify.learn.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Audit:
    """What `audit` found; how it is shown: audit_report.py, and as a sheet to correct: sheet.py.

    Attributes:
        rows: of the dataset.
        subtype_macro_f1: of the model that judged, by cross-validation; the lower, the less its suspects tell. None
            where nothing is labelled.
        suspects: the likeliest first.
        repeats: those with disputed labels first.
        leaks: of the other dataset's rows.
        shared_groups: that lie in both datasets.
        labels: all, in column order.
        confusions: the most confused first.
    """

    rows: int
    subtype_macro_f1: float | None
    suspects: tuple[Suspect, ...]
    repeats: tuple[Repeat, ...]
    leaks: tuple[Leak, ...]
    shared_groups: tuple[str, ...]
    labels: tuple[Balance, ...]
    confusions: tuple[Confusion, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain dicts, lists, strings and numbers."""
        return asdict(self)

    def to_json(self) -> str:
        """As JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)


def audit(
    dataset: Dataset,
    *,
    recipe: Recipe | None = None,
    other: Dataset | None = None,
    doubtful: float = 0.02,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Look for what may be wrong with labelled rows.

    A model is cross-validated on them, so that each row is judged by one that saw neither it nor its group nor its
    near-duplicates.

    Args:
        dataset: n rows.
        recipe: of that model; `near_duplicate` in it is the similarity of repeats and leaks.
        other: a dataset that should have nothing in common with this one, for example to evaluate on.
        doubtful: 0..1: likely errors are labels, or absences of one, that are at most so probable. On the 11,943 seeds,
            with one label in 5 % of the rows turned, .003, .01, .02 and .05 pointed at 1, 5, 11 and 22 % of the rows,
            among them 11, 32, 48 and 69 % of the turned ones; real errors, of which there are some too, are not
            counted.
        n_jobs: threads; None = all cores.
        progress: called with steps done, steps in all and what is being done.

    Raises:
        MissingExtraError: cleanlab is not installed.
        OptionError: `doubtful` out of its range.
        DataError: fewer independent groups than folds, or another codebook in `other`.
    """
    if isinstance(doubtful, bool) or not 0 <= doubtful <= 1:
        raise OptionError(f"doubtful: expected a probability, 0 to 1, got {short(doubtful)}")
    if other is not None and other.codebook.names != dataset.codebook.names:
        raise DataError(
            f"the other rows are labelled with the codebook {other.codebook.name!r}, not {dataset.codebook.name!r}; "
            "read both with the same"
        )
    mislabelled.check_installed()
    recipe = Recipe() if recipe is None else recipe
    codebook, labels = dataset.codebook, dataset.labels
    trained = fit.train(dataset, recipe, n_jobs=n_jobs, progress=progress)
    # On all rows, however they were picked: it is these rows that are judged.
    decisions = calibrate.fit(trained.scores, dataset, recipe)
    probabilities, tags_at, _ = decisions.judge(trained.scores, codebook)
    tags = tags_at["balanced"]
    wrong = mislabelled.find(labels, probabilities, codebook, doubtful=doubtful)
    return Audit(
        rows=len(dataset),
        subtype_macro_f1=trained.evaluation.overall.subtype_macro_f1.value,
        suspects=tuple(mislabelled.suspects(dataset, probabilities, wrong)),
        repeats=tuple(repeats.within(dataset, tags, similarity=recipe.near_duplicate)),
        leaks=() if other is None else tuple(repeats.across(dataset, other, similarity=recipe.near_duplicate)),
        shared_groups=() if other is None else tuple(repeats.shared_groups(dataset, other)),
        labels=tuple(balance.of(dataset, near_duplicate=recipe.near_duplicate)),
        confusions=tuple(confusions.find(labels, tags, probabilities, codebook)),
    )
