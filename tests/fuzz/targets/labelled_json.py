"""Labelled rows in JSONL and JSON, exports of annotation tools among them: read, or refused."""

from __future__ import annotations

import json

from choices import Choices
from labelled import is_validated, rows_hold, validated
from memory import file
from refusing import told
from seeding import exports
from structured import headed as mutated  # noqa: F401  # what the fuzzer calls

from g7classify.codebook import CODEBOOK
from g7classify.errors import G7ClassifyError
from g7classify.learn.dataset import Dataset

SMOKE, LONGEST = 4000, 3000
SUFFIXES = (".jsonl", ".json", ".txt")
FORMATS = (None, None, "argilla", "prodigy", "label-studio", "doccano", "spacy")


def seeds() -> list[bytes]:
    files = [data for name, data in exports() if name.endswith((".json", ".jsonl"))]
    found = [b"\x02" + data[: data.rfind(b"\n", 0, LONGEST)] for data in files if data.startswith(b"{")]
    for data in files:
        if data.startswith(b"["):
            rows = json.loads(data)
            while len(kept := json.dumps(rows, ensure_ascii=False).encode()) >= LONGEST:
                rows.pop()
            found.append(b"\x02" + kept)
    own = '{"text": "警察 a dit.", "labels": ["law"], "id": 1, "lang": "fr", "group": "g"}\n'
    return [*found, b"\x00" + own.encode() + b'{"text": "Un", "labels": []}']


def one_input(data: bytes) -> None:
    choices = Choices(data)
    chosen = choices.below(256)
    suffix, codebook = SUFFIXES[chosen % 3], CODEBOOK if chosen & 64 else None
    options = {"format": FORMATS[chosen % 7], "labels": "labels" if chosen & 128 else None}
    path = file(f"rows{suffix}", content := choices.rest())
    try:
        rows_hold(Dataset.read(path, codebook=codebook, **options))
        read = True
    except G7ClassifyError as error:
        told(error)
        read = False
    if is_validated(content):
        validated(path, read=read, codebook=codebook, options=options)
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
