"""A fine-tuning run, one step at a time."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from g7classify.atomic import replacing
from g7classify.deep.base import Weights
from g7classify.deep.tokens import PREFIXED, Tokeniser, Tokens
from g7classify.errors import OptionError
from g7classify.learn.soft import Soft
from training.teacher import batches, encoder, reading
from training.teacher.encoder import Encoder
from training.teacher.options import Options
from training.teacher.rows import Figures, Rows, figures
from training.teacher.teacher import Card


class Run:
    """A model, its optimiser, the batches of every step, and how many steps are done.

    The same rows, options, machine and number of threads give the same weights: `options.seed` decides the batches and
    what each step drops.

    Attributes:
        model: where it is trained.
        base: what it was loaded from.
        card: what made it, with the figures so far.
        step: steps done.
        work: tokens of each step.
    """

    def __init__(
        self,
        base: Weights,
        data: Rows,
        options: Options,
        *,
        soft: Soft | None = None,
        soft_sha256: dict[str, str] | None = None,
    ) -> None:
        dataset = data.dataset
        learned = np.flatnonzero(~data.held_out)
        self._data = data
        self.base = base
        tokeniser = Tokeniser(base.pieces)
        self._unknown = base.pieces.unknown
        self._tokens = tokeniser(dataset.texts, longest=options.longest)
        self._labels = torch.from_numpy(dataset.labels.astype(np.float32))
        labels = dataset.labels.shape[1]
        model = encoder.load(base, labels=labels, dropout=options.dropout)
        if options.rank:
            encoder.add_adapters(model, rank=options.rank, seed=options.seed)
        self.model = model.to(reading.default_device())
        start_at_base_rates(self.model, dataset.labels[learned])
        freeze(self.model, options.frozen)
        self._optimiser = optimiser(self.model, options)
        self.card = Card(
            options=options,
            labels=dataset.codebook.names,
            encoder_sha256=base.sha256,
            data_sha256=data.sha256 | (soft_sha256 or {}),
            rows=len(learned),
        )
        self.step = 0
        lengths = self._tokens.lengths[learned]
        budget = options.batch * options.longest
        epochs = [
            batches.plan(lengths, rows=options.batch, tokens=budget, seed=options.seed + epoch)
            for epoch in range(options.epochs)
        ]
        self._batches = [learned[batch] for planned in epochs for batch in planned]
        self._soft_batches: list[NDArray[np.int64]] = []
        if soft is not None and soft.texts:
            self._soft_tokens = tokeniser(soft.texts, longest=options.longest)
            self._soft_targets = torch.from_numpy(soft.targets(options.fold))
            self._soft_batches = self._plan_soft()
        self._ends = set(np.cumsum([len(planned) for planned in epochs]).tolist())
        self.work = np.array([self._tokens.lengths[batch].sum() for batch in self._batches], dtype=np.int64)
        for step, batch in enumerate(self._soft_batches):
            self.work[step] += self._soft_tokens.lengths[batch].sum()

    def _plan_soft(self) -> list[NDArray[np.int64]]:
        """A batch a step of what an earlier teacher has read: each sentence once, then once more, to the end."""
        options, lengths = self.card.options, self._soft_tokens.lengths
        budget = options.soft_batch * options.longest
        planned: list[NDArray[np.int64]] = []
        seed = options.seed
        while len(planned) < self.steps:
            planned += batches.plan(lengths, rows=options.soft_batch, tokens=budget, seed=seed)
            seed += 1
        return planned[: self.steps]

    @property
    def steps(self) -> int:
        """Steps in all."""
        return len(self._batches)

    @property
    def epoch_ended(self) -> bool:
        """Whether the step just done was an epoch's last."""
        return self.step in self._ends

    def advance(self) -> tuple[int, float]:
        """Do a step; the number of its labelled rows and their loss."""
        options, batch = self.card.options, self._batches[self.step]
        for group in self._optimiser.param_groups:
            group["lr"] = group["peak"] * pace(self.step, self.steps, options.warm_up)
        # So that a resumed run drops what it would have dropped.
        torch.manual_seed(options.seed * 1_000_003 + self.step)
        self.model.train()
        loss = self._loss(self._tokens, batch, self._labels)
        whole = loss
        if self._soft_batches:
            soft = self._loss(self._soft_tokens, self._soft_batches[self.step], self._soft_targets)
            whole = loss + options.soft_weight * soft
        self._optimiser.zero_grad()
        whole.backward()
        nn.utils.clip_grad_norm_(tuned(self.model), options.clip)
        self._optimiser.step()
        self.step += 1
        return len(batch), loss.item()

    def _loss(self, tokens: Tokens, rows: NDArray[np.int64], targets: Tensor) -> Tensor:
        """Mean binary cross-entropy of some sentences against their targets."""
        options, device = self.card.options, self.model.position.device
        numbers, mask = batches.gather(tokens, rows)
        numbers = hide(numbers, options.hidden, self._unknown)
        mask = None if mask is None else mask.to(device)
        return loss_of(self.model, numbers.to(device), mask, targets[rows].to(device), options)

    def judge(self) -> Figures | None:
        """Figures on the rows that are held out and drawn at random, added to the card; None without such rows."""
        judged = np.flatnonzero(self._data.judged)
        if not len(judged):
            return None
        scores = reading.scores(self.model, self._tokens.select(judged), bfloat16=self.card.options.bfloat16)
        found = figures(self._data.dataset.labels[judged], scores, self._data.dataset.codebook)
        self.card = self.card.model_copy(update={"figures": (*self.card.figures, found)})
        return found

    def save(self, path: Path) -> None:
        """Write where the run stands. Raises UnreadableFileError if the file may not be written."""
        state = {
            "card": self.card.model_dump_json(),
            "step": self.step,
            "tuned": [parameter.detach() for parameter in tuned(self.model)],
            "optimiser": self._optimiser.state_dict(),
        }
        with replacing(path) as file:
            torch.save(state, file)

    def resume(self, path: Path) -> None:
        """Go on from where `save` left off.

        Raises:
            OptionError: the file is damaged or of a run with other rows, options, labels or encoder.
        """
        try:
            state = torch.load(path, map_location=self.model.position.device, weights_only=True)
            card = Card.model_validate_json(state["card"])
        except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, ValueError) as error:
            raise OptionError(f"{path}: damaged ({error}); delete it to start again") from error
        if card.model_copy(update={"figures": ()}) != self.card.model_copy(update={"figures": ()}):
            raise OptionError(f"{path} is of a run with other rows or options; delete it or write to another folder")
        self.card, self.step = card, state["step"]
        with torch.no_grad():
            for parameter, value in zip(tuned(self.model), state["tuned"], strict=True):
                parameter.copy_(value)
        self._optimiser.load_state_dict(state["optimiser"])


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


def tuned(model: Encoder) -> list[nn.Parameter]:
    """What is not frozen, in the model's order."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def optimiser(model: Encoder, options: Options) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019): matrices decay, biases and norms do not, the head has a rate of its own."""
    head = list(model.head.parameters())
    body = tuned(model)[: -len(head)]
    groups = [
        {"params": [p for p in body if p.ndim > 1], "peak": options.rate, "weight_decay": options.decay},
        {"params": [p for p in body if p.ndim == 1], "peak": options.rate, "weight_decay": 0.0},
        {"params": head, "peak": options.head_rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=options.rate, fused=True)


def pace(step: int, steps: int, warm_up: float) -> float:
    """The share, 0 to 1, of its peak that a rate has at a step: a linear rise, then a linear fall to 0."""
    rise = max(1.0, warm_up * steps)
    return min((step + 1) / rise, (steps - step) / max(1.0, steps - rise))


def hide(numbers: Tensor, share: float, unknown: int) -> Tensor:
    """Token numbers (b, l) with a share of them, drawn at random, replaced; the start and the prefix stay."""
    drawn = torch.rand(numbers.shape) < share
    drawn[:, :PREFIXED] = False
    return numbers.masked_fill(drawn, unknown)


def loss_of(model: Encoder, numbers: Tensor, mask: Tensor | None, labels: Tensor, options: Options) -> Tensor:
    """Mean binary cross-entropy of a batch; nothing is kept for the gradients of what is frozen."""
    with torch.autocast(numbers.device.type, torch.bfloat16, enabled=options.bfloat16):
        with torch.no_grad():
            lower = model.run(model.embed(numbers), mask, first=0, last=options.frozen)
        upper = model.run(lower, mask, first=options.frozen, last=len(model.layers))
        scores = model.head(model.drop(model.pool(upper, mask)))
    return functional.binary_cross_entropy_with_logits(scores.float(), labels)
