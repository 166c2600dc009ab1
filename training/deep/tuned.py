"""The file of tuned adapters: what fine-tuning writes, and a deep model is built from.

A safetensors file of the tensors of deep.adapters.Adapters (float16) and of the head (float32: `head` (k, w), `bias`
(k,)), with its card as the one metadata string.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from g7classify.atomic import write_bytes
from g7classify.deep.adapters import Adapters
from g7classify.errors import ModelFileError, OptionError, UnreadableFileError

CARD: Final = "g7classify"


class TunedCard(BaseModel):
    """How adapters were tuned.

    Attributes:
        labels: the k labels, in column order.
        base_sha256: of the file of the base's weights.
        longest: tokens that sentences were cut to.
        fold: of the light models' cross-validation that was held out; None = nothing was.
        folds: of which it is one.
        folds_sha256: learn.split.digest of the rows and their folds; "" where nothing was held out, and in files that
            were written before there was one.
        rows: labelled sentences that were learned from.
        data_sha256: of every file that was learned from, by name.
        options: all else, for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[str, ...]
    base_sha256: str
    longest: int
    fold: int | None
    folds: int
    folds_sha256: str = ""
    rows: int
    data_sha256: dict[str, str]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """Adapters, and the head (k, w) and bias (k,) that were tuned with them."""

    adapters: Adapters
    head: NDArray[np.float32]
    bias: NDArray[np.float32]
    card: TunedCard

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file.

        Raises:
            UnreadableFileError: it is missing or may not be read.
            ModelFileError: it is damaged, or holds something else.
        """
        try:
            with safe_open(path, framework="numpy") as file:
                card = TunedCard.model_validate_json((file.metadata() or {})[CARD])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no mapping
            head, bias = tensors.pop("head"), tensors.pop("bias")
            found = cls(Adapters(**tensors), head, bias, card)
        except OSError as error:
            raise UnreadableFileError(f"cannot read {path}: {error}; training.teacher.finetune writes it") from error
        except (SafetensorError, ValidationError, KeyError, TypeError, OptionError) as error:
            raise ModelFileError(
                f"{path}: no tuned adapters ({error}); training.teacher.finetune writes them"
            ) from error
        k, width = len(card.labels), found.adapters.norm_bias.shape[1]
        if head.shape != (k, width) or bias.shape != (k,) or not (np.isfinite(head).all() and np.isfinite(bias).all()):
            raise ModelFileError(
                f"{path}: expected a finite head ({k}, {width}) and bias, got {head.shape} {bias.shape}"
            )
        return found

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all. Raises UnreadableFileError if it may not be written."""
        tensors = {**self.adapters.tensors(), "head": self.head, "bias": self.bias}
        whole = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
        write_bytes(path, save(whole, {CARD: self.card.model_dump_json()}))
