"""What was tuned of an encoder with adapters, as a deep model holds it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from g7classify.deep.adapters import Adapters
from g7classify.deep.base import Weights
from g7classify.tune.encoder import Encoder


def tuned(model: Encoder, base: Weights) -> Adapters:
    """The adapters of a model that was tuned from `base` at a rank above 0."""
    stacks: dict[str, list[NDArray[np.float16]]] = {field.name: [] for field in fields(Adapters)}
    for i in range(base.shape.layers):
        layer, whole = model.layers[i], base.layer(i)
        for name, stack in stacks.items():
            part, kind = name.rsplit("_", 1)
            value = array(getattr(getattr(layer, part), kind))
            # What has low-rank matrices is told by these; of biases and norms, the difference is.
            stack.append((value if kind in ("down", "up") else value - getattr(whole, name)).astype(np.float16))
    arrays: dict[str, Any] = {name: np.stack(stack) for name, stack in stacks.items()}
    return Adapters(**arrays)


def array(tensor: Tensor) -> NDArray[np.float32]:
    """A copy in memory."""
    copied: NDArray[np.float32] = tensor.detach().float().cpu().numpy().copy()
    return copied
