"""A process that is killed (SIGKILL) while it writes, at each of its steps: the old file or the new one is there.

A child ends itself at the n-th time that it opens, renames, deletes or syncs a file of the folder, for every n.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from writers import NAMES, Write

from g7classify import modelfile, registry, shelf
from g7classify.deep import cache
from g7classify.model import Model
from g7classify.streaming import checkpoint, tables

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no process can be forked here")

STEPS = {"open", "os.rename", "os.remove", "os.truncate", "os.chmod", "os.mkdir"}


def killed_at(step: int, folder: Path, write: Callable[[], object]) -> int:
    """How a child that writes ends: -SIGKILL at the step, or 0 if it has none such."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads that are not forked; none is needed here
        child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in STEPS and str(arguments[0]).startswith(str(folder)):
            count()

    def sync(number: int, real: Callable[[int], None] = os.fsync) -> None:
        count()
        real(number)

    try:
        os.fsync = sync
        sys.addaudithook(hook)
        write()
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "table.parquet"])  # whose threads outlive no fork
def test_what_is_killed_leaves_the_old_file_or_the_new_one(
    name: str, writers: dict[str, Write], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 400)
    monkeypatch.setattr(checkpoint, "EVERY_SECONDS", 0.0)
    write = writers[name]
    (tmp_path / "whole").mkdir()
    write(tmp_path / "whole")
    wanted = (tmp_path / "whole" / name).read_bytes()
    step, ends = 0, []
    while not ends or ends[-1]:
        folder = tmp_path / f"{step}"
        folder.mkdir()
        (folder / name).write_bytes(b"what was there")
        ends.append(killed_at(step, folder, lambda folder=folder: write(folder)))  # type: ignore[misc]
        assert (folder / name).read_bytes() in (b"what was there", wanted)
        others = {path.name for path in folder.iterdir()} - {name, f"{name}.part", f"{name}.part.json"}
        assert all(other.startswith(".") and other.endswith(".tmp") for other in others)
        write(folder)  # a second run is in nobody's way
        assert (folder / name).read_bytes() == wanted
        step += 1
    assert set(ends[:-1]) == {-signal.SIGKILL}
    assert len(ends) >= 4  # open, sync, rename at least


def test_what_is_killed_while_models_are_added_or_removed(
    make_model: Callable[..., Model],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model_path = tmp_path_factory.mktemp("small") / "small.safetensors"
    modelfile.write(make_model(bits=10), model_path)
    model_path.with_suffix(".md").write_text("# A card\n")
    for change in (lambda: registry.add(model_path, name="second@1.0.0"), lambda: registry.remove("first@1.0.0")):
        step, ends = 0, []
        while not ends or ends[-1]:
            folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
            monkeypatch.setenv("G7CLASSIFY_MODELS", str(folder))
            registry.add(model_path, name="first@1.0.0")
            ends.append(killed_at(step, folder, change))
            for entry in shelf.models():  # whatever the manifest names is there, whole
                assert (verdict := registry.verify([str(entry.id)])[0]).problem == "", verdict
            names = {entry.name for entry in shelf.models()}
            assert names in ({"first"}, {"first", "second"}, set())
            if "second" not in names:
                registry.add(model_path, name="second@1.0.0")  # over what a killed process left
            assert {entry.name for entry in shelf.models()} == names | {"second"}
            step += 1
        assert set(ends[:-1]) == {-signal.SIGKILL}
        assert len(ends) >= 5


def test_what_is_killed_while_a_graph_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, ends = 0, []
    while not ends or ends[-1]:
        folder = tmp_path / f"{step}"
        folder.mkdir()
        monkeypatch.setenv("G7CLASSIFY_CACHE", str(folder))
        ends.append(killed_at(step, folder, lambda: cache.kept("0" * 64, lambda: b"graph" * 1000)))
        assert cache.kept("0" * 64, lambda: b"graph" * 1000) == b"graph" * 1000
        step += 1
    assert set(ends[:-1]) == {-signal.SIGKILL}
    assert len(ends) >= 4
