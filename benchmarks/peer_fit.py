"""Train one system in a fresh process, for benchmarks.peers.

Run as `python -m benchmarks.peer_fit SYSTEM FOLDER`; prints JSON. A system that was trained on the same rows with the
same settings and versions is left as it is.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import inspect
import json
import shutil
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peer_measure import ROWS, folder_of
from benchmarks.peer_systems import SYSTEMS, System


def fit(name: str, folder: Path) -> dict[str, Any]:
    """Train and save, unless that was done with these inputs: then `kept` is true."""
    system = SYSTEMS[name]
    for module in system.modules:
        importlib.import_module(module)
    versions = {package: importlib.metadata.version(package) for package in system.packages}
    key = digest(system, versions, folder)
    own = folder_of(name, folder)
    record = own / "trained.json"
    if record.exists():
        done: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        if done["key"] == key:
            return done | {"kept": True}
    train = json.loads((folder / ROWS / "train.json").read_text(encoding="utf-8"))
    texts, chosen = train["texts"][: system.rows], train["labels"][: system.rows]
    labels = np.zeros((len(texts), train["columns"]), dtype=bool)
    for row, columns in enumerate(chosen):
        labels[row, columns] = True
    shutil.rmtree(own, ignore_errors=True)
    (own / "model").mkdir(parents=True)
    start = time.perf_counter()
    system.fit(texts, labels, own / "model")
    seconds = time.perf_counter() - start
    done = {
        "key": key,
        "versions": versions,
        "train_rows": len(texts),
        "train_seconds": round(seconds, 1),
        "model_bytes": sum(path.stat().st_size for path in model_files(system, own / "model")),
    }
    record.write_text(json.dumps(done), encoding="utf-8")
    return done | {"kept": False}


def digest(system: System, versions: dict[str, str], folder: Path) -> str:
    """Of all that a trained system depends on; other helpers of the adapters aside."""
    fitted = system.fit.func if isinstance(system.fit, partial) else system.fit
    given = (system.settings, versions, system.rows, inspect.getsource(fitted))
    found = hashlib.sha256(repr(given).encode())
    for path in (folder / ROWS / "train.json", *system.reads):
        found.update(path.read_bytes())
    return found.hexdigest()


def model_files(system: System, saved: Path) -> list[Path]:
    """All files of a model: what `fit` saved, and weights that its package carries."""
    files = [path for path in saved.rglob("*") if path.is_file()]
    if system.weights:
        package, *names = system.weights
        inside = Path(str(importlib.import_module(package).__file__)).parent
        files += [inside / name for name in names]
    return files


if __name__ == "__main__":
    # Libraries may write to stdout: the last line is ours.
    sys.stdout.write(f"\n{json.dumps(fit(sys.argv[1], Path(sys.argv[2])))}\n")
