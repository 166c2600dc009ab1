"""Where what is the user's lies, by the habits of each platform.

Windows: known folders; macOS: the File System Programming Guide; elsewhere the XDG Base Directory Specification.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from g7classify.errors import UnreadableFileError

CACHE: Final = "G7CLASSIFY_CACHE"
MODELS: Final = "G7CLASSIFY_MODELS"


def cache() -> Path:
    """For what can be made again; it need not exist. The environment variable G7CLASSIFY_CACHE comes first.

    Raises:
        UnreadableFileError: nobody knows where home is.
    """
    if sys.platform == "win32":
        return _folder(CACHE, "LOCALAPPDATA", "~/AppData/Local", "g7classify/cache")
    if sys.platform == "darwin":
        return _folder(CACHE, None, "~/Library/Caches", "g7classify")
    return _folder(CACHE, "XDG_CACHE_HOME", "~/.cache", "g7classify")


def models() -> Path:
    """For the user's own models; it need not exist. The environment variable G7CLASSIFY_MODELS comes first.

    Raises:
        UnreadableFileError: nobody knows where home is.
    """
    if sys.platform == "win32":
        return _folder(MODELS, "LOCALAPPDATA", "~/AppData/Local", "g7classify/models")
    if sys.platform == "darwin":
        return _folder(MODELS, None, "~/Library/Application Support", "g7classify/models")
    return _folder(MODELS, "XDG_DATA_HOME", "~/.local/share", "g7classify/models")


def _folder(given: str, variable: str | None, base: str, name: str) -> Path:
    if chosen := os.environ.get(given):
        return Path(chosen)
    base = (os.environ.get(variable) if variable else None) or base
    try:
        return Path(base).expanduser() / name
    except RuntimeError as error:
        raise UnreadableFileError(f"{base}: {error}; set {given} to a folder") from error
