"""Measures every path of one tagger, with the kernel of this process.

The plain pass is the practical limit: canonical form, tokens and hashes, without a look-up. A kernel cannot be asked
for words alone, so it takes what comes nearest: words, the n-grams of 8 characters that only long words have, and the
single characters of unspaced runs. Every other path is also told as a share of it, in bytes of the same texts in one
thread; a path of two threads may reach more than 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice
from typing import Any

import numpy as np

from benchmarks.samples import CORPUS, Sample, size_bytes
from benchmarks.turns import Tree, best, seconds
from g7classify import kernel
from g7classify.model import Model
from g7classify.results import Document
from g7classify.tagger import Tagger

PLAIN = "plain pass"
BATCH = 1_000
BATCHES = (1, 32, 100_000)
SINGLES = 2_000
PERCENTILES = (50, 95, 99)
Column = tuple[bytes, Any]


def plain(texts: Sequence[str]) -> object:
    """Tokenise and hash, and no more."""
    return kernel.keys(texts, pairs=False, characters=(8, 8), unspaced=(1, 1), repeats=False)


def measure(tagger: Tagger, model: Model, samples: dict[str, Sample]) -> Tree:
    """Speed of the paths by kind of text; the written corpus goes through more of them."""
    found: Tree = {}
    for kind, sample in samples.items():
        limit = sample.size_bytes / best(partial(plain, sample.sentences))  # bytes a second
        found[kind] = common(tagger, model, sample, limit)
        if kind == CORPUS:
            found[kind] |= batches(tagger, sample, limit) | threads(tagger, model, sample, limit)
            found[kind] |= latency(tagger, sample.sentences[:SINGLES])
    return found


def speed(took: float, sentences: int, size: int, limit: float) -> Tree:
    """Sentences and bytes that took so many seconds."""
    return {
        "sentences_per_second": sentences / took,
        "megabytes_per_second": size / took / 1e6,
        "share_of_plain": size / took / limit,
    }


def common(tagger: Tagger, model: Model, sample: Sample, limit: float) -> Tree:
    """The paths that every kind of text goes through."""
    n, size = len(sample.sentences), sample.size_bytes
    found: Tree = {PLAIN: speed(size / limit, n, size, limit)}
    in_batches = partial(array, tagger, sample.sentences, BATCH)
    found[f"predict_proba, batches of {BATCH:,}"] = speed(best(in_batches), n, size, limit)
    in_column = partial(arrow, model, column(sample.sentences))
    found["scores_utf8 (Arrow column)"] = speed(best(in_column), n, size, limit)
    tagged = sum(len(document.sentences) for document in tagger.tag_many(sample.documents))
    size = size_bytes(sample.documents)
    for name, use in USES.items():
        call = partial(stream, tagger, sample.documents, use, n_jobs=1)
        found[f"tag_many, {name}"] = speed(best(call), tagged, size, limit)
    return found


def batches(tagger: Tagger, sample: Sample, limit: float) -> Tree:
    """The array path in other batches; the corpus is read again and again to fill a large one."""
    found = {}
    for batch in BATCHES:
        count = min(SINGLES, len(sample.sentences)) if batch == 1 else max(batch, len(sample.sentences))
        texts = list(islice(cycle(sample.sentences), count))
        took = best(partial(array, tagger, texts, batch))
        found[f"predict_proba, batches of {batch:,}"] = speed(took, count, size_bytes(texts), limit)
    return found


def threads(tagger: Tagger, model: Model, sample: Sample, limit: float) -> Tree:
    """Two halves in two threads."""
    n, size = len(sample.sentences), sample.size_bytes
    halves = [sample.sentences[half::2] for half in (0, 1)]
    columns = [column(half) for half in halves]
    with ThreadPoolExecutor(2) as pool:
        in_batches = best(lambda: list(pool.map(lambda half: array(tagger, half, BATCH), halves)))
        in_columns = best(lambda: list(pool.map(lambda half: arrow(model, half), columns)))
    tagged = sum(len(document.sentences) for document in tagger.tag_many(sample.documents))
    took = best(partial(stream, tagger, sample.documents, counted, n_jobs=2))
    return {
        f"predict_proba, batches of {BATCH:,}, 2 threads": speed(in_batches, n, size, limit),
        "scores_utf8 (Arrow column), 2 threads": speed(in_columns, n, size, limit),
        "tag_many, documents counted, n_jobs=2": speed(took, tagged, size_bytes(sample.documents), limit),
    }


def latency(tagger: Tagger, texts: Sequence[str]) -> Tree:
    """Microseconds of single sentences, warm."""
    calls: dict[str, Callable[[str], object]] = {
        PLAIN: lambda text: plain([text]),
        "predict_proba": lambda text: tagger.predict_proba([text]),
        "tag_sentence": tagger.tag_sentence,
    }
    found: Tree = {}
    for name, call in calls.items():
        for text in texts[:100]:
            call(text)
        took = [seconds(partial(call, text)) * 1e6 for text in texts]
        at = np.percentile(took, PERCENTILES).tolist()
        found[f"one sentence, {name}"] = {f"p{p}_us": value for p, value in zip(PERCENTILES, at, strict=True)}
    return found


def array(tagger: Tagger, texts: Sequence[str], size: int) -> None:
    """Probabilities of texts in batches of a size."""
    for at in range(0, len(texts), size):
        tagger.predict_proba(texts[at : at + size])


def column(texts: Sequence[str]) -> Column:
    """Data and offsets of an Arrow column of strings."""
    encoded = [text.encode() for text in texts]
    return b"".join(encoded), np.cumsum([0, *map(len, encoded)]).astype(np.int32)


def arrow(model: Model, texts: Column) -> object:
    """Scores of a column."""
    return model.scores_utf8(*texts)


def counted(_: Document) -> None:
    """Leave a document alone."""


def labels_read(document: Document) -> None:
    """Read the labels of every sentence."""
    for sentence in document.sentences:
        sentence.labels  # noqa: B018


def as_dict(document: Document) -> None:
    """Turn a document into plain dicts."""
    document.to_dict()


USES: dict[str, Callable[[Document], None]] = {
    "documents counted": counted,
    "labels read": labels_read,
    "to_dict": as_dict,
}


def stream(tagger: Tagger, documents: Sequence[str], use: Callable[[Document], None], *, n_jobs: int) -> None:
    """Split and tag documents, and use each."""
    for document in tagger.tag_many(documents, n_jobs=n_jobs):
        use(document)
