"""A real cluster on this machine, of two workers with a core each, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import clusters


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[clusters.Cluster]:
    if lacking := clusters.lacking():
        pytest.skip(lacking)
    with clusters.Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        for _ in range(2):
            cluster.add_worker()
        yield cluster


@pytest.fixture(scope="session")
def spark(cluster: clusters.Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("driver")
    options = {
        "sql_execution_arrow_maxRecordsPerBatch": 64,  # few rows make several batches
        "sql_shuffle_partitions": 4,
        "task_maxFailures": 2,  # of one task: what fails is tried again, and what a killed worker did
    }
    with clusters.session(cluster, folder, **options) as made:
        yield made
