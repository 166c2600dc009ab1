from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from g7classify.errors import UnreadableFileError
from g7classify.learn.data.records import content_of, decoded
from g7classify.learn.data.rows import Unusable


def test_byte_order_marks_are_dropped() -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        assert decoded("é".encode(encoding), encoding) == "é"
    assert decoded("\ufeffé".encode("utf-16-le"), "utf-16-le") == "é"


def test_a_pipe_is_read_like_a_file_and_bounded_like_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for limit, whole in ((100, True), (3, False)):
        monkeypatch.setattr("g7classify.learn.data.records.MAX_BYTES", limit)
        writer = threading.Thread(target=pipe.write_bytes, args=(b"abcd",))
        writer.start()
        if whole:
            assert content_of(pipe) == b"abcd"
        else:
            with pytest.raises(Unusable, match="more than 3 bytes"):
                content_of(pipe)
        writer.join()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        content_of(tmp_path / "missing")
