"""What an interrupted run left, changed by anybody: it goes on, or is refused; and footers of Parquet files."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from choices import Choices, lengthened
from memory import folder
from refusing import told
from structured import headed

from g7classify.errors import DataError, G7ClassifyError
from g7classify.streaming import checkpoint, footers
from g7classify.streaming.checkpoint import FORMAT, Done, Part
from targets import Mutate

SMOKE, LONGEST = 4000, 900
MADE_OF = {"model": "small@0.1.0", "files": [["a.csv", 10, 1]], "keep": []}
FOOTER = 1
"""The first byte of a footer; of a checkpoint it is another."""


def seeds() -> list[bytes]:
    done = {"file": 0, "row": 3, "rows": 3, "sentences": 4, "nulls": 1, "bad": 1, "first_bad": ["a.csv:2: x"]}
    states = [{"format": FORMAT, "made_of": MADE_OF, "done": done | {"beginning": 2, "sizes": [3, 4]}}]
    states += [
        {"format": FORMAT, "made_of": MADE_OF, "done": {}},
        {"format": 1, "made_of": MADE_OF | {"x": 1}, "done": done},
    ]
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": ["a", "b"], "n": [1, 2]}), sink, store_schema=False)
    content = sink.getvalue()
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    found = [b"\0" + json.dumps(state).encode() for state in states] + [bytes([FOOTER]) + footer]
    return [data for data in found if len(data) <= LONGEST]


def mutated(data: bytes, longest: int, seed: int, mutate: Mutate) -> bytes:
    """JSON stays JSON; a footer is changed as bytes."""
    return mutate(data, longest) if data[:1] == bytes([FOOTER]) else headed(data, longest, seed, mutate)


def one_input(data: bytes) -> None:
    choices = Choices(data)
    if choices.below(2) == FOOTER:
        footer(lengthened(choices.rest()))
        return
    output = folder() / "out.csv"
    part, state = folder() / "out.csv.part", folder() / "out.csv.part.json"
    part.write_bytes(b"x" * 9)
    state.write_bytes(signed(lengthened(choices.rest())))
    try:
        with Part(output, MADE_OF, resume=True) as found:
            done = found.done
            size = done.beginning + sum(done.sizes)
            assert 0 <= size <= 9
            assert all(one > 0 for one in done.sizes)
            assert min(done.file, done.row, done.rows, done.sentences, done.nulls, done.bad) >= 0
            assert all(isinstance(one, str) for one in done.first_bad)
            found.append(b"yy", file=done.file, row=done.row + 1, rows=1, sentences=1, nulls=0, bad=["b"])
            found.finish(b"z")
        assert output.read_bytes() == b"x" * size + b"yyz"
        assert isinstance(done, Done)
    except G7ClassifyError as error:
        told(error)
        assert part.exists() or not state.exists()


def signed(content: bytes) -> bytes:
    """The note with the digest that it should have, or else it would be refused for that alone; one of 16 is not."""
    try:
        state = json.loads(content)
    except (ValueError, RecursionError):
        return content
    if not isinstance(state, dict) or len(content) % 16 == 0:
        return content
    state.pop("sha256", None)
    return json.dumps(state | {"sha256": checkpoint._digest(state)}).encode()


def footer(content: bytes) -> None:
    """Two files of one footer: one that says where both lie, or a refusal."""
    try:
        found = footers.joined([(0, content), (100, content)])
    except DataError as error:
        told(error)
        return
    assert found.endswith(footers.MAGIC)
