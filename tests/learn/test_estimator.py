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
        texts.append(" ".join([*random.choice(["abcdefghij", "klmnop", "qrstuv"], 3).tolist(), *said, f"n{i}"]))
        labels.append(chosen)
    return texts, labels


def single(n: int = 90) -> tuple[list[str], list[str]]:
    texts, labels = sentences(3 * n)
    pairs = [(text, found[0]) for text, found in zip(texts, labels, strict=True) if len(found) == 1][:n]
    return [text for text, _ in pairs], [label for _, label in pairs]


def quick(**options: Any) -> SentenceClassifier:
    return SentenceClassifier(**{"bits": 12, "folds": 3, "epochs": 20, "n_jobs": 1, "near_duplicate": 1.0} | options)


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

    def predict(self, X: Any) -> Any:
        return super().predict(self._read(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array, tags.input_tags.one_d_array = False, True, False
        return tags

    def _read(self, X: Any) -> list[str]:
        if isinstance(X, list) and isinstance(X[0], str):
            return X  # read already
        if not hasattr(self, "middle_"):
            return ["text"]  # for the classifier to say that it is not fitted
        return self._said(validate_data(self, X, reset=False))

    def _said(self, X: Any) -> list[str]:
        steps = np.clip(np.round(2 * (X - self.middle_) / self.spread_), -12, 12).astype(int) + 12
        return [" ".join(f"{chr(97 + step)}{column}" for column, step in enumerate(row)) for row in steps]


def failing(estimator: Any) -> dict[str, str]:
    """Checks that do not apply, and why."""
    if not estimator.calibrate:
        return {}
    why = "calibration makes the mean of the probabilities the frequency, whatever the weights were"
    return {"check_class_weight_classifiers": why}


@parametrize_with_checks(
    [
        OfNumbers(bits=10, epochs=50, calibrate=False, n_jobs=1),
        OfNumbers(bits=10, epochs=10, folds=2, n_jobs=1, near_duplicate=1.0),
    ],
    expected_failed_checks=failing,
)
def test_scikit_learn_checks_what_numbers_can_check(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


def test_its_tags_say_texts_and_several_labels() -> None:
    tags = get_tags(quick())
    assert is_classifier(quick())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.classifier_tags.multi_label
    assert tags.target_tags.required


def test_the_model_is_that_of_train(several: SentenceClassifier) -> None:
    recipe = Recipe.model_validate({"spec": {"bits": 12}, "folds": 3, "epochs": 20, "near_duplicate": 1.0})
    rows = [Row(text, tuple(labels), id=str(i)) for i, (text, labels) in enumerate(zip(TEXTS, LISTS, strict=True))]
    by_name = quick().fit(TEXTS, LISTS)
    trained = fitting.train(Dataset.from_rows(rows, codebook=by_name.tagger_.codebook), recipe, n_jobs=1).model
    for name in ("table", "scale", "bias", "slope", "intercept", "thresholds"):
        np.testing.assert_array_equal(getattr(by_name.model_, name), getattr(trained, name))
    np.testing.assert_array_equal(several.model_.table, trained.table)


def test_several_labels_are_predicted_as_an_indicator(several: SentenceClassifier) -> None:
    tags, margins, probabilities = (
        ask(TEXTS) for ask in (several.predict, several.decision_function, several.predict_proba)
    )
    assert tags.shape == margins.shape == probabilities.shape == INDICATOR.shape
    np.testing.assert_array_equal(tags, margins >= 0)
    np.testing.assert_array_equal(tags, several.tagger_.predict(TEXTS))
    np.testing.assert_array_equal(probabilities, several.tagger_.predict_proba(TEXTS))
    assert several.score(TEXTS, INDICATOR) == (tags == INDICATOR).all(axis=1).mean() > 0.8


def test_lists_teach_what_their_indicator_does(several: SentenceClassifier) -> None:
    by_lists = quick().fit(TEXTS, LISTS)
    assert by_lists.classes_.tolist() == sorted(WORDS)
    np.testing.assert_array_equal(by_lists.predict_proba(TEXTS), several.predict_proba(TEXTS))
    assert by_lists.score(TEXTS, LISTS) == several.score(TEXTS, INDICATOR)


def test_of_single_labels_the_likeliest_is_given(one: SentenceClassifier) -> None:
    probabilities = one.predict_proba(SINGLE_TEXTS)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.exp(one.decision_function(SINGLE_TEXTS)), probabilities, rtol=1e-5)
    found = one.predict(SINGLE_TEXTS)
    assert set(found) <= set(SINGLE)
    np.testing.assert_array_equal(found, one.classes_[probabilities.argmax(axis=1)])
    assert one.score(SINGLE_TEXTS, SINGLE) > 0.9


def test_two_classes_have_one_margin() -> None:
    texts, labels = TEXTS, np.array(["sport" in found for found in LISTS])
    found = quick().fit(texts, labels)
    margin, probabilities = found.decision_function(texts), found.predict_proba(texts)
    assert margin.shape == (len(texts),)
    np.testing.assert_array_equal(found.predict(texts), margin > 0)
    np.testing.assert_allclose(1 / (1 + np.exp(-margin)), probabilities[:, 1], atol=1e-5)


def test_a_hierarchy_is_kept() -> None:
    chosen = ["threat.terrorism", "measure.financial", "actor.agency"]
    lists = [[chosen[i % 3]] if i % 4 else [] for i in range(90)]
    texts = [f"{text} {' '.join(labels).replace('.', ' ')}" for text, labels in zip(TEXTS, lists, strict=True)]
    found = quick(codebook=CODEBOOK).fit(texts, lists)
    assert found.classes_.tolist() == list(CODEBOOK.names)
    tags = found.predict(texts).astype(bool)
    assert tags.any()
    np.testing.assert_array_equal(tags, CODEBOOK.close_matrix(tags))
    np.testing.assert_array_equal(tags, found.decision_function(texts) >= 0)
    assert "measure.financial" in found.tagger_.tag_sentence(texts[1]).labels


def test_without_calibration_it_is_fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = []
    plain = fitting.fit
    monkeypatch.setattr(fitting, "fit", lambda *a, **k: fits.append(1) or plain(*a, **k))
    found = quick(calibrate=False).fit(TEXTS, INDICATOR)
    assert len(fits) == 1
    assert (found.tagger_.thresholds == 0.5).all()
    quick().fit(TEXTS, INDICATOR)
    assert len(fits) == 1 + 3 + 1


def test_uncalibrated_scores_are_those_of_train(several: SentenceClassifier) -> None:
    recipe = several._recipe()
    rows = [Row(text, tuple(labels), id=str(i)) for i, (text, labels) in enumerate(zip(TEXTS, LISTS, strict=True))]
    dataset = Dataset.from_rows(rows, codebook=quick().fit(TEXTS, LISTS).tagger_.codebook)
    model = uncalibrated(dataset, recipe)
    np.testing.assert_array_equal(model.scores(TEXTS), several.model_.scores(TEXTS))
    assert model.info.rows == len(TEXTS)
    assert model.thresholds.shape[0] == len(OPERATING_POINTS)


def test_groups_share_a_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Dataset] = []
    plain = fitting.train
    monkeypatch.setattr(fitting, "train", lambda dataset, *a, **k: seen.append(dataset) or plain(dataset, *a, **k))
    quick().fit(TEXTS, INDICATOR, groups=np.arange(len(TEXTS)) // 3)
    assert np.unique(seen[0].groups).size == len(TEXTS) // 3
    with pytest.raises(ValueError, match="inconsistent"):
        quick().fit(TEXTS, INDICATOR, groups=[1, 2])


def test_groups_reach_it_by_metadata_routing() -> None:
    groups = np.arange(len(TEXTS)) // 3
    with config_context(enable_metadata_routing=True):
        asked = quick().set_fit_request(groups=True)
        found = cross_validate(
            asked, TEXTS, INDICATOR, cv=GroupKFold(3), params={"groups": groups}, error_score="raise"
        )
    assert found["test_score"].mean() > 0.5


def test_cross_validation_search_pipeline_and_voting() -> None:
    assert cross_val_score(quick(calibrate=False), SINGLE_TEXTS, SINGLE, cv=3).mean() > 0.8
    assert cross_val_score(quick(), TEXTS, INDICATOR, cv=3, scoring="f1_macro").mean() > 0.8
    assert cross_val_predict(quick(), TEXTS, INDICATOR, cv=3, method="predict_proba").shape == INDICATOR.shape
    grid = {"sentenceclassifier__cost": np.array([1.0, 100.0]), "sentenceclassifier__epochs": np.arange(4, 6)}
    upper = FunctionTransformer(lambda texts: [text.upper() for text in texts])
    search = GridSearchCV(make_pipeline(upper, quick(calibrate=False)), grid, cv=2, scoring="roc_auc_ovr")
    assert search.fit(SINGLE_TEXTS, SINGLE).best_score_ > 0.8
    voting = VotingClassifier([("a", quick()), ("b", quick(calibrate=False, cost=10.0))], voting="soft")
    assert voting.fit(SINGLE_TEXTS, SINGLE).score(SINGLE_TEXTS, SINGLE) > 0.9


def test_classes_are_weighed() -> None:
    rare = np.where(np.arange(len(TEXTS)) % 9 == 0, 1, 0)
    alike, balanced, named = (
        quick(class_weight=weight, calibrate=False, cost=1.0).fit(TEXTS, rare).predict_proba(TEXTS)[:, 1].mean()
        for weight in (None, "balanced", {1: 8.0, 0: 1.0})
    )
    assert alike < balanced
    assert alike < named
    with pytest.raises(RecipeError, match="2"):
        quick(class_weight={2: 1.0}).fit(TEXTS, rare)


def test_parameters_are_cloned_and_checked_at_fit() -> None:
    wrong = quick(cost=-1.0)
    assert clone(wrong).get_params() == wrong.get_params()
    with pytest.raises(RecipeError, match="cost"):
        wrong.fit(TEXTS, INDICATOR)
    with pytest.raises(RecipeError, match="bits"):
        quick(bits=3).fit(TEXTS, INDICATOR)
    with pytest.raises(ValueError, match="operating point"):
        quick(operating_point="best").fit(TEXTS, INDICATOR)
    assert quick().set_params(characters=(2, 4)).fit(TEXTS, INDICATOR).model_.spec.characters == (2, 4)


def test_seeds_come_from_numbers_and_generators() -> None:
    def recipe_seed(state: Any) -> int:
        return quick(random_state=state)._recipe().seed

    assert recipe_seed(7) == recipe_seed(np.int64(7)) == 7
    assert recipe_seed(np.random.RandomState(1)) == recipe_seed(np.random.RandomState(1))
    assert len({recipe_seed(None) for _ in range(5)}) > 1


def test_the_file_is_a_model_file(several: SentenceClassifier, one: SentenceClassifier, tmp_path: Path) -> None:
    for fitted, texts in ((several, TEXTS), (one, SINGLE_TEXTS)):
        path = tmp_path / "mine.safetensors"
        sha256 = fitted.save(path)
        read = SentenceClassifier.load(path)
        assert read.multilabel_ == fitted.multilabel_
        assert read.tagger_.id.sha256 == sha256 == modelfile.load(path)[1]
        np.testing.assert_array_equal(read.predict_proba(texts), fitted.predict_proba(texts))
        assert read.classes_.tolist() == [str(label) for label in fitted.classes_]
        np.testing.assert_array_equal(Tagger.load(path).predict(texts), fitted.tagger_.predict(texts))
        assert read.get_params()["bits"] == 12
        assert clone(read).fit(texts, read.predict(texts)).classes_.tolist() == read.classes_.tolist()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError):
        SentenceClassifier.load(path)


def test_pickles_hold_the_bytes_of_the_file(
    one: SentenceClassifier, several: SentenceClassifier, tmp_path: Path
) -> None:
    sha256 = one.save(tmp_path / "mine.safetensors")
    assert (tmp_path / "mine.safetensors").read_bytes() in pickle.dumps(one)
    for fitted, texts in ((several, TEXTS), (one, SINGLE_TEXTS)):
        joblib.dump(fitted, tmp_path / "mine.joblib")
        for copied in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "mine.joblib")):
            np.testing.assert_array_equal(copied.predict(texts), fitted.predict(texts))
            assert copied.classes_.dtype == fitted.classes_.dtype
    assert copied.save(tmp_path / "again.safetensors") == sha256
    unfitted = pickle.loads(pickle.dumps(quick()))
    assert unfitted.get_params() == quick().get_params()


def test_too_little_is_refused() -> None:
    with pytest.raises(DataError, match="n_samples=2, expected 3"):
        quick().fit(["a", "b"], ["x", "y"])
    assert quick(calibrate=False).fit(["a", "b"], ["x", "y"]).predict(["a"]).tolist() == ["x"]
    with pytest.raises(DataError, match="n_samples=0"):
        quick(calibrate=False).fit([], np.zeros((0, 2)))
    with pytest.raises(InputTypeError, match="use \\[text\\]"):
        quick().fit("one text", ["x"])


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_label_is_no_class(missing: Any) -> None:
    texts = [f"text {i}" for i in range(20)]
    single, listed = ["a"] * 10 + [missing] * 10, [["a"]] * 10 + [[missing]] * 10
    for y in (single, listed, np.array(single, dtype=object)):
        with pytest.raises(DataError, match=r"y\[10\] is .*: a label is missing"):
            SentenceClassifier(folds=2).fit(texts, y)


def test_nothing_to_predict_is_nothing_predicted(one: SentenceClassifier, several: SentenceClassifier) -> None:
    assert one.predict([]).shape == (0,)
    assert several.predict([]).shape == (0, 3)


def test_without_scikit_learn_the_pip_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    module = sys.modules["g7classify.learn.estimator"]
    with pytest.raises(MissingExtraError, match=r"g7classify\[train\]"):
        importlib.import_module("importlib").reload(module)
