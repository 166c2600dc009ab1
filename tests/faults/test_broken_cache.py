"""A folder for built graphs that cannot be used: the graph is built, and one warning says so and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from g7classify import folders
from g7classify.deep import cache

KEY, GRAPH = "0" * 64, b"graph" * 10_000
CANNOT = r"cannot be kept, so it is built at every load: cannot write .*set G7CLASSIFY_CACHE to a folder"


def built() -> bytes:
    return GRAPH


def test_garbage_is_built_again_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    for garbage in (b"", os.urandom(100_000), b"0" * 64 + b"\n" + GRAPH):
        (tmp_path / f"{KEY}.onnx").write_bytes(garbage)
        assert cache.kept(KEY, built) == GRAPH
        assert cache.kept(KEY, lambda: b"not built again") == GRAPH


def test_a_file_in_place_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "file"))
    with pytest.warns(
        RuntimeWarning, match="cannot be kept, so it is built at every load: .*File exists.*G7CLASSIFY_CACHE"
    ):
        assert cache.kept(KEY, built) == GRAPH
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.parametrize("options", ["size=16k", "ro"])
def test_a_full_or_read_only_folder(
    options: str, mount: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(folders.CACHE, str(mount(options)))
    with pytest.warns(RuntimeWarning, match=CANNOT):
        assert cache.kept(KEY, built) == GRAPH
    assert list(mount("rw").iterdir()) == []


def test_a_folder_of_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nobody: Callable[[Callable[[], object]], None]
) -> None:
    for parent in [tmp_path, *tmp_path.parents][:4]:
        parent.chmod(0o755)
    (tmp_path / "cache").mkdir(mode=0o700)
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "cache"))
    cache.kept(KEY, built)

    def build() -> None:
        with pytest.warns(RuntimeWarning, match=CANNOT):
            assert cache.kept(KEY, built) == GRAPH

    nobody(build)


def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (folders.CACHE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "expanduser", lambda _: (_ for _ in ()).throw(RuntimeError("Could not determine home.")))
    with pytest.warns(
        RuntimeWarning, match="cannot be kept.*Could not determine home.*; set G7CLASSIFY_CACHE to a folder"
    ):
        assert cache.kept(KEY, built) == GRAPH
