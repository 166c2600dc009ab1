"""Streams of more and more sentences in one process, and its memory after each.

Run by scaling.py, a process a stream. It imports no training library, and reads the texts before the first stream, so
that what grows later is what tagging holds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice

import g7classify
from benchmarks import samples, stages
from benchmarks.samples import CORPUS, PARAGRAPH, Sample
from benchmarks.speed_paths import BATCH, column
from benchmarks.turns import Tree, rounded
from g7classify import modelfile, registry
from g7classify.model import Model
from g7classify.tagger import Tagger

CORPUS_SENTENCES = 12_000
FIRST_SENTENCES = 1_000
Stream = Callable[[int], int]


def typed(tagger: Tagger, sample: Sample) -> Stream:
    """A stream of documents through tag_many; tells how many sentences were found."""

    def stream(count: int) -> int:
        documents = islice(cycle(sample.documents), -(-count // PARAGRAPH))
        return sum(len(document.sentences) for document in tagger.tag_many(documents))

    return stream


def arrow(model: Model, sample: Sample) -> Stream:
    """A stream of Arrow columns of at most BATCH sentences."""
    columns = [column(sample.sentences[at : at + BATCH]) for at in range(0, len(sample.sentences), BATCH)]

    def stream(count: int) -> int:
        done = 0
        for data, offsets in cycle(columns):
            if done >= count:
                break
            done += len(model.scores_utf8(data, offsets))
        return done

    return stream


def measure(stream: Stream, most: int) -> Tree:
    """Seconds of streams of 1,000 sentences, 10,000 and so on, and what the process held and holds in MB."""
    stream(FIRST_SENTENCES)
    points: Tree = {}
    count = FIRST_SENTENCES
    while count <= most:
        start = time.perf_counter()
        found = stream(count)
        took = time.perf_counter() - start
        point = {
            "total_seconds": took,
            "sentences_per_second": found / took,
            "peak_memory_mb": stages.peak_bytes() / 1e6,
        }
        now = stages.memory_bytes("VmRSS")
        points[str(count)] = point if now is None else point | {"memory_mb": now / 1e6}
        count *= 10
    return {count: {key: rounded(value) for key, value in point.items()} for count, point in points.items()}


def main(path: str, model: str, most: str) -> None:
    """Print the points of one stream as JSON."""
    sample = samples.read(CORPUS_SENTENCES)[CORPUS]
    if path == "tag_many":
        stream = typed(g7classify.load(model), sample)
    else:
        weights = modelfile.read(registry.path(registry.find(model)))
        stream = arrow(weights, sample)
    print(json.dumps(measure(stream, int(most))))


if __name__ == "__main__":
    main(*sys.argv[1:])
