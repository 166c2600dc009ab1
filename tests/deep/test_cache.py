from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from g7classify import folders
from g7classify.deep import cache

KEY = "0" * 64
GRAPH = bytes(range(256)) * 400
CANNOT = "cannot be kept, so it is built at every load: {}.*set G7CLASSIFY_CACHE to a folder"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "deep" / "cache"))
    return tmp_path / "deep" / "cache"


def build() -> bytes:
    return GRAPH


def never() -> bytes:
    raise AssertionError("it was to be read, not built")


def test_what_was_built_is_read(folder: Path) -> None:
    assert cache.kept(KEY, build) == GRAPH
    assert [path.name for path in folder.iterdir()] == [f"{KEY}.onnx"]
    assert cache.kept(KEY, never) == GRAPH
    assert cache.kept("1" * 64, lambda: b"another") == b"another"
    assert cache.kept(KEY, never) == GRAPH


def test_what_nobody_has_read_for_long_goes_when_another_is_written(folder: Path) -> None:
    for key in "123":
        cache.kept(key * 64, build)
    for key, days in (("1", 200), ("2", 200), ("3", 10)):
        os.utime(folder / f"{key * 64}.onnx", times=(time.time() - days * 86_400,) * 2)
    (folder / "mine.txt").write_text("of another program")
    os.utime(folder / "mine.txt", times=(0, 0))
    cache.kept("2" * 64, never)  # read, so in use
    cache.kept(KEY, build)
    assert {path.name for path in folder.iterdir()} == {f"{key * 64}.onnx" for key in "023"} | {"mine.txt"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:10],
        lambda _: b"",
        lambda content: content + b"\0",
        lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda _: b"0" * 64 + b"\n" + GRAPH,
    ],
)
def test_what_is_damaged_is_built_again(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    cache.kept(KEY, build)
    path = folder / f"{KEY}.onnx"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert cache.kept(KEY, build) == GRAPH
    assert path.read_bytes() == whole
    assert cache.kept(KEY, never) == GRAPH


@pytest.mark.parametrize("cache_folder", ["file", "file/cache"])
def test_is_used_where_a_file_is_in_place_of_the_folder(
    cache_folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    monkeypatch.setenv(folders.CACHE, str(tmp_path / cache_folder))
    with pytest.warns(RuntimeWarning, match=CANNOT.format("")):
        assert cache.kept(KEY, build) == GRAPH
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_is_used_where_a_folder_is_in_the_way(folder: Path) -> None:
    (folder / f"{KEY}.onnx").mkdir(parents=True)
    with pytest.warns(RuntimeWarning, match="cannot be kept"):
        assert cache.kept(KEY, build) == GRAPH


def test_is_used_where_the_disk_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.warns(RuntimeWarning, match="No space left"):
        assert cache.kept(KEY, build) == GRAPH
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("options", "why"), [("size=16k", "No space left"), ("ro", "Read-only")])
def test_is_used_on_a_full_or_read_only_file_system(
    options: str, why: str, mount: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mount(options)
    monkeypatch.setenv(folders.CACHE, str(folder / "cache"))
    with pytest.warns(RuntimeWarning, match=CANNOT.format(f".*{why}")):
        assert cache.kept(KEY, build) == GRAPH
    assert [path for path in mount("rw").rglob("*") if path.is_file()] == []


def test_is_used_where_the_folder_is_somebody_else_s(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, nobody: Callable[[Callable[[], object]], None]
) -> None:
    (open_folder / "cache").mkdir(mode=0o700)
    monkeypatch.setenv(folders.CACHE, str(open_folder / "cache"))
    cache.kept(KEY, build)

    def kept() -> None:
        with pytest.warns(RuntimeWarning, match=CANNOT.format("")):
            assert cache.kept(KEY, build) == GRAPH

    nobody(kept)


@pytest.mark.skipif(sys.platform == "win32", reason="home is found in another way")
def test_is_used_where_there_is_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in (folders.CACHE, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "expanduser", nobody)
    with pytest.warns(RuntimeWarning, match=CANNOT.format(".*home directory")):
        assert cache.kept(KEY, build) == GRAPH
