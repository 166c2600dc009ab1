from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.batching import batches, in_order


@given(weights=st.lists(st.integers(1, 12)), size=st.integers(1, 9))
def test_batches_hold_everything_in_order_and_close_as_soon_as_they_are_full(weights: list[int], size: int) -> None:
    found = list(batches(weights, size=size, weight=lambda w: w))
    assert list(itertools.chain(*found)) == weights
    for batch in found[:-1]:
        assert sum(batch) >= size
    for batch in found:
        assert batch
        assert sum(batch[:-1]) < size


def failing(count: int) -> Iterator[int]:
    yield from range(count)
    raise LookupError("no more")


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_what_came_before_an_error_comes_out_before_it(n_jobs: int, count: int) -> None:
    found: list[int] = []
    results = in_order(sum, batches(failing(count), size=2, weight=lambda _: 1), n_jobs=n_jobs)
    with pytest.raises(LookupError, match="no more"):
        found.extend(results)
    assert found == [sum(range(count)[i : i + 2]) for i in range(0, count, 2)]


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_order_is_kept(n_jobs: int) -> None:
    assert list(in_order(lambda x: x * x, range(100), n_jobs=n_jobs)) == [x * x for x in range(100)]


def test_an_error_of_the_function_is_raised_in_its_turn() -> None:
    found: list[int] = []
    with pytest.raises(ZeroDivisionError):
        found.extend(in_order(lambda x: 1 // (x - 3), range(10), n_jobs=2))
    assert len(found) == 3


def test_several_threads_work_at_once() -> None:
    both = threading.Barrier(2, timeout=10)
    assert len(list(in_order(lambda _: both.wait(), range(2), n_jobs=2))) == 2


@pytest.mark.parametrize("n_jobs", [1, 2, 4])
def test_no_further_ahead_than_promised(n_jobs: int) -> None:
    read = itertools.count()
    results = in_order(lambda x: x, read, n_jobs=n_jobs)
    for done in range(20):
        assert next(results) == done
    assert next(read) - 20 <= n_jobs + 1
