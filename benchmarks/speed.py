"""How fast a shipped model tags, with each kernel: `make speed`.

Texts are the written corpus. Each kernel runs in processes of its own, in turns, and the median over the turns counts:
the chooser decides at import, and turns share what else the machine does. One thread unless said.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

import g7classify
from benchmarks import records
from g7classify import registry
from g7classify.learn.dataset import Dataset
from g7classify.tagger import Tagger
from training.build import ROOT, SEEDS

KERNELS = {"c": "yes", "numpy": "no"}
SENTENCES = 12_000
PARAGRAPH = 8  # sentences of a document for tag_many
SINGLES = 2_000
Figures = dict[str, float]


def measure(tagger: Tagger) -> Figures:
    """Sentences a second of each path, and microseconds of single sentences, with the kernel of this process."""
    corpus = Dataset.read(SEEDS)
    texts = random.Random(0).sample(corpus.texts, min(SENTENCES, len(corpus)))
    figures: Figures = {}
    for batch in (1, 32, 1_000, len(texts)):
        part = texts[:SINGLES] if batch == 1 else texts
        name = "all" if batch == len(texts) else str(batch)
        figures[f"predict_proba, batches of {name}"] = rate(partial(in_batches, tagger, part, batch), len(part))
    for language in ("fr", "ja"):
        part = [t for t, own in zip(corpus.texts, corpus.languages, strict=True) if own == language]
        figures[f"predict_proba, {language}"] = rate(partial(tagger.predict_proba, part), len(part))
    figures["predict_proba, 2 threads"] = rate(lambda: in_threads(tagger, texts), len(texts))
    data, offsets = column(texts)
    model, _ = registry.read(str(tagger.id))
    figures["scores_utf8 (Arrow column)"] = rate(lambda: model.scores_utf8(data, offsets), len(texts))
    documents = [" ".join(texts[at : at + PARAGRAPH]) for at in range(0, len(texts), PARAGRAPH)]
    tagged = sum(len(document.sentences) for document in tagger.tag_many(documents))
    figures["tag_many, splitting, typed"] = rate(lambda: sum(1 for _ in tagger.tag_many(documents)), tagged)
    for name, call in (
        ("predict_proba", lambda text: tagger.predict_proba([text])),
        ("tag_sentence", tagger.tag_sentence),
    ):
        took = [seconds(partial(call, text)) * 1e6 for text in texts[:SINGLES]]
        for share in (50, 95, 99):
            figures[f"{name}, one sentence, p{share} us"] = float(np.percentile(took, share))
    return figures


def in_batches(tagger: Tagger, texts: list[str], size: int) -> None:
    """Score texts in batches of a size."""
    for at in range(0, len(texts), size):
        tagger.predict_proba(texts[at : at + size])


def in_threads(tagger: Tagger, texts: list[str]) -> None:
    """Score two halves in two threads."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tagger.predict_proba, (texts[::2], texts[1::2])))


def column(texts: list[str]) -> tuple[bytes, Any]:
    """Data and offsets of an Arrow column of strings."""
    encoded = [text.encode() for text in texts]
    return b"".join(encoded), np.cumsum([0, *map(len, encoded)]).astype(np.int32)


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def rate(call: Callable[[], object], count: int) -> float:
    """Items a second in the best of three calls, after one that warms up."""
    call()
    return count / min(seconds(call) for _ in range(3))


def in_turns(model: str, turns: int) -> dict[str, dict[str, float]]:
    """Medians of every figure, a kernel; a kernel that is not built is left out and said so."""
    found: dict[str, list[Figures]] = {}
    for _ in range(turns):
        for name, wanted in KERNELS.items():
            command = [sys.executable, "-m", "benchmarks.speed", "--model", model, "--here"]
            environment = os.environ | {"G7CLASSIFY_KERNEL": wanted}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
            if done.returncode:
                click.echo(f"kernel {name} was not measured: {done.stderr.strip().splitlines()[-1]}", err=True)
            else:
                found.setdefault(name, []).append(json.loads(done.stdout))
    return {
        name: {key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]}
        for name, runs in found.items()
    }


@click.command()
@click.option("--model", default=lambda: registry.find().name, help="A shipped model.")
@click.option("--turns", default=3, show_default=True, help="Processes a kernel.")
@click.option("--here", is_flag=True, help="Measure the kernel of this process alone and print JSON.")
def main(model: str, turns: int, here: bool) -> None:
    """Print and record the speed of a shipped model."""
    if here:
        click.echo(json.dumps(measure(g7classify.load(model))))
        return
    kernels = in_turns(model, turns)
    table = Table("figure", *kernels, title=f"{model}: sentences a second, and microseconds of single sentences")
    for column_ in table.columns[1:]:
        column_.justify = "right"
    for key in next(iter(kernels.values())):
        table.add_row(key, *(f"{figures[key]:,.0f}" for figures in kernels.values()))
    Console(width=100).print(table)
    figures = {"model": str(registry.find(model).id), "kernels": kernels}
    click.echo(f"written to {records.write('speed', figures).relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
