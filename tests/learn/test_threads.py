from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

pytest.importorskip("joblib", reason="the extra `train` is not installed")

from joblib import delayed

from g7classify.errors import OptionError
from g7classify.learn.threads import count, results


@pytest.mark.parametrize("n_jobs", [1, 2, None])
def test_results_come_in_the_order_of_the_tasks(n_jobs: int | None) -> None:
    assert list(results((delayed(divmod)(i, 3) for i in range(20)), n_jobs=n_jobs)) == [divmod(i, 3) for i in range(20)]


def test_an_error_of_a_task_is_raised_in_its_place() -> None:
    found = results((delayed(divmod)(1, 1 - i) for i in range(2)), n_jobs=2)
    with pytest.raises(ZeroDivisionError):
        list(found)


def test_whoever_stops_in_the_middle_leaves_without_a_word() -> None:
    """Though tasks still run; warnings are errors here."""
    stop = threading.Event()

    def tasks() -> Iterator[object]:
        yield delayed(str)(1)
        yield from [delayed(stop.wait)(60)] * 3

    found = results(tasks(), n_jobs=2)
    try:
        assert next(found) == "1"
        found.close()  # type: ignore[attr-defined]  # a generator
    finally:
        stop.set()


def test_no_more_threads_than_cores() -> None:
    assert 1 <= count(99_999) <= 1024
    assert (count(1), count(None)) == (1, -1)
    with pytest.raises(OptionError, match="n_jobs: expected 1 or more"):
        count(0)
