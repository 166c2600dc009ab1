"""Rows that two models scored."""

from __future__ import annotations

import numpy as np
import pytest

from g7classify.learn.dataset import Dataset
from training.build import SEEDS
from training.deep.mixing import Judged


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Seeds with scores of a poor table and a good deep model."""
    whole = Dataset.read(SEEDS)
    dataset = whole.select(np.arange(0, len(whole), 8))
    random = np.random.default_rng(4)
    signal = 2.0 * dataset.labels - 1
    table = signal + random.normal(0, 1.5, signal.shape)
    deep = 2 * signal + random.normal(0, 1, signal.shape)
    return Judged(table, deep, dataset, random.integers(0, 3, len(dataset)))
