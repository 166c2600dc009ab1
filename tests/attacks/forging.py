"""Model files as a forger would make them: whatever they say, their digest is right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from g7classify.errors import ModelFileError

Tensors = dict[str, np.ndarray[Any, Any]]


def header_bytes(content: bytes) -> int:
    return 8 + int.from_bytes(content[:8], "little")


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def metadata_of(content: bytes) -> dict[str, Any]:
    header = json.loads(content[8 : header_bytes(content)])
    found: dict[str, Any] = json.loads(header["__metadata__"]["g7classify"])["model"]
    return found


def signed(metadata: dict[str, Any], tensors: Tensors) -> bytes:
    """A file whose digest is right, as a forger would make it."""
    digest = hashlib.sha256(canonical(metadata).encode())
    for name in sorted(tensors):
        digest.update(f"\n{name} {tensors[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(tensors[name]).tobytes())
    outer = canonical({"model": metadata, "sha256": digest.hexdigest()})
    return save({name: np.ascontiguousarray(array) for name, array in tensors.items()}, {"g7classify": outer})


def framed(header: bytes, data: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + data


def refused(read: Callable[[Path], Any], folder: Path, content: bytes, *, match: str | None = None) -> None:
    """Assert that such a file is refused, in an error of ours that names it and is no longer than can be read."""
    path = folder / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=match) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 2000
