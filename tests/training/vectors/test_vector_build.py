"""From unlabelled sentences to vectors in the manifest, with a transformer that knows two words."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from g7classify import vectorfile
from g7classify.manifest import Manifest
from training import publish
from training.vectors import build

WORDS = ("harbour", "minister")


class Fake:
    """Its vectors tell how often two words occur; it counts the texts that it read."""

    def __init__(self) -> None:
        self.read = 0

    def vectors(self, texts: list[str]) -> NDArray[np.float32]:
        self.read += len(texts)
        return np.array([[*(text.count(word) for word in WORDS), 1.0] for text in texts], dtype=np.float32)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    monkeypatch.setattr(build, "plain", lambda: made)
    monkeypatch.setattr(build, "BLOCK", 64)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    others = [f"word{i}" for i in range(40)]
    for language in ("en", "fr"):
        lines = [
            " ".join([*random.choice(others, 5), *(word for word in WORDS if random.random() < 0.5)])
            for _ in range(200)
        ]
        lines += ["too short", "x" * 500]
        texts = tmp_path / "texts" / f"speeches-{language}.txt.gz"
        texts.parent.mkdir(exist_ok=True)
        texts.write_bytes(gzip.compress("\n".join(lines).encode()))
    return tmp_path / "texts"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    models = tmp_path / "models"
    models.mkdir()
    empty = {"default": "m", "models": []}
    (models / "manifest.json").write_text(json.dumps(empty), encoding="utf-8")
    for module in (build, publish):
        monkeypatch.setattr(module, "MODELS", models)
    return models


def run(folder: Path, kept: Path, *more: str) -> Any:
    return CliRunner().invoke(build.main, ["--texts", str(folder), "--kept", str(kept), *more])


def test_vectors_are_made_and_shipped(
    fake: Fake, folder: Path, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(folder, tmp_path / "kept", "--ship")
    assert result.exit_code == 0, result.output
    (entry,) = Manifest.of((shipped / "manifest.json").read_bytes()).vectors
    vectors = vectorfile.read(shipped / entry.file, sha256=entry.sha256)
    assert vectors.info.rows == fake.read == 400
    assert vectors.info.languages == ("en", "fr")
    assert set(vectors.info.data_sha256) == {"speeches-en.txt.gz", "speeches-fr.txt.gz"}
    card = (shipped / entry.card).read_text(encoding="utf-8")
    assert entry.sha256 in card
    assert vectors.rows.shape[1] == 3  # the transformer has no more
    assert "width = 64" in card
    assert all(digest in card for digest in vectors.info.data_sha256.values())
    again = run(folder, tmp_path / "kept", "--ship")
    assert again.exit_code == 0, again.output
    assert fake.read == 400
    assert Manifest.of((shipped / "manifest.json").read_bytes()).vectors == (entry,)
    monkeypatch.setattr(build, "Settings", partial(build.Settings, ridge=9.0))
    other = run(folder, tmp_path / "kept", "--ship")
    assert other.exit_code == 1
    assert "g7-vectors@0.1.0 is shipped already" in other.output
    assert vectorfile.read(shipped / entry.file, sha256=entry.sha256).info == vectors.info


def test_near_duplicates_of_labelled_rows_are_left_out(fake: Fake, folder: Path, tmp_path: Path) -> None:
    first = gzip.decompress((folder / "speeches-en.txt.gz").read_bytes()).decode().split("\n")[0]
    labelled = tmp_path / "labelled.jsonl"
    row = {"id": "a", "text": first, "labels": [], "lang": "en", "group": "g"}
    labelled.write_text(json.dumps(row) + "\n", encoding="utf-8")
    result = run(folder, tmp_path / "kept", "--apart-from", str(labelled))
    assert result.exit_code == 0, result.output
    assert fake.read < 400
    assert "R squared" in result.output
