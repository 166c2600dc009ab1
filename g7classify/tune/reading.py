"""Scores of many sentences from an encoder."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from g7classify.deep.tokens import Tokens
from g7classify.tune import batches
from g7classify.tune.encoder import Encoder

ROWS, TOKENS = 256, 2048  # of a batch


def default_device() -> torch.device:
    """The first GPU, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def quick_bfloat16() -> bool:
    """Whether products are quicker in bfloat16 where a model would lie; without instructions for it they are slower."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # PyTorch has no public name for it
    return default_device().type == "cuda" or (supported is not None and bool(supported()))


@torch.inference_mode()
def scores(encoder: Encoder, tokens: Tokens, *, bfloat16: bool) -> NDArray[np.float32]:
    """Log-odds (n, k) of n sentences, computed where the encoder lies; it is no longer in training then."""
    device = encoder.position.device
    encoder.eval()
    found = np.zeros((len(tokens), encoder.head.out_features), dtype=np.float32)
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        for rows in batches.plan(tokens.lengths, rows=ROWS, tokens=TOKENS, seed=0):
            numbers, mask = batches.gather(tokens, rows)
            found[rows] = encoder(numbers.to(device), None if mask is None else mask.to(device)).float().cpu().numpy()
    return found
