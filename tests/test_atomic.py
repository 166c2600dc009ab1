from __future__ import annotations

import os
from pathlib import Path

import pytest

from g7classify import atomic
from g7classify.errors import InputTypeError, UnreadableFileError


def test_writes_the_file_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with atomic.replacing(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert [found.name for found in tmp_path.iterdir()] == ["out"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def write_half() -> None:
        with atomic.replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["out"]


def test_permissions_are_kept_and_links_followed(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to(path)
    with atomic.replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with atomic.replacing(path) as file:
        file.write(b"new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert path.is_fifo()


@pytest.mark.parametrize("where", ["missing/out", "."])
def test_a_path_that_cannot_be_written(tmp_path: Path, where: str) -> None:
    with pytest.raises(UnreadableFileError, match="cannot write"), atomic.replacing(tmp_path / where):
        pass


def test_a_path_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(tmp_path / "one")
    for path in (tmp_path / "one", "nul\0byte"):
        with pytest.raises(UnreadableFileError, match="cannot write"), atomic.replacing(path):
            pass


def test_a_path_of_another_type() -> None:
    with pytest.raises(InputTypeError, match=r"path: expected the path of a file, a str or os\.PathLike, got int"):
        atomic.write_bytes(1, b"")  # type: ignore[arg-type]  # a file descriptor to open()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_failed_write_names_the_path() -> None:
    with pytest.raises(UnreadableFileError, match=r"^cannot write /dev/full: No space left on device$"):
        atomic.write_bytes("/dev/full", b"new")


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file", "other"), BrokenPipeError(32, "Broken pipe")])
def test_an_error_of_something_else_stays_what_it_is(tmp_path: Path, error: OSError) -> None:
    def write() -> None:
        with atomic.replacing(tmp_path / "out"):
            raise error

    with pytest.raises(type(error)) as caught:
        write()
    assert caught.value is error
