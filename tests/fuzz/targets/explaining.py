"""explain: contributions and bias add up to the logit, words lie in the text, in order."""

from __future__ import annotations

from math import exp, fsum

from choices import Choices, is_text, read, share
from seeding import texts
from small import NAMES, TAGGER

from g7classify import attribution as _attribution  # noqa: F401  # imported late by explain, and to be watched
from g7classify.errors import TextError
from g7classify.explanation import Explanation

SMOKE, LONGEST = 1500, 120
LABELS = (None, NAMES, NAMES[:1], NAMES[1:3], ())


def seeds() -> list[bytes]:
    return [b"\1" + text.encode()[: LONGEST - 1] for text in texts()]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    labels, text = choices.one_of(LABELS), read(choices.rest())
    try:
        found = TAGGER.explain(text, labels=labels)
    except TextError:
        assert not is_text(text)
        return
    assert is_text(text)
    sentence = TAGGER.tag_sentence(text, probabilities=True)
    assert tuple(label.label for label in found.labels) == (sentence.labels if labels is None else labels)
    for label in found.labels:
        assert label.tagged == (label.label in sentence.labels)
        assert abs(label.probability - (sentence.probabilities or {})[label.label]) <= 1e-6
        total = fsum((label.bias, *(word.contribution for word in label.words)))
        assert abs(total - label.logit) <= 1e-6 * (len(label.words) + 2)
        if label.raised_by is None:
            assert abs(label.probability - 1 / (1 + exp(-label.logit))) < 1e-4
        ends = [0, *(word.end for word in label.words)]
        for word, before in zip(label.words, ends, strict=False):
            assert before <= word.start < word.end <= len(text)
            assert text[word.start : word.end] == word.text
    if share(data) < 32:
        assert Explanation.from_json(found.to_json()) == found
