"""A Spark standalone cluster on this machine: a master and workers, each a process, on ephemeral ports of 127.0.0.1.

The processes end with the cluster, and, as Linux sees to it, with the process that started them, however that ends.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PATIENCE_S: Final = 120.0  # for a process to come up on a busy machine; it takes 3 s on an idle one
PAUSE_S: Final = 0.1
# Small and quick to start: a daemon does little.
JAVA: Final = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dspark.master.rest.enabled=false")
# 1 is PR_SET_PDEATHSIG: the kernel kills the process when its parent ends.
TIED: Final = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
os.sched_setaffinity(0, map(int, sys.argv[1].split(",")))
os.execvp(sys.argv[2], sys.argv[2:])
"""


def lacking() -> str:
    """Why no cluster can be started here; empty if one can."""
    if sys.platform != "linux":
        return "a cluster is tied to this process by Linux"
    if shutil.which("java") is None:
        return "no java, which Spark runs on"
    if find_spec("pyspark") is None:
        return "no pyspark: pip install 'g7classify[spark]'"
    return ""


class Cluster:
    """A master and the workers that are started; a context manager, at whose end all processes end.

    Args:
        folder: of the logs, and of what executors write.

    Raises:
        RuntimeError: the master does not come up; tells what it said.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._master_log = self._start("master.Master")[1]
        self.url = self._told(self._master_log, r"Starting Spark master at (spark://\S+)", times=1)[0]
        self.workers: list[int] = []  # their process ids

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whoever is killed cannot tell its executors, which end when they miss their worker: that may take seconds.
        below = [pid for process in self._running for pid in descendants(process.pid)]
        for process in reversed(self._running):
            process.kill()
            process.wait()
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def add_worker(self, *, cores: int = 1, memory: str = "1g", cpus: Collection[int] = ()) -> int:
        """Start a worker, wait until the master knows it, and return its process id.

        Args:
            cores: how many tasks it runs at once.
            memory: that it may give to executors, as Spark writes it.
            cpus: of this machine that it and its executors may use; all if there is none.
        """
        process, _ = self._start("worker.Worker", "--cores", str(cores), "--memory", memory, self.url, cpus=cpus)
        self.workers.append(process.pid)
        self._told(self._master_log, r"Registering worker (\S+)", times=len(self.workers))
        return process.pid

    def _start(self, name: str, *arguments: str, cpus: Collection[int] = ()) -> tuple[subprocess.Popen[bytes], Path]:
        import pyspark

        home = Path(pyspark.__file__).parent
        log = self._folder / f"{name}-{len(self._running)}.log"
        here = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        if arguments:
            here += ["--work-dir", str(self._folder / f"work-{len(self._running)}")]
        java = ["java", *JAVA, "-cp", f"{home}/jars/*", f"org.apache.spark.deploy.{name}", *here, *arguments]
        scala = re.findall(r"_(\d+\.\d+)-", next(home.glob("jars/spark-core_*.jar")).name)[0]
        # An executor is to find what is installed for its Python, and not what lies around here.
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SPARK", "PYSPARK"))}
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", TIED, ",".join(map(str, cpus or os.sched_getaffinity(0))), *java],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env=kept | {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_SCALA_VERSION": scala},
            )
        self._running.append(process)
        return process, log

    def _told(self, log: Path, pattern: str, *, times: int) -> list[str]:
        until = time.monotonic() + PATIENCE_S
        while len(found := re.findall(pattern, log.read_text(errors="replace"))) < times:
            if time.monotonic() > until or any(process.poll() is not None for process in self._running[-1:]):
                said = "\n".join(path.read_text(errors="replace")[-2000:] for path in self._folder.glob("*.log"))
                raise RuntimeError(f"Spark's processes do not come up: {said}")
            time.sleep(PAUSE_S)
        return found


@contextmanager
def session(cluster: Cluster, folder: Path, **options: str | int) -> Iterator[SparkSession]:
    """A session whose driver is a JVM of this process, which ends with the session.

    Args:
        cluster: that executes, with this Python.
        folder: of what the driver writes.
        options: settings of Spark, with `_` for `.`, where they are not the ones here.
    """
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.executor.cores": 1,
        "spark.executor.memory": "512m",  # Spark takes no less than 471859200 bytes
        "spark.local.dir": str(folder),
        "spark.log.level": "OFF",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    settings |= {f"spark.{name.replace('_', '.')}": value for name, value in options.items()}
    builder = SparkSession.builder.master(cluster.url)
    for name, value in settings.items():
        builder = builder.config(name, value)
    before = {name: os.environ.get(name) for name in ("PYSPARK_PYTHON", "SPARK_LOCAL_IP")}
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    try:
        made = builder.getOrCreate()
        try:
            yield made
        finally:
            made.stop()
    finally:
        if (gateway := SparkContext._gateway) is not None:
            SparkContext._gateway = SparkContext._jvm = None  # or the next session would speak to this one's JVM
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait()
        for name, was in before.items():
            os.environ.pop(name) if was is None else os.environ.update({name: was})


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            # The name, in brackets, may hold anything.
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found = list(parents.get(pid, ()))
    for child in found:
        found += parents.get(child, ())
    return found
