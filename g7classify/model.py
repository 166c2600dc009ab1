"""The model: a table of int8 rows, one a bucket, that add up to the scores of a sentence.

For a sentence whose features fall, each occurrence counted, into buckets b_1..b_m::

    pooled      = sum_i table[b_i]                                    (D,) = k label columns and one norm column
    norm        = sqrt(scale[k] * pooled[k])                          additive stand-in for the L2 norm of TF-IDF
    score       = scale[:k] * pooled[:k] / (pivot + norm) + bias      (k,)
    probability = logistic(slope * score + intercept), categories raised to their sub-types

The rows hold weight times idf, so tagging is look-up and addition. The pivot, the mean norm of the training sentences,
keeps what one word says from being drowned in a long sentence (pivoted length normalisation with slope 1/2: Singhal,
Buckley & Mitra 1996): .724 -> .729 in sub-type macro-F1 on one fold. A bucket that no training sentence used is a
zero row and changes nothing. Linear models over hashed TF-IDF: Weinberger et al. 2009; Fan et al. 2008 (LIBLINEAR).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, features, kernel
from g7classify.codebook import Codebook
from g7classify.decision import OperatingPoint
from g7classify.errors import OptionError
from g7classify.features import FeatureSpec
from g7classify.labels import short

if TYPE_CHECKING:
    from typing_extensions import Buffer  # collections.abc has it from Python 3.12 on

NAME_PATTERN: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
VERSION_PATTERN: Final = r"^[0-9]{1,9}(\.[0-9]{1,9}){2}$"
MAX_ROWS: Final = 10**12


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model is, what it was trained on and how well it does.

    Attributes:
        name: lower-case words joined by hyphens, 60 characters at most.
        version: three numbers of at most nine digits, as in 0.1.0.
        description: one paragraph, 2,000 characters at most.
        languages: ISO 639-1 codes of the languages it was trained on.
        recipe_sha256: of the recipe, as canonical JSON.
        data_sha256: of each training file, by name.
        rows: labelled sentences it learned from, 10**12 at most.
        metrics: cross-validated, at the shipped thresholds.

    Raises:
        OptionError: a value that breaks these rules.
    """

    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "allow_inf_nan": False}

    name: str
    version: str
    description: str = ""
    languages: tuple[str, ...] = ()
    recipe_sha256: str = ""
    data_sha256: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    metrics: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.name, self.version)
        if len(self.description) > 2000:
            raise OptionError(f"description: expected 2,000 characters at most, got {len(self.description)}")
        if not 0 <= self.rows <= MAX_ROWS:
            raise OptionError(f"rows: expected 0 to {MAX_ROWS}, got {short(self.rows)}")


def check_name(name: str, version: str) -> None:
    """Refuse what cannot name a model or its version."""
    if len(name) > 60 or not re.fullmatch(NAME_PATTERN, name):
        raise OptionError(f"name: expected lower-case words joined by hyphens, 60 characters at most, got {name!r:.80}")
    if not re.fullmatch(VERSION_PATTERN, version):
        raise OptionError(f"version: expected three numbers, as in 0.1.0, got {version!r:.80}")


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained classifier; immutable, so safe to share between threads. Made by learn.fit.train or modelfile.read.

    Attributes:
        info: name, version, provenance, metrics.
        codebook: the k labels, in column order.
        spec: which features.
        table: int8 (d, k + 1); the last column is the norm's.
        scale: (k + 1,), positive: what one step of each column is worth.
        bias: (k,)
        pivot: added to the norm, >= 0.
        slope: (k,), positive: calibration.
        intercept: (k,): calibration.
        thresholds: (3, k) in 0..1, on probability, a row for each of decision.OPERATING_POINTS; no column falls.
        bands: of each operating point, the half-width of the band of doubt around the thresholds, in logits.
    """

    info: ModelInfo
    codebook: Codebook
    spec: FeatureSpec
    table: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    pivot: float
    slope: NDArray[np.float32]
    intercept: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    bands: tuple[float, float, float]
    _kernel: kernel.Table = field(init=False, repr=False)

    def __post_init__(self) -> None:
        table = features.summed(self.spec, self.table, self.scale, self.bias, pivot=self.pivot)
        object.__setattr__(self, "_kernel", table)

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, tuple(getattr(self, part.name) for part in fields(self) if part.init)

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
        """
        return self._kernel.scores(texts)

    def scores_utf8(
        self, data: Buffer, offsets: Buffer, validity: Buffer | None = None, *, first: int = 0
    ) -> NDArray[np.float32]:
        """Uncalibrated scores (n, k) of the n sentences of an Arrow column of strings, without a copy of it.

        Args:
            data: the UTF-8 of all sentences.
            offsets: int32 or int64 (n + 1,): sentence i is data[offsets[i] : offsets[i + 1]].
            validity: bits, least significant first; sentence i is taken as empty if bit first + i is 0.
            first: see `validity`.

        Raises:
            InputTypeError: not contiguous buffers, or offsets of another type.
            OptionError: no offsets, too few bits, or a negative `first`.
            TextError: offsets that fall or leave the data; bytes that are not UTF-8.
        """
        return self._kernel.scores_utf8(data, offsets, validity, first=first)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities (n, k) in 0..1; a category's is never below its sub-types'.

        Raises:
            InputTypeError: `texts` is not a sequence of str.
            TextError: a text holds a lone surrogate.
        """
        return self._calibrated(self.scores(texts))

    def probabilities_utf8(
        self, data: Buffer, offsets: Buffer, validity: Buffer | None = None, *, first: int = 0
    ) -> NDArray[np.float32]:
        """The probabilities (n, k) of the n sentences of an Arrow column of strings: see `scores_utf8`."""
        return self._calibrated(self.scores_utf8(data, offsets, validity, first=first))

    def _calibrated(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        kernel.calibrate(scores, self.slope, self.intercept, self.codebook.parents)
        return scores
