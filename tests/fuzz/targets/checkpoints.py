"""What an interrupted run left, changed by anybody: it goes on, or is refused."""

from __future__ import annotations

import json

from choices import lengthened
from memory import folder
from refusing import told
from structured import mutated  # noqa: F401  # what the fuzzer calls

from g7classify.errors import G7ClassifyError
from g7classify.streaming import checkpoint
from g7classify.streaming.checkpoint import FORMAT, Done, Part

SMOKE, LONGEST = 4000, 900
MADE_OF = {"model": "small@0.1.0", "files": [["a.csv", 10, 1]], "keep": []}


def seeds() -> list[bytes]:
    done = {"file": 0, "row": 3, "rows": 3, "sentences": 4, "nulls": 1, "bad": 1, "first_bad": ["a.csv:2: x"]}
    states = [{"format": FORMAT, "made_of": MADE_OF, "done": done | {"beginning": 2, "sizes": [3, 4]}}]
    states += [
        {"format": FORMAT, "made_of": MADE_OF, "done": {}},
        {"format": 1, "made_of": MADE_OF | {"x": 1}, "done": done},
    ]
    return [json.dumps(state).encode() for state in states]


def one_input(data: bytes) -> None:
    output = folder() / "out.csv"
    part, state = folder() / "out.csv.part", folder() / "out.csv.part.json"
    part.write_bytes(b"x" * 9)
    state.write_bytes(signed(lengthened(data)))
    try:
        with Part(output, MADE_OF, resume=True) as found:
            done = found.done
            size = done.beginning + sum(done.sizes)
            assert 0 <= size <= 9
            assert all(one > 0 for one in done.sizes)
            assert min(done.file, done.row, done.rows, done.sentences, done.nulls, done.bad) >= 0
            assert all(isinstance(one, str) for one in done.first_bad)
            found.append(b"yy", file=done.file, row=done.row + 1, rows=1, sentences=1, nulls=0, bad=["b"])
            found.finish(lambda _file, _sizes: b"z")
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
