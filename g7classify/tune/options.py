"""Every choice of a fine-tuning run."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from g7classify.deep.model import DeepModel
from g7classify.errors import OptionError

# On a GPU, fold 0, with soft labels: .793 in sub-type macro-F1 at 3e-4, .778 at 1.5e-4.
WHOLE_RATE: Final = 3e-4
# Of adapters that start from nothing; on a GPU, fold 0, rank 32: .763 at 2e-3, .748 at 1e-3, .728 at 5e-4.
ADAPTERS_RATE: Final = 2e-3

# Of trained adapters, and of the head that was fitted on what they give. Macro-F1 on rows held out, tuned and with the
# head alone: .617 and .438 of 460 rows of 17 subjects of development policy (3 epochs), .400 and .325 of 500 seeds
# labelled by 15 genres (4 epochs). Other rates and numbers of epochs were not compared: benchmarks.tuning does that.
CONTINUED_RATE: Final = 5e-4


class Options(BaseModel):
    """Hyper-parameters and seed; a run goes on only under the options it was started with."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=5, ge=1, description="visits of each labelled row")
    batch: int = Field(default=32, ge=1, description="labelled rows of a step")
    soft_batch: int = Field(
        default=96, ge=1, description="sentences of a step that an earlier teacher has read, if any"
    )
    soft_weight: float = Field(default=1.5, gt=0, description="of their loss against that of the labelled rows")
    rank: int = Field(default=0, ge=0, le=128, description="of adapters to matrices; 0 = the matrices are tuned whole")
    rate: float = Field(
        default=WHOLE_RATE,
        gt=0,
        description=f"AdamW's, at the end of the warm-up; {ADAPTERS_RATE:g} by default at a rank above 0",
    )
    head_rate: float = Field(default=2e-3, gt=0, description="the same for the head, which starts from nothing")
    warm_up: float = Field(default=0.06, ge=0, lt=1, description="share of the steps in which the rates rise")
    decay: float = Field(default=0.01, ge=0, description="of the weights (Loshchilov & Hutter 2019)")
    clip: float = Field(default=1.0, gt=0, description="greatest norm of a step's gradient")
    longest: int = Field(default=96, ge=3, le=512, description="tokens that a sentence is cut to")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="share dropped of what each part of a layer adds")
    hidden: float = Field(default=0.1, ge=0, lt=1, description="share of the tokens that a step shows as unknown")
    frozen: int = Field(default=0, ge=0, description="lowest layers that are left as they are, beside the embeddings")
    bfloat16: bool = Field(default=True, description="whether products are computed in bfloat16")
    fold: int | None = Field(default=None, description="what is held out; None = nothing")
    folds: int = Field(default=5, ge=2, description="of which it is one")
    seed: int = Field(default=0, ge=0, lt=2**31)

    @model_validator(mode="before")
    @classmethod
    def _rate_of_adapters(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("rank") and "rate" not in given:
            return given | {"rate": ADAPTERS_RATE}
        return given


def checked(**values: Any) -> Options:
    """Options. Raises OptionError, which names what is out of its range."""
    try:
        return Options(**values)
    except ValidationError as error:
        raise OptionError("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())) from error


def continuing(base: DeepModel, *, rows: int, bfloat16: bool) -> Options:
    """Options that suit going on with a deep model's adapters on some labelled rows."""
    rank = base.adapters.attend_down.shape[1]
    epochs = 4 if rows < 5000 else 3
    return Options(
        rank=rank, longest=base.longest, rate=CONTINUED_RATE, head_rate=CONTINUED_RATE, epochs=epochs, bfloat16=bfloat16
    )
