"""An encoder as one ONNX graph whose large products are of 8-bit integers.

Weights are int8, on one scale an output. Activations are uint8, on one scale a token, found while it runs: so what a
sentence gives does not depend on those beside it, as it would with DynamicQuantizeMatMul. The rest is float32.
Operators were chosen by their time in onnxruntime 1.32, for 16 sentences of 56 tokens on two cores with AMX:

- MatMulIntegerToFloat: 20 ms for all products, where float32 takes 106, and MatMulNBits in 8 bits no less;
- LayerNormalization: 3 ms, where SkipLayerNormalization takes 22;
- FusedMatMul on tokens ordered by place, then sentence, which need no transposing into heads: attention takes 8 ms,
  where MultiHeadAttention takes 14;
- QuantizeLinear by rows: 8 ms, where Div, Round, Add and Cast take 24.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.deep import adapters as trained
from g7classify.deep import smoothing
from g7classify.deep.adapters import Adapters
from g7classify.deep.base import Layer, Weights

with extras.needed("deep", by="the deep tier"):
    from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

BUILDER: Final = 1  # to be raised with every change of what is built, as graphs are kept under it
MICROSOFT: Final = "com.microsoft"
OPSET: Final = 18
IR: Final = 9
MIDDLE: Final = 128  # the byte that stands for 0 where values are of both signs
LOW: Final = 16  # the same for what GELU gives, which is never below LEAST
LEAST: Final = -0.17
PROBED: Final = 64
HIDDEN: Final = -1e30  # added to what attention must not see


def build(weights: Weights, adapters: Adapters) -> bytes:
    """The graph, serialised.

    Inputs are `tokens` float32 (longest, n, width), embedded, those beyond a sentence's end being 0, and `lengths`
    int64 (n,); the output is `vectors` float32 (n, width): the mean over each sentence's tokens.

    Raises:
        OptionError: the adapters are of an encoder of another shape.
    """
    layers = trained.merge(weights, adapters)
    factors = smoothing.factors(weights, layers)
    shape, writer = weights.shape, _Writer()

    def norm(value: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        scaled = writer.constant(weight), writer.constant(bias)
        return writer.op("LayerNormalization", value, *scaled, axis=-1, epsilon=shape.epsilon)

    mask, hidden = _masks(writer, heads=shape.heads)
    x = divided = writer.op("Reshape", "tokens", writer.ints(-1, shape.width))
    for i, (layer, by) in enumerate(zip(layers, factors, strict=True)):
        total = writer.op("Add", x, _attention(writer, layer, by.attend, divided, hidden, heads=shape.heads))
        x = norm(total, layer.attended_norm_weight, layer.attended_norm_bias)
        divided = norm(total, layer.attended_norm_weight / by.widen, layer.attended_norm_bias / by.widen)
        total = writer.op("Add", x, _hidden_layer(writer, layer, by.widen, divided))
        x = norm(total, layer.norm_weight, layer.norm_bias)
        if i + 1 < len(layers):
            following = factors[i + 1].attend
            divided = norm(total, layer.norm_weight / following, layer.norm_bias / following)
    x = writer.op("Mul", writer.op("Reshape", x, writer.op("Shape", "tokens")), mask)
    total = writer.op("ReduceSum", x, writer.ints(0), keepdims=0)
    count = writer.op("Cast", writer.op("Unsqueeze", "lengths", writer.ints(1)), to=TensorProto.FLOAT)
    writer.op("Div", total, count, name="vectors")
    return writer.model(
        [
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["longest", "n", shape.width]),
            helper.make_tensor_value_info("lengths", TensorProto.INT64, ["n"]),
        ],
        helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", shape.width]),
    )


def probe() -> bytes:
    """A graph of one product of the greatest bytes, `bytes` uint8 (m, PROBED) to `sums` float32 (m, PROBED).

    255s give PROBED * 255 * 127, but where a CPU adds pairs of products in 16 bits (AVX2 without VNNI) they give less.
    """
    writer = _Writer()
    weight = writer.constant(np.full((PROBED, PROBED), 127, dtype=np.int8))
    scale = writer.constant(np.ones(PROBED, dtype=np.float32))
    inputs = ("bytes", weight, writer.float(1), scale)
    writer.op("MatMulIntegerToFloat", *inputs, name="sums", domain=MICROSOFT)
    return writer.model(
        [helper.make_tensor_value_info("bytes", TensorProto.UINT8, ["m", PROBED])],
        helper.make_tensor_value_info("sums", TensorProto.FLOAT, ["m", PROBED]),
    )


class _Writer:
    """Nodes and constants, in the order in which they are made."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def op(self, kind: str, *inputs: str, name: str | None = None, domain: str = "", **attributes: Any) -> str:
        """The output of a new node."""
        name = name or f"{kind}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
        return name

    def constant(self, value: NDArray[Any] | np.generic) -> str:
        """The name of a new constant."""
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), name))
        return name

    def ints(self, *values: int) -> str:
        """A vector of int64."""
        return self.constant(np.array(values, dtype=np.int64))

    def float(self, value: float) -> str:
        """A float32."""
        return self.constant(np.float32(value))

    def model(self, inputs: list[ValueInfoProto], output: ValueInfoProto) -> bytes:
        """The graph of all nodes, serialised."""
        graph = helper.make_graph(self._nodes, "encoder", inputs, [output], self._constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        content: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=IR).SerializeToString()
        return content


def _masks(writer: _Writer, *, heads: int) -> tuple[str, str]:
    """1 at tokens and 0 beyond (longest, n, 1); 0 at tokens and HIDDEN beyond (n * heads, 1, longest)."""
    longest = writer.op("Shape", "tokens", start=0, end=1)
    zero, one = (writer.constant(np.int64(value)) for value in (0, 1))
    places = writer.op("Range", zero, writer.op("Squeeze", longest), one)
    within = writer.op("Less", places, writer.op("Unsqueeze", "lengths", writer.ints(1)))
    by_place = writer.op("Cast", writer.op("Transpose", within, perm=[1, 0]), to=TensorProto.FLOAT)
    added = writer.op("Unsqueeze", writer.op("Where", within, writer.float(0), writer.float(HIDDEN)), writer.ints(1))
    added = writer.op("Expand", added, writer.ints(1, heads, 1))
    hidden = writer.op("Reshape", added, writer.op("Concat", writer.ints(-1, 1), longest, axis=0))
    return writer.op("Unsqueeze", by_place, writer.ints(2)), hidden


def _attention(
    writer: _Writer, layer: Layer, factor: NDArray[np.float32], divided: str, hidden: str, *, heads: int
) -> str:
    """What attention adds to tokens (longest * n, width), given those divided by a factor (width,)."""
    width = len(factor)
    size = width // heads
    by_head = writer.op("Concat", writer.op("Shape", "tokens", start=0, end=1), writer.ints(-1, size), axis=0)
    rows = _quantised(writer, divided)
    parts = zip(np.split(layer.attend_weight * factor, 3), np.split(layer.attend_bias, 3), strict=True)
    query, key, value = (
        writer.op("Reshape", _plus(writer, _product(writer, rows, weight), bias), by_head) for weight, bias in parts
    )
    # Heads and sentences are the second dimension of what is multiplied here, and its rows the first.
    alike = writer.op(
        "FusedMatMul", query, key, domain=MICROSOFT, transBatchA=1, transBatchB=1, transB=1, alpha=size**-0.5
    )
    shares = writer.op("Softmax", writer.op("Add", alike, hidden), axis=-1)
    seen = writer.op("FusedMatMul", shares, value, domain=MICROSOFT, transBatchB=1)
    seen = writer.op("Reshape", writer.op("Transpose", seen, perm=[1, 0, 2]), writer.ints(-1, width))
    return _plus(writer, _product(writer, _quantised(writer, seen), layer.attended_weight), layer.attended_bias)


def _hidden_layer(writer: _Writer, layer: Layer, factor: NDArray[np.float32], divided: str) -> str:
    """What the hidden layer adds to tokens, given those divided by a factor (width,)."""
    inner = _product(writer, _quantised(writer, divided), layer.widen_weight * factor)
    inner = writer.op("BiasGelu", inner, writer.constant(layer.widen_bias), domain=MICROSOFT)
    inner = _product(writer, _quantised(writer, inner, of_gelu=True), layer.narrow_weight)
    return _plus(writer, inner, layer.narrow_bias)


def _plus(writer: _Writer, value: str, vector: NDArray[np.float32]) -> str:
    return writer.op("Add", value, writer.constant(vector))


class _Rows(NamedTuple):
    """A quantised matrix: bytes (m, inputs), the scale (m, 1) of each row, and the byte that stands for 0."""

    content: str
    scale: str
    zero: str


def _quantised(writer: _Writer, x: str, *, of_gelu: bool = False) -> _Rows:
    """The rows of a matrix (m, inputs), each on a scale by its greatest value."""
    greatest = writer.op("ReduceMax", x, writer.ints(-1), keepdims=0)
    if of_gelu:
        zero, least = LOW, LEAST / -LOW
    else:
        zero, least = MIDDLE, 1e-12  # a row of nothing but 0 must not be divided by 0
        greatest = writer.op("Max", greatest, writer.op("Neg", writer.op("ReduceMin", x, writer.ints(-1), keepdims=0)))
    scale = writer.op("Mul", greatest, writer.float(1 / (255 - zero)))
    scale = writer.op("Max", scale, writer.float(least))
    byte = writer.constant(np.uint8(zero))
    content = writer.op("QuantizeLinear", x, scale, writer.op("Expand", byte, writer.op("Shape", scale)), axis=0)
    return _Rows(content, writer.op("Unsqueeze", scale, writer.ints(1)), byte)


def _product(writer: _Writer, rows: _Rows, weight: NDArray[np.float32]) -> str:
    """rows @ weight.T, (m, outputs) of float32."""
    scale = np.maximum(np.abs(weight).max(axis=1), 1e-12) / 127
    content = np.rint(weight / scale[:, None]).astype(np.int8)
    product = writer.op(
        "MatMulIntegerToFloat",
        rows.content,
        writer.constant(content.T),
        writer.float(1),
        writer.constant(scale.astype(np.float32)),
        rows.zero,
        domain=MICROSOFT,
    )
    return writer.op("Mul", product, rows.scale)
