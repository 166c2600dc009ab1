"""What an extra brings, where it is not installed: one error, which names the line for pip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from g7classify.errors import MissingExtraError


@contextmanager
def needed(extra: str, by: str) -> Iterator[None]:
    """Around imports: one that is missing becomes an error that says how to install it.

    Args:
        extra: what brings it.
        by: what needs it; the message begins with this.

    Raises:
        MissingExtraError: a module is not installed. One of ours that is missing stays a ModuleNotFoundError.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "g7classify":
            raise
        raise MissingExtraError(
            f"{by} needs {error.name}, which is not installed: pip install 'g7classify[{extra}]'"
        ) from error
