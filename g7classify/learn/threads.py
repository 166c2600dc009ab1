"""Parts of training side by side, in threads, as the solver works without the GIL."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from joblib import Parallel

from g7classify.errors import OptionError


def count(n_jobs: int | None) -> int:
    """As joblib counts threads; never more than there are cores, as systems refuse to start any number of them.

    Raises:
        OptionError: `n_jobs` is 0.
    """
    if n_jobs == 0:
        raise OptionError("n_jobs: expected 1 or more, or None for all cores, got 0")
    return -1 if n_jobs is None else min(n_jobs, os.cpu_count() or 1)


def results(tasks: Iterable[Any], *, n_jobs: int | None) -> Iterator[Any]:
    """What tasks give, in their order; whoever stops in the middle, by Ctrl-C say, leaves without a word.

    Args:
        tasks: as joblib's `delayed` makes them.
        n_jobs: threads; None = all cores.
    """
    found = Parallel(n_jobs=count(n_jobs), prefer="threads", return_as="generator")(tasks)
    try:
        for one in found:  # noqa: UP028  # `yield from` would close it before we can
            yield one
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # joblib warns of tasks that nobody waits for any more
            found.close()
