"""A model file taken to pieces and put together again, sealed anew or not: what mutations work on.

It shares no code with the reader that is attacked, so that one mistake cannot hide another.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any, Final

ITEM_BYTES: Final = {"F64": 8, "F32": 4, "F16": 2, "I32": 4, "U8": 1, "I8": 1}
Tensor = tuple[str, list[int], bytes]  # dtype, shape, content


@dataclass(frozen=True)
class Parts:
    """A sound file.

    Attributes:
        name: of the file that it was taken from.
        content: all its bytes.
        model: the metadata, without their digest.
        tensors: by name.
        outer: what the header says.
    """

    name: str
    content: bytes
    model: dict[str, Any]
    tensors: dict[str, Tensor]
    outer: dict[str, Any]

    @classmethod
    def of(cls, name: str, content: bytes) -> Parts:
        """Take a sound file to pieces."""
        header, data = split(content)
        outer = json.loads(header)
        model = json.loads(outer["__metadata__"]["g7classify"])["model"]
        tensors = {}
        for key, said in outer.items():
            if key != "__metadata__":
                start, end = said["data_offsets"]
                tensors[key] = said["dtype"], said["shape"], data[start:end]
        return cls(name, content, model, tensors, outer)

    @property
    def kind(self) -> str:
        """Of the file."""
        return str(self.model.get("kind", "table"))


def split(content: bytes) -> tuple[bytes, bytes]:
    """Header and data of a file."""
    end = 8 + int.from_bytes(content[:8], "little")
    return content[8:end], content[end:]


def framed(header: bytes, data: bytes) -> bytes:
    """A file of a header, which is padded as safetensors pads it, and data."""
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data


def canonical(value: Any) -> str:
    """JSON as a model file has it, but that NaN and infinity pass."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(model: Any, tensors: dict[str, Tensor]) -> str:
    """The sha256 that seals a file."""
    found = hashlib.sha256(canonical(model).encode(errors="surrogatepass"))
    for name in sorted(tensors):
        _, shape, data = tensors[name]
        sizes = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        found.update(f"\n{name} ({sizes})\n".encode(errors="surrogatepass") + data)
    return found.hexdigest()


def sealed(model: Any, tensors: dict[str, Tensor]) -> bytes:
    """A file whose digest is right, whatever it says."""
    return written(canonical({"model": model, "sha256": digest(model, tensors)}), tensors)


def written(text: str, tensors: dict[str, Tensor]) -> bytes:
    """A file of metadata, given as text, and tensors."""
    outer, data = laid_out(tensors)
    header = {"__metadata__": {"g7classify": text}} | outer
    try:
        return framed(json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(), data)
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can write
        return framed(json.dumps(header, separators=(",", ":")).encode(), data)


def laid_out(tensors: dict[str, Tensor]) -> tuple[dict[str, Any], bytes]:
    """Where tensors lie, in the order of safetensors, and their bytes."""
    outer: dict[str, Any] = {}
    data: list[bytes] = []
    start = 0
    for name in sorted(tensors, key=lambda name: (-ITEM_BYTES.get(tensors[name][0], 0), name)):
        dtype, shape, content = tensors[name]
        end = start + len(content)
        outer[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
        data.append(content)
        start = end
    return outer, b"".join(data)


def sized(dtype: str, shape: list[int], content: bytes) -> Tensor:
    """A tensor whose bytes are as many as its shape says: cut, or repeated."""
    need = math.prod(shape) * ITEM_BYTES[dtype]
    return dtype, shape, (content * (need // max(1, len(content)) + 1))[:need] if content else bytes(need)
