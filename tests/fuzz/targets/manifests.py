"""The manifest of a user's folder of models, which may be anybody's: refused, or entries that lead to no other folder."""

from __future__ import annotations

import json
import os

from memory import folder
from structured import mutated  # noqa: F401  # what the fuzzer calls

from g7classify import folders, registry, shelf
from g7classify.errors import G7ClassifyError, ModelFileError, UnknownModelError

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
    os.environ[folders.MODELS] = str(folder() / "models")
    path = folder() / "models" / shelf.MANIFEST
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    try:
        found = shelf.models()
    except ModelFileError as error:
        assert len(str(error)) < 1000 + len(str(path))
        return
    assert len({entry.id for entry in found}) == len(found)
    for entry in found:
        for name in (entry.file, entry.card):
            assert "/" not in name
            assert "\\" not in name
            assert not name.startswith(".")
        try:
            registry.find(f"{entry.name}@{entry.version}")
        except G7ClassifyError as error:
            assert not isinstance(error, UnknownModelError), error
