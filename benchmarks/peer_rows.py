"""The rows that peers learn from and are judged on, and the processes that they run in.

A fitted system is kept in build/peers until its rows, settings or versions change; who uses it says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peer_measure import ROWS, folder_of
from benchmarks.peer_vectors import JOBS
from g7classify.decision import logit
from g7classify.learn.dataset import Dataset
from training.build import ROOT

FOLDER = ROOT / "build" / "peers"
THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "RAYON", "VECLIB_MAXIMUM")


def write(folder: Path, train: Dataset, parts: Mapping[str, Sequence[str]], *, seed: int) -> None:
    """Give the processes what they need: texts, and of the training rows, in random order, the columns of their labels.

    Args:
        folder: that the processes are told.
        train: rows to learn from.
        parts: sentences to score, by the name of the part.
        seed: of the order, which is to tell nothing.
    """
    mixed = train.select(np.random.default_rng(seed).permutation(len(train)))
    labels = [np.flatnonzero(row).tolist() for row in mixed.labels]
    given: dict[str, Any] = {"train": {"texts": mixed.texts, "labels": labels, "columns": mixed.labels.shape[1]}}
    (folder / ROWS).mkdir(parents=True, exist_ok=True)
    for name, content in (given | dict(parts)).items():
        (folder / ROWS / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def run(module: str, name: str, folder: Path, *parts: str, threads: int = JOBS) -> dict[str, Any]:
    """What a fresh process tells of a system.

    Raises:
        ChildProcessError: the process failed; the message is the last line that it wrote.
    """
    environment = os.environ | {f"{library}_NUM_THREADS": str(threads) for library in THREADS}
    environment |= {"TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, "-m", f"benchmarks.{module}", name, str(folder), *parts]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        told = done.stderr.strip() or f"ended with {done.returncode} and said nothing"
        raise ChildProcessError(told.splitlines()[-1])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def scores(name: str, folder: Path, part: str) -> NDArray[np.float64]:
    """Log-odds (n, k) of a part's sentences, as peer_score left them."""
    probabilities = np.load(folder_of(name, folder) / f"{part}.npy").astype(np.float32)
    return logit(probabilities).astype(np.float64)
