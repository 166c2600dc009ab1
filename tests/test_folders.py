from __future__ import annotations

import sys
from pathlib import Path

import pytest

from g7classify import folders
from g7classify.errors import UnreadableFileError


@pytest.mark.parametrize(
    ("platform", "variable", "cache", "models"),
    [
        ("linux", None, "home/.cache/g7classify", "home/.local/share/g7classify/models"),
        ("linux", "XDG_CACHE_HOME", "there/g7classify", "home/.local/share/g7classify/models"),
        ("linux", "XDG_DATA_HOME", "home/.cache/g7classify", "there/g7classify/models"),
        ("darwin", None, "home/Library/Caches/g7classify", "home/Library/Application Support/g7classify/models"),
        ("win32", "LOCALAPPDATA", "there/g7classify/cache", "there/g7classify/models"),
        ("win32", None, "home/AppData/Local/g7classify/cache", "home/AppData/Local/g7classify/models"),
        ("linux", folders.CACHE, "there", "home/.local/share/g7classify/models"),
        ("win32", folders.MODELS, "home/AppData/Local/g7classify/cache", "there"),
    ],
)
def test_the_folders_are_the_platform_s(
    platform: str, variable: str | None, cache: str, models: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (folders.CACHE, folders.MODELS, "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "there"))
    monkeypatch.setattr(sys, "platform", platform)
    assert folders.cache() == tmp_path / cache
    assert folders.models() == tmp_path / models


def test_who_has_no_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in (folders.MODELS, "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "expanduser", nobody)
    with pytest.raises(UnreadableFileError, match="set G7CLASSIFY_MODELS to a folder"):
        folders.models()
