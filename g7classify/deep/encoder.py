"""Sentences to vectors, with the merged and quantised encoder run by onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify import extras
from g7classify.deep import cache, graph
from g7classify.deep.adapters import Adapters
from g7classify.deep.base import Weights
from g7classify.deep.embedding import Embedding
from g7classify.deep.tokens import PREFIXED, Tokeniser, Tokens
from g7classify.errors import OptionError
from g7classify.text import check_texts

with extras.needed("deep", by="the deep tier"):
    from onnxruntime import InferenceSession, SessionOptions

SHORTEST: Final = PREFIXED + 2  # tokens: one of the text, and the end
WINDOW: Final = 4096  # sentences that are tokenised and sorted at a time, so that memory does not grow with a list
BATCH: Final = 256  # tokens, padding included


class Encoder:
    """Const once it is made, so that threads may share it; each call has threads of its own.

    Its graph is read from the cache or built at first (see `cache`).
    """

    def __init__(self, base: Weights, adapters: Adapters, *, longest: int, threads: int | None = None) -> None:
        """Make ready to read.

        Args:
            base: what the adapters were trained on.
            adapters: added to it.
            longest: tokens that a sentence is cut to, start, prefix and end included; SHORTEST or more.
            threads: sentences are shared out among; None for as many as the process may use cores.

        Raises:
            OptionError: an option out of its range, or adapters of an encoder of another shape.
        """
        if not SHORTEST <= longest <= base.shape.positions:
            raise OptionError(f"longest: expected {SHORTEST} to {base.shape.positions} tokens, got {longest}")
        if threads is not None and threads < 1:
            raise OptionError(f"threads: expected 1 or more, got {threads}")

        key = sha256(f"{base.sha256} {adapters.sha256} {graph.BUILDER}".encode()).hexdigest()
        # Exact kernels only where the quick ones are not: with AMX, 140 sentences a second instead of 360.
        content = cache.kept(key, lambda: graph.build(base, adapters))
        self._session = _session(content, exact=not _quick_is_exact())
        self._tokeniser = Tokeniser(base.pieces)
        self._embedding = Embedding(base)
        self._width = base.shape.width
        self._longest = longest
        self._threads = threads or _cores()

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (n, width) of n texts, not normalised; that of a text does not depend on the others.

        Raises:
            InputTypeError: `texts` is one str or bytes instead of a sequence of str, or an item is not a str.
            TextError: an item holds a lone surrogate.
        """
        check_texts(texts)
        found = np.empty((len(texts), self._width), dtype=np.float32)
        for start in range(0, len(texts), WINDOW):
            tokens = self._tokeniser(texts[start : start + WINDOW], longest=self._longest)
            self._read(tokens, found[start : start + WINDOW])
        return found

    def _read(self, tokens: Tokens, found: NDArray[np.float32]) -> None:
        """Fill in the vectors of sentences, each thread reading one batch after the other."""

        def read(rows: NDArray[np.int64]) -> None:
            found[rows] = self._run(tokens.select(rows))

        batches = plan(tokens.lengths, tokens=BATCH)
        workers = min(self._threads, len(batches))
        if workers < 2:
            for rows in batches:
                read(rows)
            return
        # A thread a batch, not threads within each operator: 350 sentences a second on two cores instead of 270.
        with ThreadPoolExecutor(workers) as pool:
            for _ in pool.map(read, batches):
                pass

    def _run(self, tokens: Tokens) -> NDArray[np.float32]:
        """The vectors of one batch."""
        lengths = tokens.lengths
        rows = np.repeat(np.arange(len(tokens)), lengths)
        places = np.arange(len(rows)) - np.repeat(tokens.offsets[:-1], lengths)
        embedded = np.zeros((int(lengths.max()), len(tokens), self._width), dtype=np.float32)
        embedded[places, rows] = self._embedding(tokens.numbers, places)
        vectors: NDArray[np.float32] = self._session.run(["vectors"], {"tokens": embedded, "lengths": lengths})[0]
        return vectors


def plan(lengths: NDArray[np.int64], *, tokens: int) -> list[NDArray[np.int64]]:
    """Every sentence once, in batches of sentences of about the same length, the longest first.

    Args:
        lengths: (n,), of each sentence.
        tokens: most of a batch, padding included, if it holds more than one sentence.

    Returns:
        The sentences of each batch.
    """
    order = np.argsort(-lengths, kind="stable")
    batches: list[NDArray[np.int64]] = []
    start = 0
    while start < len(order):
        size = max(1, tokens // int(lengths[order[start]]))
        batches.append(order[start : start + size])
        start += size
    return batches


def _session(content: bytes, *, exact: bool) -> InferenceSession:
    """A graph, ready to run on one thread; `exact` asks for kernels whose sums are."""
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    if exact:
        options.add_session_config_entry("session.x64quantprecision", "1")
    return InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _quick_is_exact() -> bool:
    """Whether this CPU's quick kernels add up products of bytes as they should."""
    greatest = np.full((16, graph.PROBED), 255, dtype=np.uint8)
    (sums,) = _session(graph.probe(), exact=False).run(["sums"], {"bytes": greatest})
    return bool((sums == graph.PROBED * 255 * 127).all())


def _cores() -> int:
    """How many the process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    return len(affinity(0)) if affinity else os.cpu_count() or 1
