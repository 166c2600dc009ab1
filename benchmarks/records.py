"""Write the figures of a benchmark as JSON, with the machine that gave them.

`python -m benchmarks.records NAME FILE` takes them from a program that runs in another environment.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import g7classify
from g7classify import kernel
from g7classify.atomic import write_bytes

FOLDER = Path(__file__).with_name("results")
ROOT = Path(__file__).resolve().parents[1]


def write(name: str, figures: dict[str, Any], *, ran_on: str = kernel.NAME) -> Path:
    """Write benchmarks/results/<name>.json, whole or not at all; `ran_on` is the kernel that the figures are of."""
    path = FOLDER / f"{name}.json"
    content = {"benchmark": name, "machine": machine() | {"kernel": ran_on}, "figures": figures}
    write_bytes(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    return path


def read(name: str) -> dict[str, Any]:
    """The figures that were recorded last."""
    figures: dict[str, Any] = _content(name)["figures"]
    return figures


def date(name: str) -> str:
    """The day they were measured, in UTC, as ISO 8601 has it."""
    return str(machine_of(name)["date"])


def machine_of(name: str) -> dict[str, str | int | None]:
    """The machine that they were measured on, as `machine` tells it."""
    measured_on: dict[str, str | int | None] = _content(name)["machine"]
    return measured_on


def _content(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def machine() -> dict[str, str | int | None]:
    """What the figures depend on beside the code."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "g7classify": g7classify.__version__,
        "kernel": kernel.NAME,
        "python": platform.python_version(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
    }


def processor() -> str:
    """The processor's model where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def main(name: str, file: str) -> None:
    """Write figures that lie in a file of JSON."""
    print(f"written to {write(name, json.loads(Path(file).read_text(encoding='utf-8')))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
