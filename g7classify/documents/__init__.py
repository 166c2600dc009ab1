"""Texts that know where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from g7classify.results import Source


@dataclass(frozen=True, slots=True)
class Text:
    """A text and where it comes from; what tagging takes instead of a str.

    Attributes:
        text: as it was extracted; offsets of sentences count in it.
        source: goes to the document that tagging makes of it.
    """

    text: str
    source: Source
