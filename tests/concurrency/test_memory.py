"""What threads need to compute is kept for the next ones, for as many as were at it at once; then it is let go of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.soak_process import UNTOLD, held
from g7classify import kernel
from g7classify.model import Model

THREADS = 8
MOST = 8_000_000  # bytes that a thread in the middle of scoring has for itself; measured: 6.4 million
TEXTS = ["La police arrive et le ministre parle de sanctions. " * 40] * 40

pytestmark = [
    pytest.mark.skipif(kernel.NAME != "c", reason="of what is compiled"),
    pytest.mark.skipif(held(threads=1).malloc == UNTOLD, reason="this C library does not tell what it gave out"),
]


def malloc() -> int:
    return held(threads=threading.active_count()).malloc


def burst(model: Model) -> None:
    together = threading.Barrier(THREADS)

    def score(_: int) -> None:
        together.wait()
        for _ in range(3):
            model.scores(TEXTS)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(score, range(THREADS)))


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
