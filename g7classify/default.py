"""Tagging without choosing: `load` and `tag`, the first two things that anybody calls."""

from __future__ import annotations

import os
from functools import lru_cache

from g7classify.decision import OperatingPoint
from g7classify.documents import Text
from g7classify.locks import ProcessLock
from g7classify.results import Document
from g7classify.tagger import Tagger, checked

_lock = ProcessLock()


def load(
    name: str | os.PathLike[str] | None = None,
    *,
    operating_point: OperatingPoint = "balanced",
    escalate: str | None = None,
    budget: float | None = None,
    uncertainty: float | None = None,
) -> Tagger:
    """Load a tagger: see Tagger.load."""
    return Tagger.load(name, operating_point=operating_point, escalate=escalate, budget=budget, uncertainty=uncertainty)


def tag(text: str | Text, *, language: str | None = None, probabilities: bool = False) -> Document:
    """Tag a text with the default model, which is loaded at the first call: see Tagger.tag."""
    return shared().tag(text, language=language, probabilities=probabilities)


def chosen(tagger: Tagger | None) -> Tagger:
    """The tagger that was given, or the default model's.

    Raises:
        InputTypeError: something else was given, such as the name of a model.
    """
    return shared() if tagger is None else checked(tagger)


def shared() -> Tagger:
    """The default model's tagger, which all that is given none share."""
    with _lock.own():
        return _tagger()


@lru_cache(maxsize=1)
def _tagger() -> Tagger:
    return Tagger.load()
