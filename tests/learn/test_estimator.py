"""The scikit-learn face: its contract, by scikit-learn's own checks where texts allow and by ours where not."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from g7classify import modelfile
from g7classify.codebook import CODEBOOK
from g7classify.decision import OPERATING_POINTS
from g7classify.errors import DataError, InputTypeError, MissingExtraError, ModelFileError, RecipeError
from g7classify.learn import fit as fitting
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.estimator import SentenceClassifier, uncalibrated
from g7classify.learn.recipe import Recipe
from g7classify.tagger import Tagger

WORDS = {"finance": "bank budget tax loan", "sport": "goal match coach league", "weather": "rain storm sun wind"}


def sentences(n: int = 90, *, seed: int = 0) -> tuple[list[str], list[list[str]]]:
    """Sentences of one or two topics, or of none, and their topics."""
    random = np.random.default_rng(seed)
    texts, labels = [], []
    for i in range(n):
        chosen = sorted(random.choice(sorted(WORDS), size=random.integers(0, 3), replace=False).tolist())
        said = [str(random.choice(WORDS[topic].split())) for topic in chosen]
        texts.append(" ".join([*random.choice("abcdefghij klmnop qrstuv".split(), 3).tolist(), *said, f"n{i}"]))
        labels.append(chosen)
    return texts, labels


def single(n: int = 90) -> tuple[list[str], list[str]]:
    texts, labels = sentences(3 * n)
    pairs = [(text, found[0]) for text, found in zip(texts, labels, strict=True) if len(found) == 1][:n]
    return [text for text, _ in pairs], [label for _, label in pairs]


def quick(**options: Any) -> SentenceClassifier:
    return SentenceClassifier(**{"bits": 12, "folds": 3, "epochs": 8, "n_jobs": 1, "near_duplicate": 1.0} | options)


TEXTS, LISTS = sentences()
BINARIZER = MultiLabelBinarizer()
INDICATOR = BINARIZER.fit_transform(LISTS)
SINGLE_TEXTS, SINGLE = single()


@pytest.fixture(scope="module")
def several() -> SentenceClassifier:
    return quick().fit(TEXTS, INDICATOR)


@pytest.fixture(scope="module")
def one() -> SentenceClassifier:
    return quick().fit(SINGLE_TEXTS, SINGLE)


class OfNumbers(SentenceClassifier):
    """Reads a row of numbers as a sentence, a word for each number and how great it is.

    So that scikit-learn's checks, which give numbers, can be asked of the classifier. All else is the classifier's own.
    """

    def fit(self, X: Any, y: Any, groups: Any = None) -> OfNumbers:
        if y is None:
            super().fit(["text"], y)
        X, y = validate_data(self, X, y, multi_output=True)
        self.middle_, self.spread_ = X.mean(axis=0), X.std(axis=0) + 1e-9
        super().fit(self._said(X), y, groups)
        return self

    def decision_function(self, X: Any) -> Any:
        return super().decision_function(self._read(X))

    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(self._read(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array, tags.input_tags.one_d_array = False, True, False
        return tags

    def _read(self, X: Any) -> list[str]:
        if not hasattr(self, "middle_"):
            return super().predict_proba([])  # says that it is not fitted
        return self._said(validate_data(self, X, reset=False))

    def _said(self, X: Any) -> list[str]:
        steps = np.clip(np.round(2 * (X - self.middle_) / self.spread_), -12, 12).astype(int) + 12
        return [" ".join(f"{chr(97 + step)}{column}" for column, step in enumerate(row)) for row in steps]


def failing(estimator: Any) -> dict[str, str]:
    """Checks that do not apply, and why."""
    return {}


@parametrize_with_checks(
    [
        OfNumbers(bits=10, epochs=10, calibrate=False, n_jobs=1),
        OfNumbers(bits=10, epochs=10, folds=2, n_jobs=1, near_duplicate=1.0),
    ],
    expected_failed_checks=failing,
)
def test_scikit_learn_checks_what_numbers_can_check(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)
