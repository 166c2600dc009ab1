"""What several threads or processes do with one tagger, and what it gives, to the last bit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from g7classify import arrow, sentences
from g7classify.tagger import Tagger

TEXTS: Final = [
    f"{text} {i}. {text}"
    for i in range(12)
    for text in (
        "La police arrive. Le ministre parle de sanctions!",
        "警察。présidence。",
        "Rien",
        "x" * 3_000 + " terrorisme",
        "Ransomware, " * 300,
        "",
    )
]


def column() -> Any:
    import pyarrow as pa

    return pa.array(TEXTS)


PATHS: Final[dict[str, Callable[[Tagger], str]]] = {
    "tag": lambda tagger: "".join(tagger.tag(text, probabilities=True).to_json() for text in TEXTS),
    "tag_many": lambda tagger: "".join(document.to_json() for document in tagger.tag_many(TEXTS, batch_size=7)),
    "tag_many of two": lambda tagger: "".join(one.to_json() for one in tagger.tag_many(TEXTS, batch_size=7, n_jobs=2)),
    "predict_proba": lambda tagger: digest(tagger.predict_proba(TEXTS)),
    "explain": lambda tagger: "".join(tagger.explain(text).to_json() for text in TEXTS[:6]),
    "split": lambda tagger: digest(*sentences.split_many(TEXTS, language=None)),  # noqa: ARG005  # as all are called
    "arrow.tag": lambda tagger: str(arrow.tag(tagger, column()).to_pylist()),
    "arrow.tag_sentences": lambda tagger: str(arrow.tag_sentences(tagger, column()).to_pylist()),
}


def digest(*arrays: Any) -> str:
    """Of every bit of some arrays."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def all_of(tagger: Tagger, *, first: int = 0) -> dict[str, str]:
    """What every path gives, beginning with one of them."""
    names = list(PATHS)
    return {name: PATHS[name](tagger) for name in names[first:] + names[:first]}


inherited: Tagger | None = None
"""What forked processes find; set before they are."""


def of_inherited(first: int) -> dict[str, str]:
    assert inherited is not None
    return all_of(inherited, first=first)


def of_pickled(given: tuple[Tagger, int]) -> dict[str, str]:
    tagger, first = given
    return all_of(tagger, first=first)
