"""Score sentences with one fitted system in a fresh process, for benchmarks.peers and benchmarks.quality.

Run as `python -m benchmarks.peer_score SYSTEM FOLDER PART...`; writes the probabilities (n, k) of each part's sentences
beside the system, as <part>.npy, and prints JSON: how many sentences.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.peer_measure import folder_of, read_texts
from benchmarks.peer_systems import SYSTEMS


def score(name: str, folder: Path, parts: Sequence[str]) -> dict[str, int]:
    """Read the system and score the parts; of a system that is slow, the first sentences of each."""
    system, own = SYSTEMS[name], folder_of(name, folder)
    _, scores = system.load(own / "model")
    done = {}
    for part in parts:
        texts = read_texts(folder, part)[: system.judged]
        np.save(own / f"{part}.npy", scores(texts))
        done[part] = len(texts)
    return done


if __name__ == "__main__":
    # Libraries may write to stdout: the last line is ours.
    sys.stdout.write(f"\n{json.dumps(score(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))}\n")
