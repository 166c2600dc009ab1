"""Many texts in a bounded memory: batches of a stream, worked on in order, by one thread or several."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")


def batches(items: Iterable[T], *, size: int, weight: Callable[[T], int]) -> Iterator[list[T]]:
    """Consecutive batches, each closed by the item that brings its weight to `size` or more.

    An error of `items` is raised after the batch that it cut short.
    """
    batch: list[T] = []
    total = 0
    failures: list[Exception] = []
    for item in _until_failure(items, failures):
        batch.append(item)
        total += weight(item)
        if total >= size:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch
    if failures:
        raise failures[0]


def in_order(function: Callable[[T], R], items: Iterable[T], *, n_jobs: int) -> Iterator[R]:
    """The results of a function for each item, in order, from n_jobs threads that read n_jobs + 1 items ahead at most.

    An error of `items` is raised after the results for the items before it.
    """
    if n_jobs == 1:
        yield from map(function, items)
        return
    from concurrent.futures import ThreadPoolExecutor  # costs 6 ms at import, and few need it

    failures: list[Exception] = []
    with ThreadPoolExecutor(n_jobs) as pool:
        pending: deque[Future[R]] = deque()
        for item in _until_failure(items, failures):
            pending.append(pool.submit(function, item))
            if len(pending) > n_jobs:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    if failures:
        raise failures[0]


def _until_failure(items: Iterable[T], failures: list[Exception]) -> Iterator[T]:
    """The items before the first error, which is noted: what came before it is still to be worked on."""
    try:
        yield from items
    except Exception as error:
        failures.append(error)
