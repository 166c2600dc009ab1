"""What an update of a model did to each label: better, worse, or beyond what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TextIO

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, extras, metrics, report
from g7classify.errors import ForgettingError

with extras.needed("train", by="updating"):
    from scipy.stats import binomtest
from g7classify.learn.dataset import Dataset
from g7classify.model import Model

CHANCE: Final = 0.01  # how probable it may be that a label is said to have fallen by chance, all labels together
# How many times what the mean may lose one label may. Rows that the model had learned by heart exaggerate: a label that
# lost .066 on rows held out lost .153 in the check, and the mean of 36 labels -.003 and .002.
ALONE: Final = 20
ENOUGH: Final = 5  # sentences that hold a label, from which its F1 is more than an accident
DECIMALS: Final = 4
BY_HEART: Final = 0.97  # macro-F1 that no table has on rows that it did not learn from


@dataclass(frozen=True, slots=True)
class Change:
    """One label before and after, on the rows that it was checked on; F1 at the balanced operating point.

    Attributes:
        label: its name.
        labelled: checked rows that it holds for.
        before: F1 of the model that was updated; None for a new label, or where it is undefined.
        after: F1 of the updated one; None where it is undefined.
        worse: rows that were decided rightly before and wrongly after.
        better: rows that were decided wrongly before and rightly after.
        lost: of `worse`, rows that hold the label: tagged before and no more.
        gained: of `better`, rows that hold the label.
        fell: whether F1 fell by more than was allowed, and by more than chance explains.
    """

    label: str
    labelled: int
    before: float | None
    after: float | None
    worse: int
    better: int
    lost: int
    gained: int
    fell: bool


@dataclass(frozen=True, slots=True)
class Check:
    """All labels before and after an update.

    Attributes:
        changes: of all labels, in column order.
        new: the labels that the model of before did not have.
    """

    changes: tuple[Change, ...]
    new: tuple[str, ...]

    def with_old(self, other: Check) -> Check:
        """The same with the labels of before as another check of the same update has them."""
        pairs = zip(self.changes, other.changes, strict=True)
        return Check(tuple(mine if mine.label in self.new else theirs for mine, theirs in pairs), self.new)

    @property
    def by_heart(self) -> bool:
        """Whether the model of before made hardly a mistake on the checked rows, so that it may have learned them."""
        return (self.macro_before or 0.0) > BY_HEART

    @property
    def checked(self) -> tuple[Change, ...]:
        """Labels of before that enough checked rows hold."""
        return tuple(change for change in self._old if change.labelled >= ENOUGH)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Labels of before that too few checked rows hold to tell anything."""
        return tuple(change.label for change in self._old if change.labelled < ENOUGH)

    @property
    def macro_before(self) -> float | None:
        """Mean F1 of the checked labels in the model of before; None where none was checked."""
        return _mean([change.before for change in self.checked])

    @property
    def macro_after(self) -> float | None:
        """The same in the updated model."""
        return _mean([change.after for change in self.checked])

    @property
    def new_macro(self) -> float | None:
        """Mean F1 of the new labels; None if there are none."""
        return _mean([change.after for change in self.changes if change.label in self.new])

    @property
    def _old(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.label not in self.new)

    def refuse(self, allowed_loss: float) -> None:
        """Raise ForgettingError if a label or the mean of those checked fell: beyond what is allowed, and chance."""
        fell = [change.label for change in self.checked if change.fell]
        before, after = self.macro_before, self.macro_after
        if before is None or after is None:
            return
        turned = (
            sum(getattr(change, side) for change in self.checked) for side in ("worse", "better", "lost", "gained")
        )
        if not fell and (before - after <= allowed_loss or by_chance(*turned) >= CHANCE):
            return
        losses = sorted(((change.before or 0) - (change.after or 0), change.label) for change in self.checked)
        named = fell or [label for loss, label in reversed(losses) if loss > allowed_loss]
        raise ForgettingError(
            f"macro-F1 of the {len(self.checked)} labels of before goes from {before:.3f} to {after:.3f}, where a loss "
            f"of {allowed_loss:g} is allowed; {', '.join(named)} fell most: give more replay rows that hold them, see "
            "whether the new rows label them as before, allow more, or force the update",
            self.changes,
        )


def compare(
    model: Model,
    tags: NDArray[np.bool_],
    rows: Dataset,
    known: NDArray[np.bool_],
    *,
    allowed_loss: float,
) -> Check:
    """Each label before and after.

    Args:
        model: of before; the first labels of `rows` are its.
        tags: (n, k) of the updated one.
        rows: n labelled sentences.
        known: which labels are known of each (n, k).
        allowed_loss: of macro-F1, 0..1; a label may lose ALONE times as much.
    """
    old, names = len(model.codebook), rows.codebook.names
    before = np.zeros_like(tags)
    thresholds, _ = model.deciding("balanced")
    before[:, :old] = decision.decide(model.probabilities(rows.texts), thresholds, model.codebook)
    # What is not known counts for nothing: neither labelled nor tagged.
    labels = rows.labels & known
    f1_before, f1_after = (metrics.count(labels, given & known).f1 for given in (before, tags))
    turned = known & (before != tags)
    right = before == rows.labels
    sides = np.stack([(turned & side).sum(axis=0) for side in (right, ~right, right & labels, ~right & labels)])
    found = []
    for column, name in enumerate(names):
        is_old = column < old
        worse, better, lost, gained = sides[:, column].tolist() if is_old else (0, 0, 0, 0)
        surely = is_old and by_chance(worse, better, lost, gained) < CHANCE / old
        fell = surely and f1_before[column] - f1_after[column] > ALONE * allowed_loss
        found.append(
            Change(
                label=name,
                labelled=int(labels[:, column].sum()),
                before=_figure(f1_before[column]) if is_old else None,
                after=_figure(f1_after[column]),
                worse=worse,
                better=better,
                lost=lost,
                gained=gained,
                fell=bool(fell),
            )
        )
    return Check(tuple(found), names[old:])


def chance(worse: int, better: int) -> float:
    """How probable it is that so many of the decisions that turned got worse by chance: McNemar's exact test, 1947."""
    return float(binomtest(worse, worse + better, alternative="greater").pvalue) if worse + better else 1.0


def by_chance(worse: int, better: int, lost: int, gained: int) -> float:
    """How probable it is that F1 fell by chance alone: twice the lesser chance, of all decisions that turned and of
    those on rows that hold the label, as two are looked at.

    All decisions alone would not tell: a model that ceases to tag a label makes few mistakes where the label is rare.
    In an update without replay, with 200 rows picked for two new labels, 17 decisions on old ones got worse and 67
    better, and macro-F1 of the five old ones on held-out rows went from .515 to .181.
    """
    return min(1.0, 2 * min(chance(worse, better), chance(lost, gained)))


def write(changes: Iterable[Change], stream: TextIO) -> None:
    """Changes as a table for the terminal."""
    report.write_grid(
        ("label", "rows", "F1 before", "after", "worse", "better", ""),
        [
            (
                change.label,
                str(change.labelled),
                *("-" if f1 is None else f"{f1:.3f}" for f1 in (change.before, change.after)),
                str(change.worse),
                str(change.better),
                "fell" if change.fell else "",
            )
            for change in changes
        ],
        stream,
    )


def _figure(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), DECIMALS)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(float(np.mean(known)), DECIMALS) if known else None
