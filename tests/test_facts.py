from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from g7classify import facts, modelfile, registry
from g7classify.errors import ModelFileError, UnreadableFileError
from g7classify.manifest import ModelEntry
from g7classify.model import Model


@pytest.fixture
def entry(tmp_path: Path, make_model: Callable[..., Model]) -> ModelEntry:
    """Of a table whose file and card lie in a folder."""
    model, path = make_model(bits=8, name="tiny"), tmp_path / "tiny-0.1.0.safetensors"
    digest = modelfile.write(model, path)
    path.with_suffix(".md").write_text("# tiny", encoding="utf-8")
    told = {key: getattr(model.info, key) for key in ("languages", "recipe_sha256", "data_sha256", "metrics")}
    told |= {"file": path.name, "sha256": digest, "bytes": path.stat().st_size, "card": "tiny-0.1.0.md"}
    return ModelEntry(name="tiny", version="0.1.0", **told)


def test_of_a_table(entry: ModelEntry, tmp_path: Path) -> None:
    found = facts.of(tmp_path / entry.file)
    assert (found.kind, found.sha256, found.bytes) == ("table", entry.sha256, entry.bytes)
    assert found.card == tmp_path / entry.card
    assert found.codebook.names[0] == "actor"
    (tmp_path / entry.card).unlink()
    assert facts.of(str(tmp_path / entry.file)).card is None


def test_of_a_cascade() -> None:
    (entry,) = registry.manifest(registry.root()).cascades
    found = facts.of(registry.root() / entry.file)
    assert (found.kind, found.sha256, found.info.name) == ("cascade", entry.sha256, "g7-cascade")
    assert found.card is not None
    assert facts.verify(entry, registry.root()).problem == ""
    assert "sha256 is" in facts.verify(replace(entry, sha256="0" * 64), registry.root()).problem


def test_of_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError):
        facts.of(tmp_path)
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(ModelFileError):
        facts.of(tmp_path / "x")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, ""),
        ({"sha256": "0" * 64}, "sha256 is"),
        ({"bytes": 1}, "bytes is"),
        ({"version": "0.2.0"}, "version is '0.1.0', not '0.2.0'"),
        ({"languages": ("de",)}, "languages is"),
        ({"metrics": {"macro_f1": 0.9}}, "metrics is"),
        ({"data_sha256": {"a": "0" * 64}}, "data_sha256 is"),
        ({"kind": "deep"}, "kind is 'table', not 'deep'"),
        ({"card": "other.md"}, "card .* is missing"),
        ({"card": ""}, ""),
        ({"file": "other.safetensors"}, "cannot read"),
    ],
)
def test_verify(entry: ModelEntry, tmp_path: Path, changed: dict[str, Any], problem: str) -> None:
    found = facts.verify(replace(entry, **changed), tmp_path)
    assert found.name == f"tiny@{changed.get('version', '0.1.0')}"
    assert re.search(problem, found.problem) if problem else found.problem == ""


def test_verify_reads_the_file_whole(entry: ModelEntry, tmp_path: Path) -> None:
    path = tmp_path / entry.file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    found = facts.verify(replace(entry, sha256=registry.sha256(path)), tmp_path)
    assert "do not match the sha256 in its own metadata" in found.problem
