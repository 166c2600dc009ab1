"""What was trained of a deep model beside its head: low-rank matrices, biases and norms, added to the base's.

A weight is base + up @ down (Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models"); the scale alpha / r
is folded into the two. Biases and norms are differences to the base's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from g7classify.deep.base import Layer, Shape, Weights
from g7classify.errors import OptionError


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Adapters:
    """Float16, of L layers of width w and inner width f, at rank r; the parts are those of `base.Layer`.

    Attributes:
        attend_down, attend_up: (L, r, w) and (L, 3w, r); queries, then keys, then values.
        attended_down, attended_up: (L, r, w) and (L, w, r).
        widen_down, widen_up: (L, r, w) and (L, f, r).
        narrow_down, narrow_up: (L, r, f) and (L, w, r).
        attend_bias, widen_bias: (L, 3w) and (L, f).
        attended_bias, attended_norm_weight, attended_norm_bias, narrow_bias, norm_weight, norm_bias: (L, w).

    Raises:
        OptionError: another shape or type, or a value that is not finite.
    """

    attend_down: NDArray[np.float16]
    attend_up: NDArray[np.float16]
    attended_down: NDArray[np.float16]
    attended_up: NDArray[np.float16]
    widen_down: NDArray[np.float16]
    widen_up: NDArray[np.float16]
    narrow_down: NDArray[np.float16]
    narrow_up: NDArray[np.float16]
    attend_bias: NDArray[np.float16]
    attended_bias: NDArray[np.float16]
    attended_norm_weight: NDArray[np.float16]
    attended_norm_bias: NDArray[np.float16]
    widen_bias: NDArray[np.float16]
    narrow_bias: NDArray[np.float16]
    norm_weight: NDArray[np.float16]
    norm_bias: NDArray[np.float16]

    def __post_init__(self) -> None:
        layers, rank, width = self.attend_down.shape if self.attend_down.ndim == 3 else (-1, -1, -1)
        inner = self.widen_bias.shape[-1] if self.widen_bias.ndim else -1
        expected = shapes(Shape(width=width, layers=layers, inner=inner), rank=rank)
        for name, array in self.tensors().items():
            if array.shape != expected[name] or array.dtype != np.float16:
                raise OptionError(f"{name}: expected float16 {expected[name]}, got {array.dtype} {array.shape}")
            if not np.isfinite(array).all():
                raise OptionError(f"{name}: expected finite values")

    def tensors(self) -> dict[str, NDArray[np.float16]]:
        """The arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def sha256(self) -> str:
        """Of names, shapes and values."""
        found = hashlib.sha256()
        for name, array in self.tensors().items():
            found.update(f"{name} {array.shape}\n".encode())
            found.update(np.ascontiguousarray(array, dtype="<f2").tobytes())
        return found.hexdigest()


def shapes(shape: Shape, *, rank: int) -> dict[str, tuple[int, ...]]:
    """The shape of every array of adapters for an encoder of this shape."""
    layers, width, inner = shape.layers, shape.width, shape.inner
    found: dict[str, tuple[int, ...]] = {}
    for part, outputs, inputs in (
        ("attend", 3 * width, width),
        ("attended", width, width),
        ("widen", inner, width),
        ("narrow", width, inner),
    ):
        found |= {f"{part}_down": (layers, rank, inputs), f"{part}_up": (layers, outputs, rank)}
        found |= {f"{part}_bias": (layers, outputs)}
    for part in ("attended_norm", "norm"):
        found |= {f"{part}_weight": (layers, width), f"{part}_bias": (layers, width)}
    return found


def none(shape: Shape) -> Adapters:
    """Adapters that change nothing of an encoder of this shape."""
    return Adapters(**{name: np.zeros(sizes, np.float16) for name, sizes in shapes(shape, rank=1).items()})


def merge(weights: Weights, adapters: Adapters) -> tuple[Layer, ...]:
    """The layers with what was trained added.

    Raises:
        OptionError: the adapters are of an encoder of another shape.
    """
    tensors = adapters.tensors()
    rank = adapters.attend_down.shape[1]
    if {name: array.shape for name, array in tensors.items()} != shapes(weights.shape, rank=rank):
        layers, _, width = adapters.attend_down.shape
        raise OptionError(
            f"adapters of {layers} layers of width {width}, {adapters.widen_bias.shape[1]} inside: expected those of "
            f"{weights.shape}; use the base that they were trained on"
        )

    trained = {name: array.astype(np.float32) for name, array in tensors.items()}
    merged: list[Layer] = []
    for i in range(weights.shape.layers):
        layer, sums = weights.layer(i), {}
        for field in fields(layer):
            part = field.name.removesuffix("_weight")
            low_rank = f"{part}_down" in trained
            added = trained[f"{part}_up"][i] @ trained[f"{part}_down"][i] if low_rank else trained[field.name][i]
            sums[field.name] = getattr(layer, field.name) + added
        merged.append(Layer(**sums))
    return tuple(merged)
