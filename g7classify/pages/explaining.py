"""The words behind the tags of a page, as few numbers as tell them.

A page tells of each tag the strongest words; what all others add up to is left when these are taken from the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from g7classify import registry
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.explanation import LabelExplanation
from g7classify.report import printable, strongest
from g7classify.results import ModelId
from g7classify.tagger import Tagger

# Each word of each tag takes 4.5 bytes of a page: with six of them, 20,000 sentences take 1.3 MB beside their text.
MOST_WORDS: Final = 4

NO_TABLE: Final = "no_table"
ABSENT: Final = "absent"


class Explainers:
    """Who tells the words behind the tags that a model decided on.

    Args:
        tagger: one at hand; models that are shipped or added are loaded by their name.
    """

    def __init__(self, tagger: Tagger | None) -> None:
        self._found: dict[ModelId, Tagger | None] = {} if tagger is None else {tagger.id: tagger}
        self._silent: dict[ModelId, str] = {}

    def tagger(self, model: ModelId) -> Tagger | None:
        """A tagger of a model; None if it is not at hand."""
        if model not in self._found:
            self._found[model] = _loaded(model)
        return self._found[model]

    def silent(self, model: ModelId) -> str:
        """Why no words are told of a model's tags: NO_TABLE, ABSENT, or nothing if they are."""
        if model not in self._silent:
            self._silent[model] = _reason(self.tagger(model))
        return self._silent[model]

    def explain(self, text: str, labels: Sequence[str], model: ModelId) -> dict[str, LabelExplanation]:
        """Of each label how its probability comes about in a sentence; empty where `silent` says why."""
        tagger = self.tagger(model)
        if tagger is None or self.silent(model) or not labels:
            return {}
        return {found.label: found for found in tagger.explain(text, labels=labels).labels}


def _loaded(model: ModelId) -> Tagger | None:
    if registry.is_path(str(model)):  # a document may be anybody's: it names a model, and no file
        return None
    try:
        tagger = Tagger.load(str(model))
    except G7ClassifyError:  # it was read from a file, never shipped, or needs what is not installed
        return None
    return tagger if tagger.id == model else None


def _reason(tagger: Tagger | None) -> str:
    if tagger is None:
        return ABSENT
    try:
        tagger.explain("", labels=())
    except OptionError:
        return NO_TABLE
    return ""


def weights(text: str, explained: LabelExplanation) -> list[int]:
    """The logit and, of each of the strongest words, its place, length and contribution; in hundredths of a logit.

    Places and lengths are in code points of the sentence as a page shows it.
    """
    found = [round(100 * explained.logit)]
    for word in strongest(explained.words, most=MOST_WORDS):
        start = len(printable(text[: word.start]))
        found += [start, len(printable(word.text)), round(100 * word.contribution)]
    return found
