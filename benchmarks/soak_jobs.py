"""What is done again and again while memory is watched; each call does some more of it and says how much."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path

import pyarrow as pa

import g7classify
from benchmarks import made_documents
from benchmarks.soak_texts import Texts
from g7classify import arrow, registry
from g7classify.documents.reader import Reader
from g7classify.tagger import Tagger

Job = Callable[[], int]
LOOKED_AT = 16  # of so many rounds one is read to the last tag, and written as JSON
READ_AGAIN = 10  # documents that one process parses


def typed(tagger: Tagger, texts: Texts) -> Job:
    """A round through tag_many, by one thread and by two in turns; tells how many sentences were found."""
    rounds = count()

    def work() -> int:
        number = next(rounds)
        found = 0
        for document in tagger.tag_many(texts.round(number), n_jobs=1 + number % 2, probabilities=number % 7 == 0):
            found += len(document.sentences)
            if number % LOOKED_AT == 0:
                document.to_json()
        return found

    return work


def columns(tagger: Tagger, texts: Texts) -> Job:
    """A round through the Arrow path, texts split and now and then taken whole; tells how many sentences there were."""
    rounds = count()

    def work() -> int:
        number = next(rounds)
        kind = (pa.string(), pa.large_string())[number % 3 == 0]
        column = pa.array(texts.round(number), kind)
        if number % 8 == 0:
            return len(arrow.tag(tagger, column))
        return int(arrow.tag_sentences(tagger, column).num_rows)

    return work


def loads(texts: Texts) -> Job:
    """Load a model, by its name or as a file, use it and let it go."""
    own = registry.path(registry.find())
    names = cycle((None, own))
    text = texts.round(0)[0]

    def work() -> int:
        Tagger.load(next(names)).tag(text)
        return 1

    return work


def explanations(tagger: Tagger, texts: Texts) -> Job:
    """Explain a text of at most a thousand characters."""
    rounds = count()
    waiting: list[str] = []

    def work() -> int:
        if not waiting:
            waiting.extend(texts.round(next(rounds)))
        text = waiting.pop()
        tagger.explain(text[:1_000]).to_json()
        return 1

    return work


@contextmanager
def documents(texts: Texts) -> Iterator[Job]:
    """Read files of each kind that we can write, by READ_AGAIN with one Reader."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paragraphs = [" ".join(text.split()) or "-" for text in texts.round(0)[:8]]
        printable = ["".join(c for c in text if c.isprintable() and c < "\ufdd0") or "-" for text in paragraphs]
        (folder / "a.txt").write_text("\n\n".join(paragraphs), encoding="utf-8")
        (folder / "a.md").write_text("# A\n\n" + "\n\n".join(printable), encoding="utf-8")
        (folder / "a.html").write_bytes(made_documents.html(printable))
        (folder / "a.docx").write_bytes(made_documents.docx("".join(map(made_documents.paragraph, printable))))
        (folder / "a.pdf").write_bytes(made_documents.pdf([["The minister announced sanctions today."]]))
        files = cycle(sorted(folder.iterdir()))

        def work() -> int:
            with Reader() as reader:
                for _ in range(READ_AGAIN):
                    reader.read(next(files))
            return READ_AGAIN

        yield work


def tagger_of(model: str | None) -> Tagger:
    """The tagger that all jobs share."""
    return g7classify.load(model)
