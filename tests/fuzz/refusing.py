"""What has to hold of an error that refuses an input, beside that it is ours."""

from __future__ import annotations

LONGEST = 1500


def told(error: Exception, *, longest: int = LONGEST) -> None:
    """Its message says something, in a length that people read, whatever stands in the input, and can be printed."""
    message = str(error)
    assert 0 < len(message) < longest, message[:200]
    message.encode("utf-8", "surrogateescape")
