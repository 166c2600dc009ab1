"""The encoder as a fine-tuning run begins with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from g7classify.deep.adapters import Adapters
from g7classify.deep.base import Weights
from g7classify.tune import encoder, reading
from g7classify.tune.encoder import Encoder
from g7classify.tune.options import Options


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What a run goes on from: trained adapters, and a head (k, w) and bias (k,) on what they give."""

    adapters: Adapters
    head: NDArray[np.float32]
    bias: NDArray[np.float32]


def prepared(base: Weights, labels: NDArray[np.bool_], options: Options, start: Start | None) -> Encoder:
    """An encoder as a run begins with, for rows of these labels (n, k)."""
    model = encoder.load(base, labels=labels.shape[1], dropout=options.dropout)
    if options.rank:
        encoder.add_adapters(model, rank=options.rank, seed=options.seed)
        if options.bfloat16 and reading.default_device().type == "cpu":
            encoder.round_frozen(model)
    if start is None:
        start_at_base_rates(model, labels)
    else:
        encoder.start_from(model, start.adapters)
        with torch.no_grad():
            model.head.weight.copy_(torch.tensor(start.head))
            model.head.bias.copy_(torch.tensor(start.bias))
    freeze(model, options.frozen)
    return model


def start_at_base_rates(model: Encoder, labels: NDArray[np.bool_]) -> None:
    """Have the head say of every sentence how frequent the labels (n, k) are.

    From 0 the first steps push every sentence the same way, towards "no label", and the vectors collapse: their mean
    cosine was .80 before and .999 after ten steps, and nothing was learned in 460. From the rates it is .24 after ten.
    """
    rates = (labels.sum(axis=0) + 0.5) / (len(labels) + 1)
    with torch.no_grad():
        model.head.bias.copy_(torch.from_numpy(np.log(rates / (1 - rates))))


def freeze(model: Encoder, lowest: int) -> None:
    """Leave the embeddings and the lowest layers as they are."""
    for part in (model.word, model.embedded_norm, *model.layers[:lowest]):
        part.requires_grad_(False)
    model.position.requires_grad_(False)
