"""A BERT encoder with a head for labels, in plain PyTorch."""

from __future__ import annotations

from dataclasses import fields

import torch
from torch import Tensor, nn
from torch.nn import functional

from g7classify.deep.adapters import Adapters
from g7classify.deep.base import Shape, Weights


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Scaled dot-product attention (Vaswani et al. 2017) of (b, heads, l, d); mask as in Layer.forward."""
    if query.is_cuda or not query.requires_grad:
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    # On a CPU PyTorch's own gradient of it takes half of a step: 80 ms forth and back for 32 sentences of 48 tokens,
    # where these products take 12.
    b, heads, length, d = query.shape
    query, key, value = (part.reshape(b * heads, length, d) for part in (query * d**-0.5, key, value))
    products = torch.bmm(query, key.transpose(1, 2)).view(b, heads, length, length)
    if mask is not None:
        products = products.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(products, dim=-1).to(value.dtype).view(b * heads, length, length)
    return torch.bmm(weights, value).view(b, heads, length, d)


class LowRank(nn.Module):
    """A linear map that is frozen but for its bias, with a product of two thin matrices added (Hu et al. 2022, "LoRA").

    At first that product is 0.
    """

    def __init__(self, whole: nn.Linear, *, rank: int) -> None:
        super().__init__()
        outputs, inputs = whole.weight.shape
        self.weight, self.bias = whole.weight, whole.bias
        self.weight.requires_grad_(False)
        self.down = nn.Parameter(torch.randn(rank, inputs) * inputs**-0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: Tensor) -> Tensor:
        """Rows (..., inputs) to rows (..., outputs)."""
        if x.is_cuda:  # the whole weight is made at every step, so that it is rounded as it will be when merged
            return functional.linear(x, self.weight + self.up @ self.down, self.bias)
        # On a CPU that takes longer than all else: the gradient of the whole weight is never needed.
        added = functional.linear(functional.linear(x, self.down), self.up)
        return functional.linear(x, self.weight, self.bias) + added


class Layer(nn.Module):
    """Self-attention and a hidden layer, each added to its input and normalised after (Devlin et al. 2019)."""

    def __init__(self, shape: Shape, *, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.drop = nn.Dropout(dropout)  # Srivastava et al. 2014; acts in training alone
        self.attend = nn.Linear(shape.width, 3 * shape.width)  # queries, keys, values in one product
        self.attended = nn.Linear(shape.width, shape.width)
        self.attended_norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.widen = nn.Linear(shape.width, shape.inner)
        self.narrow = nn.Linear(shape.inner, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Tokens (b, l, width) to tokens (b, l, width); mask (b, 1, 1, l) is True at tokens, None = no padding."""
        b, length, width = x.shape
        query, key, value = self.attend(x).view(b, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = attention(query, key, value, mask)
        x = self.attended_norm(x + self.drop(self.attended(seen.transpose(1, 2).reshape(b, length, width))))
        normed: Tensor = self.norm(x + self.drop(self.narrow(functional.gelu(self.widen(x)))))
        return normed


class Encoder(nn.Module):
    """Token numbers to sentence vectors and label scores."""

    def __init__(self, shape: Shape, *, labels: int, dropout: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.word = nn.Embedding(shape.vocabulary, shape.width)
        self.position = nn.Parameter(torch.zeros(shape.positions, shape.width))  # that of the token type is added
        self.embedded_norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape, dropout=dropout) for _ in range(shape.layers))
        self.head = nn.Linear(shape.width, labels)

    def embed(self, numbers: Tensor) -> Tensor:
        """Tokens (b, l, width) before the first layer, of token numbers (b, l)."""
        embedded: Tensor = self.drop(self.embedded_norm(self.word(numbers) + self.position[: numbers.shape[1]]))
        return embedded

    def run(self, x: Tensor, mask: Tensor | None, *, first: int, last: int) -> Tensor:
        """Tokens (b, l, width) through the layers first..last-1."""
        for layer in self.layers[first:last]:
            x = layer(x, mask)
        return x

    def pool(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Sentence vectors (b, width): the mean over the tokens."""
        if mask is None:
            return x.mean(dim=1)
        weights = mask[:, 0, 0, :, None].to(x.dtype)
        return (x * weights).sum(dim=1) / weights.sum(dim=1)

    def vectors(self, numbers: Tensor, mask: Tensor | None = None) -> Tensor:
        """Sentence vectors (b, width), not normalised, of token numbers (b, l); mask as in Layer.forward."""
        return self.pool(self.run(self.embed(numbers), mask, first=0, last=len(self.layers)), mask)

    def forward(self, numbers: Tensor, mask: Tensor | None = None) -> Tensor:
        """Scores (b, labels) of token numbers (b, l): log-odds."""
        scores: Tensor = self.head(self.drop(self.vectors(numbers, mask)))
        return scores


MATRICES = ("attend", "attended", "widen", "narrow")  # of a layer


def add_adapters(encoder: Encoder, *, rank: int, seed: int) -> None:
    """Freeze the matrices of all layers and add low-rank ones to them."""
    torch.manual_seed(seed)
    for layer in encoder.layers:
        for name in MATRICES:
            setattr(layer, name, LowRank(getattr(layer, name), rank=rank))


def round_frozen(encoder: Encoder) -> None:
    """Keep the matrices under adapters in bfloat16: on a CPU a step else spends 1.3 of its 3.0 s on rounding them."""
    for layer in encoder.layers:
        for name in MATRICES:
            matrix = getattr(layer, name)
            matrix.weight.data = matrix.weight.data.bfloat16()


def start_from(encoder: Encoder, adapters: Adapters) -> None:
    """Have an encoder with adapters say what trained ones of the same rank say."""
    with torch.no_grad():
        for name, stack in adapters.tensors().items():
            part, kind = name.rsplit("_", 1)
            for layer, value in zip(encoder.layers, stack, strict=True):
                parameter, trained = getattr(getattr(layer, part), kind), torch.tensor(value).float()
                # What has low-rank matrices is told by these; of biases and norms, the difference is.
                parameter.copy_(trained if kind in ("down", "up") else parameter + trained)


def load(weights: Weights, *, labels: int, dropout: float = 0.0) -> Encoder:
    """An encoder, in training, with the weights of a file and a head that gives every label the score 0."""
    shape = weights.shape
    norm, bias = weights.embedded_norm()
    state = {
        "word.weight": torch.from_numpy(weights.words()),
        "position": torch.from_numpy(weights.positions()),
        "embedded_norm.weight": torch.from_numpy(norm),
        "embedded_norm.bias": torch.from_numpy(bias),
        "head.weight": torch.zeros(labels, shape.width),
        "head.bias": torch.zeros(labels),
    }
    for i in range(shape.layers):
        layer = weights.layer(i)
        for field in fields(layer):
            part, kind = field.name.rsplit("_", 1)
            state[f"layers.{i}.{part}.{kind}"] = torch.from_numpy(getattr(layer, field.name))
    encoder = Encoder(shape, labels=labels, dropout=dropout)
    encoder.load_state_dict(state)
    return encoder
