"""Labelled rows in JSONL and JSON, exports of annotation tools among them: read, or refused."""

from __future__ import annotations

import json

from choices import Choices, lengthened
from labelled import reads, rows_hold
from memory import file
from refusing import told
from seeding import exports
from structured import headed as mutated  # noqa: F401  # what the fuzzer calls

from g7classify.codebook import CODEBOOK
from g7classify.errors import G7ClassifyError
from g7classify.learn.dataset import Dataset

SMOKE, LONGEST = 4000, 1600
SUFFIXES = (".jsonl", ".json", ".txt")
TOLD = b"\x0e"
"""The first byte of what is read as its content tells: no suffix, no format, no codebook."""
FORMATS = (None, None, "argilla", "prodigy", "label-studio", "doccano", "spacy")


def seeds() -> list[bytes]:
    """The first records of each export, few enough that a change often hits what matters."""
    found = []
    for name, data in exports():
        if data.startswith(b"{") and name.endswith(".jsonl"):
            found += [TOLD + b"\n".join(data.split(b"\n")[:count]) for count in (1, 2)]
        elif name.endswith(".json"):
            rows = json.loads(data)
            found += [TOLD + json.dumps(rows[:count], ensure_ascii=False).encode() for count in (1, 2)]
    own = '{"text": "警察 a dit.", "labels": ["law"], "id": 1, "lang": "fr", "group": "g"}\n'
    found.append(b"\x00" + own.encode() + b'{"text": "Un", "labels": []}')
    return [data for data in found if len(data) <= LONGEST]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    chosen = choices.below(256)
    suffix, codebook = SUFFIXES[chosen % 3], CODEBOOK if chosen & 64 else None
    options = {"format": FORMATS[chosen % 7], "labels": "labels" if chosen & 128 else None}
    path = file(f"rows{suffix}", content := lengthened(choices.rest()))
    reads(path, content, codebook=codebook, options=options)
    if chosen % 5 == 0:
        in_memory(content)


def in_memory(content: bytes) -> None:
    """The same rows as Python has them."""
    try:
        rows = json.loads(content)
    except (ValueError, RecursionError):
        return
    try:
        rows_hold(Dataset.of(rows, codebook=None))
    except G7ClassifyError as error:
        told(error)
