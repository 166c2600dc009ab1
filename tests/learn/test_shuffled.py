from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from g7classify.errors import DataError
from g7classify.learn import shuffled

NAMES = ("one", "two", "three")


def made(*, told: tuple[bool, bool, bool]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores and labels of 100 rows, of which some labels are what the scores tell."""
    chance = np.random.default_rng(0)
    labels = chance.random((100, 3)) < 0.3
    return chance.normal(size=labels.shape) + 2 * (labels & np.array(told)), labels


def test_refuses_labels_that_are_told_by_chance_and_names_them() -> None:
    scores, labels = made(told=(False, True, False))
    with pytest.raises(DataError, match=r"2 of the 3 labels .* \(one, three\): see whether .* force the update"):
        shuffled.refuse(scores, labels, np.ones_like(labels), NAMES, old=3)


def test_takes_labels_of_which_most_are_told() -> None:
    scores, labels = made(told=(True, True, False))
    assert shuffled.untold(scores, labels, np.ones_like(labels), old=3) == ([0, 1, 2], [2])
    shuffled.refuse(scores, labels, np.ones_like(labels), NAMES, old=3)


def test_looks_at_no_label_that_too_few_rows_hold_or_lack() -> None:
    scores, labels = made(told=(False, False, False))
    known = np.ones_like(labels)
    labels[:, 0], labels[4:, 1], known[4:, 2] = True, False, False
    assert shuffled.untold(scores, labels, known, old=3) == ([], [])
    shuffled.refuse(scores, labels, known, NAMES, old=3)


def test_a_few_rows_of_a_new_label_are_no_evidence() -> None:
    scores, labels = made(told=(False, False, False))
    known = np.ones_like(labels)
    labels[:, 2] = np.arange(100) < shuffled.ENOUGH_NEW
    labels[:, 1] = np.arange(100) < shuffled.ENOUGH_NEW - 1
    assert shuffled.untold(scores, labels, known, old=1) == ([0, 2], [0, 2])
