"""A fine-tuning run, one step at a time."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from g7classify.atomic import replacing
from g7classify.deep.adapters import Adapters
from g7classify.deep.base import Weights
from g7classify.deep.tokens import PREFIXED, Tokeniser, Tokens
from g7classify.errors import OptionError
from g7classify.learn.pace import Pace
from g7classify.learn.soft import Soft
from g7classify.tune import batches, checkpoint, reading
from g7classify.tune.checkpoint import Identity
from g7classify.tune.encoder import Encoder
from g7classify.tune.options import Options
from g7classify.tune.rows import Figures, Rows, figures
from g7classify.tune.start import Start, prepared

SAVE_SECONDS: Final = 30.0  # from one checkpoint to the next; one of rank 40 is 37 MB


class Run:
    """A model, its optimiser, the batches of every step, and how many steps are done.

    The same rows, options, machine and number of threads give the same weights: `options.seed` decides the batches and
    what each step drops.

    Attributes:
        model: where it is trained.
        base: what it was loaded from.
        identity: what made it.
        figures: of each epoch.
        step: steps done.
        work: tokens of each step.
    """

    def __init__(
        self, base: Weights, data: Rows, identity: Identity, *, soft: Soft | None = None, start: Start | None = None
    ) -> None:
        """Make ready.

        Args:
            base: what is tuned.
            data: what it learns from.
            identity: what `identify` says of all this.
            soft: what earlier teachers have read.
            start: instead of the base alone; its adapters have the rank of the options.
        """
        dataset, options = data.dataset, identity.options
        learned = np.flatnonzero(~data.held_out)
        self._data = data
        self.base = base
        self.identity = identity
        self.figures: tuple[Figures, ...] = ()
        tokeniser = Tokeniser(base.pieces)
        self._unknown = base.pieces.unknown
        self._tokens = tokeniser(dataset.texts, longest=options.longest)
        self._labels = torch.from_numpy(dataset.labels.astype(np.float32))
        self.model = prepared(base, dataset.labels[learned], options, start).to(reading.default_device())
        self._optimiser = optimiser(self.model, options)
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
        options, lengths = self.identity.options, self._soft_tokens.lengths
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
        options, batch = self.identity.options, self._batches[self.step]
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
        options, device = self.identity.options, self.model.position.device
        numbers, mask = batches.gather(tokens, rows)
        numbers = hide(numbers, options.hidden, self._unknown)
        mask = None if mask is None else mask.to(device)
        return loss_of(self.model, numbers.to(device), mask, targets[rows].to(device), options)

    def judge(self) -> Figures | None:
        """Figures on the rows that are held out and drawn at random, added to the card; None without such rows."""
        judged = np.flatnonzero(self._data.judged)
        if not len(judged):
            return None
        scores = reading.scores(self.model, self._tokens.select(judged), bfloat16=self.identity.options.bfloat16)
        found = figures(self._data.dataset.labels[judged], scores, self._data.dataset.codebook)
        self.figures = (*self.figures, found)
        return found

    def save(self, path: Path) -> None:
        """Write where the run stands. Raises UnreadableFileError if the file may not be written."""
        state = {
            "identity": self.identity.model_dump_json(),
            "figures": [found.model_dump_json() for found in self.figures],
            "step": self.step,
            "tuned": [parameter.detach() for parameter in tuned(self.model)],
            "optimiser": self._optimiser.state_dict(),
        }
        with replacing(path) as file:
            torch.save(state, file)

    def resume(self, path: Path) -> None:
        """Go on from where `save` left off.

        Raises:
            OptionError: the file is damaged or of another run.
        """
        try:
            state = torch.load(path, map_location=self.model.position.device, weights_only=True)
            earlier = Identity.model_validate_json(state["identity"])
            found = tuple(Figures.model_validate_json(figures) for figures in state["figures"])
        except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, ValueError) as error:
            raise OptionError(f"{path}: damaged ({error}); delete it to start again") from error
        if differences := checkpoint.differing(earlier, self.identity):
            raise OptionError(f"{path} is of a run with other rows or options ({differences}); delete it")
        self.figures, self.step = found, state["step"]
        with torch.no_grad():
            for parameter, value in zip(tuned(self.model), state["tuned"], strict=True):
                parameter.copy_(value)
        self._optimiser.load_state_dict(state["optimiser"])


def identify(
    base: Weights,
    data: Rows,
    options: Options,
    *,
    soft_sha256: dict[str, str] | None = None,
    start: Adapters | None = None,
    recipe_sha256: str = "",
) -> Identity:
    """What makes a run on these rows: see Identity; `soft_sha256` is of the files of what teachers have read."""
    return Identity(
        options=options,
        labels=data.dataset.codebook.names,
        encoder_sha256=base.sha256,
        start_sha256=start.sha256 if start else "",
        data_sha256=data.sha256 | (soft_sha256 or {}),
        folds_sha256=data.folds_sha256,
        recipe_sha256=recipe_sha256,
        rows=int((~data.held_out).sum()),
    )


def finish(run: Run, folder: Path, *, report: Callable[[str], None], report_every: int) -> None:
    """Do all steps that are left, from the folder's checkpoint if there is one; the checkpoint stays.

    Args:
        run: not started.
        folder: of the checkpoint; made if need be.
        report: called with a line at the start, every `report_every` steps and after each epoch.
        report_every: steps.

    Raises:
        OptionError: the checkpoint is of another run.
        UnreadableFileError: the folder may not be written.
    """
    state = folder / checkpoint.STATE
    if checkpoint.begin(folder, run.identity):
        run.resume(state)
    report(f"{run.identity.rows:,} rows, {run.steps:,} steps on {run.model.position.device}, {run.step:,} of them done")
    total, done = float(run.work.sum()), float(run.work[: run.step].sum())
    pace, saved, losses = Pace(total, done=done), Pace(total, done=done), list[float]()
    while run.step < run.steps:
        rows, loss = run.advance()
        pace.count(rows, float(run.work[run.step - 1]))
        losses.append(loss)
        if run.epoch_ended and (found := run.judge()):
            report(f"epoch done: {found.model_dump_json()}")
        if run.step == run.steps or run.epoch_ended or saved.waited > SAVE_SECONDS:
            run.save(state)
            saved.look()
        if run.step % report_every == 0 or run.step == run.steps:
            report(f"step {run.step:,}/{run.steps:,}  loss {sum(losses) / len(losses):.4f}  {pace.look()}")
            losses.clear()


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
