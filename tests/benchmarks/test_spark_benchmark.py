"""The benchmark of Spark, without a cluster: its rows, its path beside Spark, its processes, and its tables."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import clusters, figures_spark, records, spark
from g7classify.tagger import Tagger

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are told by Linux's /proc")


def test_rows_are_as_many_as_asked_for_or_a_few_more(tmp_path: Path) -> None:
    assert spark.write_rows(tmp_path / "few", ["a", "b", "c"], 100) == 112
    read = [text for batch in spark.read(tmp_path / "few") for text in batch.to_pylist()]
    assert len(read) == 112
    assert read[:4] == ["a", "b", "c", "a"]
    assert len(list((tmp_path / "few").iterdir())) == spark.FILES


@linux
def test_the_path_beside_spark_takes_one_cpu_and_gives_it_back(tagger: Tagger, tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    with spark.one_cpu():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before
    for name in ("sentences", "documents"):
        spark.write_rows(tmp_path / name, ["La police enquête. Il pleut."], 16)
    found = spark.arrow_path(tagger, tmp_path / "sentences", tmp_path / "documents")
    assert set(found) == set(figures_spark.ALONE)
    assert all(value > 0 for value in found.values())


@linux
def test_processes_below_a_process_are_found_and_measured() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        try:
            until = time.monotonic() + 30
            while spark.cpu_seconds([process.pid]) < 0.05 and time.monotonic() < until:
                time.sleep(0.05)
            (below,) = clusters.descendants(process.pid)
            assert process.pid in clusters.descendants(os.getpid())
            assert spark.cpu_seconds([process.pid]) >= 0.05
            assert 1 < spark.peak_mb([process.pid]) < 1000
        finally:
            process.kill()
            os.kill(below, 9)


def test_where_no_cluster_can_be_had_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters.shutil, "which", lambda _: None)
    if sys.platform == "linux":
        assert clusters.lacking() == "no java, which Spark runs on"
    done = CliRunner().invoke(spark.main, [])
    assert done.exit_code == 1
    assert "no cluster can be started" in done.output


class TestTables:
    @pytest.fixture(autouse=True)
    def figures(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        def rate(value: float, cpu: float) -> dict[str, Any]:
            return {"sentences_per_second": {"median": value}, "cpu_us_per_sentence": {"median": cpu}}

        figures = {
            "bytes_per_sentence": 100.0,
            "arrow": {way: rate(500_000, 2) for way in figures_spark.ALONE},
            "spark": {
                name: {way: rate(factor * 250_000, 4) for way in figures_spark.WAYS}
                for name, factor in ((figures_spark.ONE, 1), ("2 on one CPU each", 2))
            },
        }
        monkeypatch.setattr(records, "read", lambda name: {"spark": figures}[name])
        return figures

    def test_shares_are_of_arrow_alone(self) -> None:
        lines = figures_spark.table().splitlines()
        assert len(lines) == 2 + 3 + 6
        assert "| `spark.tag`, sentences | 1 on one CPU each | 250,000 | 4.00 | 50% |" in lines
        assert "| `spark.tag`, sentences | 2 on one CPU each | 500,000 | 4.00 | 100% |" in lines
        assert lines[4] == "| Arrow alone, Parquet read, sentences |  | 500,000 | 2.00 |  |"

    def test_machines_and_cost_follow_from_the_rate(self) -> None:
        assert figures_spark.BUSY == 0.7
        lines = figures_spark.web_scale().splitlines()
        # 1e9 / 250,000 / 3600 / .7 = 1.587 core-hours
        assert lines[2] == "| 1e9 | `spark.tag`, sentences | 1.6 | 1 for 1 h | 0.08 | 0.10 | 3.2 |"
        assert lines[4] == "| 1e11 | `spark.tag`, sentences | 159 | 1 for 24 h | 7.94 | 10.00 | 3.2 |"

    def test_what_is_assumed_is_told(self) -> None:
        for value in (f"{figures_spark.VCPU_HOUR_USD:.2f}", str(figures_spark.MACHINE_VCPUS), "70%"):
            assert f"| {value} |" in figures_spark.assumptions()
