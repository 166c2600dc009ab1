"""Results read back from JSON of anybody's: refused, or sound, and then written as they were read."""

from __future__ import annotations

import json

from choices import Choices, lengthened
from refusing import told
from seeding import TEXTS
from small import TAGGER
from structured import headed as mutated  # noqa: F401  # what the fuzzer calls

from g7classify import explanation, result, results
from g7classify.errors import DataError

SMOKE, LONGEST = 8000, 1500
KINDS: tuple[type[result.Result], ...] = (
    results.Document,
    results.Sentence,
    explanation.Explanation,
    results.Source,
    results.ModelId,
    results.Tag,
)


def seeds() -> list[bytes]:
    short = [text[:60] for text in TEXTS]
    found: list[tuple[int, result.Result]] = []
    for i, text in enumerate(short):
        found += [(0, TAGGER.tag(text[:40], probabilities=i % 2 == 0)), (1, TAGGER.tag_sentence(text[:40]))]
        found += [(2, TAGGER.explain(text[:20], labels=["law"]))]
    found += [(3, results.Source("a.pdf", pages=(0, 4, 4))), (4, TAGGER.id), (5, results.Tag("a.b", "a", 0.5, 0.25))]
    return [data for kind, one in found if len(data := bytes([kind]) + one.to_json().encode()) <= LONGEST]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    kind, content = KINDS[choices.below(6)], lengthened(choices.rest())
    read(kind, content)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return
    try:
        found = kind.from_dict(value)
    except DataError as error:
        told(error)
    else:
        assert kind.from_json(found.to_json()) == found


def read(kind: type[result.Result], content: bytes) -> None:
    try:
        found = kind.from_json(content)
    except DataError as error:
        told(error)
        return
    again = found.to_json()
    assert kind.from_json(again) == found
    assert kind.from_json(again).to_json() == again
    if isinstance(found, results.Document):
        found.rows(), found.tag_rows(), found.labels
        for sentence in found.sentences:
            assert found.text[sentence.start : sentence.end] == sentence.text
            assert all(0 <= tag.probability <= 1 for tag in sentence.tags)
            page = found.page(sentence)
            assert page is None or found.source is not None
