"""What noise costs: F1 lost on spoilt held-out sentences, at decisions that were chosen on clean ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.quality_leads import lead
from benchmarks.quality_noise import NOISES
from benchmarks.quality_rows import Mask
from g7classify.learn.dataset import Dataset

Tag = Callable[[Sequence[str]], Mask]
CLEAN = "clean"


def noisy(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The texts as they are, and with each noise."""
    return {CLEAN: tuple(texts)} | {name: tuple(map(spoil, texts)) for name, spoil in NOISES.items()}


def losses(test: Dataset, tags: dict[str, dict[str, Mask]]) -> dict[str, dict[str, Any]]:
    """By noise and system: F1 on the clean text minus F1 on the spoilt one, and how many texts the noise changed.

    Args:
        test: the clean sentences.
        tags: by system, then by noise and CLEAN.
    """
    spoilt = noisy(test.texts)
    found: dict[str, dict[str, Any]] = {}
    for noise in NOISES:
        changed = sum(one != other for one, other in zip(test.texts, spoilt[noise], strict=True))
        systems = {name: lead(test, of[CLEAN], of[noise]) for name, of in tags.items()}
        found[noise] = {"changed": changed, "lost": systems}
    return found
