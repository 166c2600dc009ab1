"""What threads need to compute is kept for the next ones, for no more than 16 of them; then it is let go of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from g7classify import kernel
from g7classify.model import Model

soak_process = pytest.importorskip("benchmarks.soak_process", reason="needs the source tree")

THREADS = 8
KEPT = 16  # MOST_IDLE of _kernel.c
MOST = 8_000_000  # bytes that a thread in the middle of scoring has for itself; measured: 6.4 million
TEXTS = ["La police arrive et le ministre parle de sanctions. " * 40] * 40

pytestmark = [
    pytest.mark.skipif(kernel.NAME != "c", reason="of what is compiled"),
    pytest.mark.skipif(
        soak_process.held(threads=1).malloc == soak_process.UNTOLD,
        reason="untold by this C library",
    ),
]


def malloc() -> int:
    return int(soak_process.held(threads=threading.active_count()).malloc)


def burst(model: Model, *, threads: int = THREADS, texts: Sequence[str] = TEXTS) -> None:
    together = threading.Barrier(threads)

    def score(_: int) -> None:
        together.wait()
        for _ in range(3):
            model.scores(texts)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(score, range(threads)))


def test_bursts_of_threads_take_no_more_than_the_first_and_give_it_back(make_model: Callable[..., Model]) -> None:
    burst(make_model())  # what Python itself keeps
    model = make_model()
    model.scores(TEXTS)
    before = malloc()
    burst(model)
    first = malloc()
    assert first - before <= THREADS * MOST
    for _ in range(5):
        burst(model)
    assert malloc() - before <= THREADS * MOST
    del model
    assert malloc() < before


def test_after_many_threads_at_once_little_is_kept(make_model: Callable[..., Model]) -> None:
    model = make_model()
    model.scores(TEXTS)
    before = malloc()
    burst(model, threads=2 * KEPT, texts=TEXTS * 20)  # long enough that nearly all are in the middle of it at once
    assert malloc() - before <= KEPT * MOST
