"""The cascade: a table reads everything, and a deep model the sentences of which most is to be gained.

What is to be gained of a sentence is told by the table alone: how close its probabilities are to its thresholds, over
the labels, a rare label weighing more, as macro-F1 has it::

    gain = importance @ exp(-|logit(probability) - logit(threshold)|)

A deep model's sentence has the sum of both models' scores, calibrated as a sum. As what was asked for depends on the
table's scores alone, probabilities are as true of the chosen sentences as of all, and one threshold a label serves both
models' sentences (Lipton, Elkan & Naryanaswamy 2014, "Optimal thresholding of classifiers to maximize F1 measure"); it
is fitted on the mixture, for several budgets.

A file of the kind `cascade` is described by `KIND` below; it names the two models by their sha256.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from numbers import Real
from typing import Any, ClassVar, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from g7classify import container, contents, decision, kernel
from g7classify.classifier import Classifier
from g7classify.codebook import Codebook
from g7classify.container import CASCADE, Kind, Make, Plan, Shape, Tensors
from g7classify.decision import OPERATING_POINTS, OperatingPoint
from g7classify.errors import OptionError
from g7classify.foreign import Malformed
from g7classify.model import Model, ModelInfo

FORMAT: Final = 1
SPARE: Final = 32  # sentences of a call that may be escalated beyond the budget, so that a short text gets its due
MOST_BUDGETS: Final = 100
TENSORS: Final = ("slope", "intercept", "importance", "budgets", "cutoffs", "thresholds", "bands")


class Reading(NamedTuple):
    """What a cascade makes of n sentences.

    Attributes:
        probabilities: (n, k), calibrated, in 0..1.
        escalated: (n,), whether the deep model was asked too.
        left: (n,), whether it would have been, had the budget not been spent.
    """

    probabilities: NDArray[np.float32]
    escalated: NDArray[np.bool_]
    left: NDArray[np.bool_]


class Scores(Classifier, Protocol):
    """A model that gives scores too."""

    def scores(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Uncalibrated (n, k) of n sentences."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fusion:
    """How two models decide together: what lies in a cascade's file.

    Attributes:
        info: name, version, provenance.
        codebook: the k labels of both.
        table_sha256, deep_sha256: of their files.
        weight: of the table's score beside the deep model's.
        slope, intercept: (k,): calibration of that sum.
        importance: (k,), >= 0, of the labels in the gain.
        budgets: (b,), rising from 0 to 1: share of sentences.
        cutoffs: (b,), falling: the gain that so many natural sentences reach.
        thresholds: (3, b, k) in 0..1, a row for each of decision.OPERATING_POINTS.
        bands: (3, b): half-widths of the band of doubt, in logits.
    """

    info: ModelInfo
    codebook: Codebook
    table_sha256: str
    deep_sha256: str
    weight: float
    slope: NDArray[np.float32]
    intercept: NDArray[np.float32]
    importance: NDArray[np.float32]
    budgets: NDArray[np.float32]
    cutoffs: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    bands: NDArray[np.float32]

    def cutoff(self, budget: float) -> float:
        """The gain from which a sentence is escalated: linear in the budget between those that were fitted."""
        return float(np.interp(budget, self.budgets, self.cutoffs)) if budget > 0 else float("inf")


def gain(
    probabilities: NDArray[np.float32], thresholds: NDArray[np.float32], importance: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What is to be gained (n,) of sentences with a table's probabilities (n, k) and thresholds (k,)."""
    ratio = decision.odds(probabilities) / decision.odds(thresholds)
    near = np.minimum(ratio, 1 / ratio)
    # Label after label: a matrix product adds up in an order that depends on the processor and on how many sentences
    # there are, and NumPy's logarithms differ between processors. A sentence's gain must not: of 3,000 sentences 1,309
    # gained something else alone.
    gained = np.zeros(len(probabilities), np.float32)
    for column, weight in enumerate(importance):
        gained += weight * near[:, column]
    return gained


def check_share(name: str, share: Any) -> None:
    """Raise OptionError unless a budget or an uncertainty is a share."""
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= float(share) <= 1:  # NaN neither
        raise OptionError(f"{name}: expected a share of the sentences, 0 to 1, got {share!r:.100}")


def asked_for(budget: float | None, uncertainty: float | None) -> tuple[float, bool]:
    """The budget of a cascade and whether it is capped, of what a user gives of the two; a tenth if neither.

    Raises:
        OptionError: both are given, or one is out of its range.
    """
    if uncertainty is None:
        budget = 0.1 if budget is None else budget
        check_share("budget", budget)
        return float(budget), True
    if budget is not None:
        raise OptionError(f"budget {budget!r} and uncertainty {uncertainty!r}: expected one of them")
    check_share("uncertainty", uncertainty)
    return 1 - float(uncertainty), False


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """Two models as one; immutable, so safe to share between threads.

    Attributes:
        table, deep: the models.
        fusion: how they decide together.
        budget: 0..1, the share of natural sentences that the deep model reads.
        capped: whether that share of a call is also the most that it reads of it.

    Raises:
        OptionError: a budget out of its range, or models of different codebooks.
    """

    table: Model
    deep: Scores
    fusion: Fusion
    budget: float
    capped: bool = True

    def __post_init__(self) -> None:
        check_share("budget", self.budget)
        if not self.table.codebook.names == self.deep.codebook.names == self.fusion.codebook.names:
            raise OptionError("escalate: expected two models of the same labels")

    @property
    def info(self) -> ModelInfo:
        """Of the two together."""
        return self.fusion.info

    @property
    def codebook(self) -> Codebook:
        """The k labels."""
        return self.fusion.codebook

    def deciding(self, operating_point: OperatingPoint) -> tuple[NDArray[np.float32], float]:
        """Thresholds (k,) and half-width of the band of doubt at an operating point and the budget.

        Raises:
            OptionError: there is no such operating point.
        """
        row, fusion = decision.row(operating_point), self.fusion
        columns = [np.interp(self.budget, fusion.budgets, column) for column in fusion.thresholds[row].T]
        band = float(np.interp(self.budget, fusion.budgets, fusion.bands[row]))
        return np.array(columns, dtype=np.float32), band

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities (n, k) in 0..1: see `read`."""
        return self.read(texts).probabilities

    def read(self, texts: Sequence[str]) -> Reading:
        """Read n sentences with the table, and those of most gain with the deep model too.

        A sentence is escalated if its gain is that of the `budget` most gainful among natural sentences. If `capped`,
        at most budget * n + SPARE of one call are; the others that should have been are left to the table, and said to
        be.

        Raises:
            As the models do.
        """
        fusion = self.fusion
        scores = self.table.scores(texts)
        probabilities = scores.copy()
        kernel.calibrate(probabilities, self.table.slope, self.table.intercept, self.codebook.parents)
        gains = gain(probabilities, self.table.deciding("balanced")[0], fusion.importance)
        wanted = np.flatnonzero(gains >= fusion.cutoff(self.budget))
        allowed = int(self.budget * len(texts)) + SPARE if self.capped else len(texts)
        chosen = np.sort(wanted[np.argsort(-gains[wanted], kind="stable")[:allowed]])
        escalated, left = np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool)
        escalated[chosen], left[wanted] = True, True
        left[chosen] = False
        if len(chosen):
            fused = self.deep.scores([texts[i] for i in chosen.tolist()]) + np.float32(fusion.weight) * scores[chosen]
            kernel.calibrate(fused, fusion.slope, fusion.intercept, self.codebook.parents)
            probabilities[chosen] = fused
        return Reading(probabilities, escalated, left)

    def with_budget(self, budget: float) -> Cascade:
        """The same models at another budget. Raises OptionError if it is out of its range."""
        return replace(self, budget=budget)


@dataclass(frozen=True, slots=True)
class _Metadata:
    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    kind: str
    FORMAT: int
    codebook: dict[str, Any]
    info: dict[str, Any]
    table_sha256: str
    deep_sha256: str
    weight: float
    budgets: int

    def __post_init__(self) -> None:
        contents.check_range("weight", self.weight, most=1e6)
        contents.check_range("budgets", self.budgets, least=2, most=MOST_BUDGETS)
        contents.check_digest("table_sha256", self.table_sha256)
        contents.check_digest("deep_sha256", self.deep_sha256)


def write(fusion: Fusion, path: str | os.PathLike[str]) -> str:
    """Write the file of a cascade, whole or not at all, and return its sha256.

    Raises:
        OptionError: it would be a larger file than is read, or have a larger header.
        UnreadableFileError: the folder does not exist or cannot be written.
    """
    metadata: dict[str, Any] = {
        "kind": CASCADE,
        "FORMAT": FORMAT,
        "codebook": fusion.codebook.to_dict(),
        "info": asdict(fusion.info),
        "table_sha256": fusion.table_sha256,
        "deep_sha256": fusion.deep_sha256,
        "weight": float(fusion.weight),
        "budgets": len(fusion.budgets),
    }
    return container.write(path, metadata, {name: getattr(fusion, name) for name in TENSORS})


def load(path: str | os.PathLike[str], *, sha256: str | None = None) -> tuple[Fusion, str]:
    """Read the file of a cascade, checking everything first, and return its sha256 beside it.

    Args:
        path: of the file.
        sha256: what it has to be: see container.load.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: its FORMAT number is one this version cannot read.
        ModelFileError: another sha256; it is damaged, contradicts itself, or is no cascade.
    """
    return container.load(path, KIND, sha256=sha256)


def _plan(metadata: dict[str, Any], make: Make) -> Plan[Fusion]:
    said = make(_Metadata, metadata)
    info, codebook = make(ModelInfo, said.info), contents.codebook(said.codebook)
    k, b, points = len(codebook), said.budgets, len(OPERATING_POINTS)
    sizes = {"budgets": (b,), "cutoffs": (b,), "thresholds": (points, b, k), "bands": (points, b)}
    shapes = {name: Shape("F32", sizes.get(name, (k,))) for name in TENSORS}
    return Plan(shapes, partial(_build, said, info, codebook))


def _build(said: _Metadata, info: ModelInfo, codebook: Codebook, tensors: Tensors) -> Fusion:
    contents.check_numbers(tensors, TENSORS, positive=("slope",))
    contents.check_thresholds(tensors)
    budgets = tensors["budgets"]
    if budgets[0] != 0 or budgets[-1] != 1 or (np.diff(budgets) <= 0).any() or (np.diff(tensors["cutoffs"]) > 0).any():
        raise Malformed("its budgets do not rise from 0 to 1, or its cutoffs rise")
    if (tensors["importance"] < 0).any() or (tensors["bands"] < 0).any():
        raise Malformed("its importance or bands hold a negative value")
    said_of = {"table_sha256": said.table_sha256, "deep_sha256": said.deep_sha256, "weight": said.weight}
    return Fusion(info=info, codebook=codebook, **said_of, **tensors)  # type: ignore[arg-type]


KIND: Final = Kind(CASCADE, {"FORMAT": FORMAT}, _plan)
