"""Our training as a scikit-learn classifier of texts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from g7classify import extras, modelfile
from g7classify.codebook import Codebook
from g7classify.decision import OperatingPoint, logit
from g7classify.errors import DataError

with extras.needed("train", by="training"):
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_consistent_length, check_random_state
    from sklearn.utils.validation import check_is_fitted

    from g7classify.learn import fit, given, linear
from g7classify.learn.calibrate import Decisions
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe
from g7classify.model import Model, ModelInfo
from g7classify.tagger import Tagger

TINY = np.finfo(np.float32).tiny

if TYPE_CHECKING:
    # scikit-learn has no types: below one of its classes every name, misspelt ones too, would be Any to checkers.

    class _Classifier:
        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> Self: ...
        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...
        def set_fit_request(self, *, groups: bool | str | None = ...) -> Self: ...
        def set_score_request(self, *, sample_weight: bool | str | None = ...) -> Self: ...
        def get_metadata_routing(self) -> Any: ...
        def __getstate__(self) -> dict[str, Any]: ...
        def __setstate__(self, state: dict[str, Any]) -> None: ...
        def __sklearn_tags__(self) -> Any: ...

else:

    class _Classifier(ClassifierMixin, BaseEstimator):
        """What scikit-learn gives its classifiers."""


class SentenceClassifier(_Classifier):
    """What `learn.fit.train` trains, as a classifier of texts that scikit-learn's tools can handle.

    X is n texts: a list, an array (n,), or a column of a data frame. y takes three forms, and what is predicted
    follows it:

    * n single labels of any kind: `predict` gives the likeliest class of each text, and the rows of `predict_proba`
      add up to 1. A class is an independent yes or no to the model, so its probabilities are divided by their sum.
    * an indicator (n, k) of 0 and 1: `predict` gives such an indicator, and each probability stands for itself.
    * n lists of labels, [] for none: as an indicator, in the order of `classes_`. scikit-learn's own tools take no
      such lists since 0.17; `cross_val_score` and the like need the indicator.

    It is deterministic: the same texts in the same order and the same parameters give the same model.

    Args:
        codebook: the labels, their order and their hierarchy; if None, those that y names, without a hierarchy.
        calibrate: whether probabilities, and of several labels thresholds too, are fitted by cross-validation, which
            takes `folds` more fits. Without, a logistic regression's own probabilities, and thresholds of 1/2.
        class_weight: what rows that have a label weigh beside those that do not: None = alike, "balanced" = the two
            sides of each label weigh the same, or a dict of weights by class. It shapes what is learned; calibration
            then makes the mean of each label's probabilities its frequency all the same.
        operating_point: of `predict`, of several labels: see Tagger.at.
        bits: binary logarithm of the number of buckets that features are hashed to, 8 to 22.
        pairs: whether pairs of neighbouring words are features, beside words.
        characters: shortest and longest character n-gram of a word, 1 to 8.
        unspaced: the same where words are not spaced, as in Japanese.
        repeats: whether what comes again in a text counts again, as it does in scikit-learn's TF-IDF.
        cost: weight of the data against the L2 norm, as C of LogisticRegression.
        epochs: how often the solver visits each row.
        idf_power: 1 = ordinary TF-IDF; more = rare features weigh more.
        pivot: what is added to the norm of a text, in mean norms of all: 0 is the plain norm of TF-IDF.
        folds: of the cross-validation, 2 to 20.
        near_duplicate: Jaccard similarity of features, 0..1, from which two texts share a fold.
        shrinkage: labelled sentences that the mean of all labels counts against a label's own slope and threshold.
        n_jobs: threads; None = all cores.
        random_state: a seed from 0 on, a NumPy generator to draw one from, or None to draw one anew at each fit.

    Attributes:
        classes_: (k,), the classes in the order of the columns.
        multilabel_: whether y could have several labels a text.
        model_: the model.
        tagger_: a Tagger of it, for `tag`, `explain` and all else.
    """

    model_: Model
    classes_: NDArray[Any]
    multilabel_: bool
    tagger_: Tagger

    def __init__(
        self,
        *,
        codebook: Codebook | None = None,
        calibrate: bool = True,
        class_weight: Literal["balanced"] | dict[Any, float] | None = None,
        operating_point: OperatingPoint = "balanced",
        bits: int = 18,
        pairs: bool = True,
        characters: tuple[int, int] = (3, 5),
        unspaced: tuple[int, int] = (1, 4),
        repeats: bool = False,
        cost: float = 120.0,
        epochs: int = 20,
        idf_power: float = 2.0,
        pivot: float = 1.0,
        folds: int = 5,
        near_duplicate: float = 0.7,
        shrinkage: float = 50.0,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.codebook = codebook
        self.calibrate = calibrate
        self.class_weight = class_weight
        self.operating_point = operating_point
        self.bits = bits
        self.pairs = pairs
        self.characters = characters
        self.unspaced = unspaced
        self.repeats = repeats
        self.cost = cost
        self.epochs = epochs
        self.idf_power = idf_power
        self.pivot = pivot
        self.folds = folds
        self.near_duplicate = near_duplicate
        self.shrinkage = shrinkage
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Train on n texts.

        Args:
            X: n texts.
            y: their labels: see the class.
            groups: (n,), equal for texts that must share a fold of the calibration, as sentences of one document do.
                Within a search or a pipeline: `set_fit_request(groups=True)`.

        Raises:
            InputTypeError: X is not n texts.
            DataError: y is none of its forms; no text; fewer independent texts than folds.
            RecipeError: a parameter out of its range.
            UnknownLabelError: a label outside the codebook.
        """
        texts = given.texts(X)
        targets = given.targets(y, codebook=self.codebook)
        check_consistent_length(texts, targets.labels, groups)
        if len(texts) < (least := self.folds if self.calibrate else 1):
            raise DataError(
                f"X: n_samples={len(texts)}, expected {least} texts at least, one a fold; give more, fewer folds, or "
                "calibrate=False"
            )
        recipe = self._recipe()
        dataset = _dataset(texts, targets, groups)
        if self.calibrate:
            self.model_ = fit.train(dataset, recipe, n_jobs=self.n_jobs).model
        else:
            self.model_ = uncalibrated(dataset, recipe)
        self.classes_, self.multilabel_ = targets.classes, not targets.codebook.exclusive
        self.tagger_ = Tagger(self.model_, operating_point=self.operating_point)
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Probabilities (n, k) in 0..1; see the class for their sum."""
        check_is_fitted(self)
        probabilities = self.tagger_.predict_proba(given.texts(X))
        if self.multilabel_:
            return probabilities
        shares: NDArray[np.float32] = probabilities / np.maximum(probabilities.sum(axis=1, keepdims=True), TINY)
        return shares

    def decision_function(self, X: Any) -> NDArray[np.float32]:
        """How clearly each text has each label.

        Of several labels: (n, k), how far the probability lies above the threshold, in logits; from 0 on, `predict`
        gives the label. Of single labels: (n, k), the logarithm of `predict_proba`; of two classes (n,), the logit of
        the second, above 0 where `predict` gives it.
        """
        probabilities = self.predict_proba(X)
        if self.multilabel_:
            # A category is tagged with its sub-types, also below its own threshold.
            return self.tagger_.codebook.raised(logit(probabilities) - logit(self.tagger_.thresholds))
        logarithms: NDArray[np.float32] = np.log(np.maximum(probabilities, TINY))
        return logarithms[:, 1] - logarithms[:, 0] if len(self.classes_) == 2 else logarithms

    def predict(self, X: Any) -> NDArray[Any]:
        """The class of each text (n,), or an indicator (n, k) of its labels."""
        check_is_fitted(self)
        if self.multilabel_:
            return self.tagger_.predict(given.texts(X)).astype(np.int64)
        chosen: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return chosen

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of texts whose labels are all right; y as in `fit`, of several labels by lists too."""
        check_is_fitted(self)
        if given.are_label_lists(y):
            y = given.targets(y, codebook=self.tagger_.codebook).labels
        return float(super().score(X, y, sample_weight=sample_weight))

    def save(self, path: str | os.PathLike[str]) -> str:
        """Write the model file, whole or not at all, and return its sha256. It holds no pickle and no code.

        Raises:
            UnreadableFileError: the folder does not exist or cannot be written.
        """
        check_is_fitted(self)
        return modelfile.write(self.model_, path)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        operating_point: OperatingPoint = "balanced",
    ) -> Self:
        """Read a model file of `save`, or any other of a table.

        The file holds the labels by name: `classes_` are str, whatever they were. How it was trained it does not hold:
        of the parameters, codebook and features are those of the model.

        Args:
            path: of the file.
            operating_point: of `predict`.

        Raises:
            UnreadableFileError: the file is missing or may not be read.
            ModelFileError: it is damaged, or no model file of a table.
        """
        model, sha256 = modelfile.load(path)
        spec = model.spec
        found = cls(
            codebook=model.codebook,
            operating_point=operating_point,
            bits=spec.bits,
            pairs=spec.pairs,
            characters=spec.characters,
            unspaced=spec.unspaced,
            repeats=spec.repeats,
        )
        found.model_, found.classes_ = model, np.array(model.codebook.names)
        found.multilabel_ = not model.codebook.exclusive
        found.tagger_ = Tagger(model, sha256=sha256, operating_point=operating_point)
        return found

    def __getstate__(self) -> dict[str, Any]:
        """For pickles and copies: the model as the bytes of its file, which are checked when they are read."""
        state = dict(super().__getstate__())
        if "model_" in state:
            del state["tagger_"]
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.safetensors"
                modelfile.write(state["model_"], path)
                state["model_"] = path.read_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.safetensors"
                path.write_bytes(state["model_"])
                self.model_ = modelfile.read(path)
            self.tagger_ = Tagger(self.model_, operating_point=self.operating_point)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, True, False
        tags.classifier_tags.multi_label = True
        return tags

    def _recipe(self) -> Recipe:
        names = ("cost", "epochs", "idf_power", "pivot", "folds", "near_duplicate", "shrinkage")
        spec = {name: getattr(self, name) for name in ("bits", "pairs", "characters", "unspaced", "repeats")}
        weights = self.class_weight
        if isinstance(weights, Mapping):
            weights = {str(label): weight for label, weight in weights.items()}
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31 - 1)
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        return Recipe().changed(**values, spec=spec, weights="equal" if weights is None else weights, seed=int(seed))


def uncalibrated(dataset: Dataset, recipe: Recipe) -> Model:
    """One fit on all rows, whose curves are the logistic regression's own and whose thresholds are 1/2."""
    fitted = fit.fit(linear.count_features(dataset.texts, recipe.spec), dataset, np.ones(len(dataset), bool), recipe)
    info = ModelInfo(recipe.name, recipe.version, recipe_sha256=recipe.sha256, rows=len(dataset))
    plain = Decisions.plain(len(dataset.codebook))
    return fit.table(fitted, plain, info=info, codebook=dataset.codebook, spec=recipe.spec)


def _dataset(texts: Sequence[str], targets: given.Targets, groups: Any) -> Dataset:
    names = np.array(targets.codebook.names, dtype=object)
    own = [""] * len(texts) if groups is None else [str(group) for group in groups]
    rows = zip(texts, targets.labels, own, strict=True)
    found = [Row(text, tuple(names[row]), id=f"row {i}", group=group) for i, (text, row, group) in enumerate(rows)]
    return Dataset.from_rows(found, codebook=targets.codebook)
