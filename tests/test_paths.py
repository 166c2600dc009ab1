from __future__ import annotations

from pathlib import Path, PurePath

import pytest

import g7classify
from g7classify import paths, registry
from g7classify.errors import InputTypeError


@pytest.mark.parametrize("path", ["a/b", Path("a/b"), PurePath("a/b")])
def test_a_path(path: object) -> None:
    assert paths.checked(path, name="path") == Path("a/b")


@pytest.mark.parametrize("path", [5, None, b"a", ["a"]])
def test_what_is_none_is_refused_wherever_a_file_is_read(path: object) -> None:
    for read in (g7classify.read, registry.add, g7classify.Codebook.read):
        with pytest.raises(InputTypeError, match=f"expected the path of a file, .*got {type(path).__name__}"):
            read(path)  # type: ignore[operator]


def test_bytes_are_told_how_to_become_a_path() -> None:
    with pytest.raises(InputTypeError, match=r"got bytes; os\.fsdecode makes a path of bytes"):
        g7classify.read(b"a.txt")  # type: ignore[arg-type]
