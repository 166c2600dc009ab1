from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

WORDS = {"threat.terrorism": "attentat", "actor.agency": "police", "measure.legislation": "loi"}


@pytest.fixture
def write_rows(tmp_path: Path) -> Callable[..., None]:
    """Writes seeds/fr.jsonl: rows in which a word tells each label, in some languages by turns."""

    def write(count: int, *, languages: Sequence[str]) -> None:
        random = np.random.default_rng(1)
        rows = []
        for i in range(count):
            labels = [label for label in WORDS if random.random() < 0.3]
            words = [WORDS[label] for label in labels] + [f"mot{random.integers(40)}" for _ in range(6)]
            rows.append({"lang": languages[i % len(languages)], "labels": labels, "text": " ".join(words)})
        (tmp_path / "seeds").mkdir()
        (tmp_path / "seeds" / "fr.jsonl").write_text("\n".join(map(json.dumps, rows)))

    return write
