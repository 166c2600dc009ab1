"""The folder of the graphs that were built, so that they are built once.

It is folders.cache(), and may be deleted at any time. A file is the sha256 of a graph in hexadecimal digits, a line
feed, and the graph; its name is the sha256 of all that the graph was built from. It is written whole or not at all, so
that of two processes which build the same one each reads a whole one.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from g7classify import folders
from g7classify.atomic import write_bytes

HEAD: Final = 65  # bytes before the graph
UNUSED_SECONDS: Final = 90 * 24 * 3600.0  # after which a graph is deleted, when another one is written


def kept(key: str, build: Callable[[], bytes]) -> bytes:
    """The graph that is kept under a key, or else that which `build` makes, which is kept from then on.

    A file that is damaged is built again. Where none can be written (a full disk, a folder that is read-only), the
    graph is used all the same, and a RuntimeWarning says that it was not kept.

    Args:
        key: of all that the graph is built from, 64 hexadecimal digits.
        build: called if need be.
    """
    name = f"{key}.onnx"
    try:
        content = (folders.cache() / name).read_bytes()
    except OSError:
        content = b""
    graph = content[HEAD:]
    if content[:HEAD] == _head(graph):
        with suppress(OSError):
            os.utime(folders.cache() / name)  # it is in use, see _prune
        return graph
    graph = build()
    try:
        target = folders.cache()
        target.mkdir(parents=True, exist_ok=True)
        write_bytes(target / name, _head(graph) + graph)
        _prune(target)
    except OSError as error:
        warnings.warn(
            f"the deep tier's graph ({len(graph):,} bytes) cannot be kept, so it is built at every load: {error}. Free "
            f"some space, or set {folders.CACHE} to a folder that can be written",
            RuntimeWarning,
            stacklevel=2,
        )
    return graph


def _prune(target: Path) -> None:
    """Delete what nobody has read for long: every model and every way of building one leaves a graph of its own."""
    for path in target.glob("*.onnx"):
        with suppress(OSError):  # another process may have deleted it
            if time.time() - path.stat().st_mtime > UNUSED_SECONDS:
                path.unlink()


def _head(graph: bytes) -> bytes:
    return sha256(graph).hexdigest().encode() + b"\n"
