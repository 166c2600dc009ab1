"""Write a file whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeGuard

from g7classify.errors import UnreadableFileError
from g7classify.paths import checked


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of `path` when the block ends; an error leaves `path` as it was.

    A link is followed, an existing file's permissions are kept, and what is no regular file (/dev/stdout, a pipe) is
    written to as it is, because a file must not take its place.

    Raises:
        UnreadableFileError: the folder does not exist, the path is a folder, or it may not be written; or writing
            fails, as on a full disk.
        InputTypeError: the path is none.
    """
    given = checked(path, name="path")
    try:
        direct = given.exists() and not given.is_file()
        target = given if direct else given.resolve()
        temporary = given if direct else target.with_name(f".{target.name}.{os.urandom(8).hex()}.tmp")
    except (OSError, ValueError, RuntimeError) as error:  # a path with NUL; links in a circle, before Python 3.13
        raise refused(given, error) from error
    try:
        try:
            file = temporary.open("wb" if direct else "xb")
        except (OSError, ValueError) as error:
            raise refused(given, error) from error
        with file:
            yield file
            file.flush()
            if not direct:
                os.fsync(file.fileno())
        if not direct:
            replace(temporary, target)
    except BaseException as error:
        if not direct:
            with suppress(OSError):  # none is there yet; or it cannot be removed, which is not what went wrong first
                temporary.unlink()
        if is_of_writing(error):
            raise refused(given, error) from error
        raise


def refused(path: Path, error: Exception) -> UnreadableFileError:
    """What is raised of a file that cannot be written."""
    return UnreadableFileError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}")


def is_of_writing(error: BaseException | None) -> TypeGuard[OSError]:
    """Whether an error among those of a block that writes to an open file is that of writing: it names no file.

    That nobody reads any more what goes into a pipe is another matter, and told by nothing.
    """
    if not isinstance(error, OSError) or isinstance(error, UnreadableFileError | BrokenPipeError):
        return False
    return error.filename is None and error.strerror is not None


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file whole or not at all. Raises UnreadableFileError as `replacing` does."""
    with replacing(path) as file:
        file.write(content)


def replace(temporary: Path, target: Path) -> None:
    """Put a file in the place of another, whose permissions it takes. Raises UnreadableFileError."""
    try:
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        raise refused(target, error) from error
