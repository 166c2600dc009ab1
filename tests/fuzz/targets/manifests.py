"""The manifest of a user's folder of models, which may be anybody's: refused, or one that leads to no other folder."""

from __future__ import annotations

import json
import os

from choices import lengthened
from memory import folder
from refusing import told
from structured import mutated  # noqa: F401  # what the fuzzer calls

from g7classify import folders, registry, shelf
from g7classify.errors import ModelFileError

SMOKE, LONGEST = 8000, 1500
ENTRY = {
    "name": "desk", "version": "1.0.0", "file": "desk-1.0.0.safetensors", "sha256": "0" * 64, "bytes": 5,
    "languages": ["fr", "en"], "recipe_sha256": "1" * 64, "data_sha256": {"a.csv": "2" * 64},
    "metrics": {"macro_f1": 0.5}, "card": "desk-1.0.0.md", "kind": "table",
}  # fmt: skip


def seeds() -> list[bytes]:
    other = ENTRY | {"version": "1.1.0", "file": "desk-1.1.0.safetensors", "card": "", "kind": "deep"}
    return [json.dumps({"models": models}).encode() for models in ([], [ENTRY], [ENTRY, other])]


def one_input(data: bytes) -> None:
    path = folder() / "models" / shelf.MANIFEST
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(lengthened(data))
    before = os.environ.get(folders.MODELS, "")  # empty is as good as not set; patch.dict takes twice all the rest
    os.environ[folders.MODELS] = str(path.parent)
    try:
        looked_at()
    finally:
        os.environ[folders.MODELS] = before


def looked_at() -> None:
    """What the manifest of the folder leads to."""
    try:
        found = shelf.models()
    except ModelFileError as error:
        told(error)
        return
    assert len({entry.id for entry in found}) == len(found)
    for entry in found:
        for name in (entry.file, entry.card):
            assert "/" not in name
            assert "\\" not in name
            assert not name.startswith(".")
        assert registry.find(f"{entry.name}@{entry.version}").order == entry.order
