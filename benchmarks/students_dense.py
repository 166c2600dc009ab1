"""A student with a hidden layer: dense columns a bucket that are pooled, rectified and weighed; with PyTorch.

    hidden = max(0, sum_i x_i * columns[b_i] + bias)      (width,)
    score  = weights @ hidden + bias, added to the table's score where there is one

It is what a table that adds up cannot say: that words mean something together. Learned by Adam (Kingma & Ba 2015) from
the same targets as the table, which stays as it was fitted.
"""

from __future__ import annotations

import click
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn import functional

BATCH, RATE, EPOCHS, WARM_UP = 1024, 1e-2, 4, 100

Floats = NDArray[np.float32]


class Dense(nn.Module):
    """Dense columns of d buckets, and what k labels make of them."""

    def __init__(self, buckets: int, width: int, labels: int) -> None:
        super().__init__()
        self.columns = nn.EmbeddingBag(buckets, width, mode="sum")
        nn.init.normal_(self.columns.weight, 0, 0.3)
        self.bias = nn.Parameter(torch.zeros(width))
        self.out = nn.Linear(width, labels)
        nn.init.zeros_(self.out.bias)

    def forward(self, rows: csr_array, base: Tensor) -> Tensor:
        """Scores (b, k) of features (b, d), added to other scores."""
        starts = torch.from_numpy(rows.indptr[:-1].astype(np.int64))
        buckets, values = torch.from_numpy(rows.indices.astype(np.int64)), torch.from_numpy(rows.data)
        hidden = torch.relu(self.columns(buckets, starts, per_sample_weights=values) + self.bias)
        scores: Tensor = self.out(hidden) + base
        return scores


def learn(weighed: csr_array, targets: Floats, base: Floats, *, width: int, seed: int) -> Dense:
    """A Dense fitted to rows (n, d) and probabilities (n, k), beside scores (n, k) that are given.

    Rows count alike: labelled ones and those that a teacher has read.
    """
    torch.manual_seed(seed)
    n, d = weighed.shape
    model = Dense(d, width, targets.shape[1])
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.9, 0.98))
    shuffle = np.random.RandomState(seed)
    steps = EPOCHS * -(-n // BATCH)
    step = 0
    for epoch in range(EPOCHS):
        order = shuffle.permutation(n)
        losses = []
        for start in range(0, n, BATCH):
            rows = order[start : start + BATCH]
            for group in optimiser.param_groups:
                group["lr"] = RATE * min((step + 1) / WARM_UP, 1 - step / steps)
            scores = model(weighed[rows], torch.from_numpy(base[rows]))
            loss = functional.binary_cross_entropy_with_logits(scores, torch.from_numpy(targets[rows]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            step += 1
        click.echo(f"hidden layer of {width}, epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", err=True)
    return model


@torch.inference_mode()
def score(model: Dense, weighed: csr_array, base: Floats) -> Floats:
    """Scores (n, k) of features (n, d), added to other scores."""
    parts = [
        model(weighed[start : start + BATCH], torch.from_numpy(base[start : start + BATCH])).numpy()
        for start in range(0, weighed.shape[0], BATCH)
    ]
    return np.concatenate(parts)
