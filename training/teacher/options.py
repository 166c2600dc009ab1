"""Every choice of a fine-tuning run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Options(BaseModel):
    """Hyper-parameters and seed; a run goes on only under the options it was started with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=5, ge=1, description="visits of each labelled row")
    batch: int = Field(default=32, ge=1, description="labelled rows of a step")
    soft_batch: int = Field(
        default=96, ge=1, description="sentences of a step that an earlier teacher has read, if any"
    )
    soft_weight: float = Field(default=1.5, gt=0, description="of their loss against that of the labelled rows")
    rank: int = Field(default=0, ge=0, le=128, description="of adapters to matrices; 0 = the matrices are tuned whole")
    rate: float = Field(default=1.5e-4, gt=0, description="AdamW's, at the end of the warm-up")
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
