"""What texts that were made to cost much cost beside ordinary text of the same size: `make linear`.

Work is counted, as basic blocks entered (counted.py), not timed:

    split          the splitter on the text as one
    keys           the features of the text as one, its canonical form included
    scores         the scores of the text as one
    scores_utf8    the same from UTF-8, the check of its bytes included
    tag            what `tag` does: split, then scores and probabilities of each sentence

No text may cost more than MOST times as much as ordinary text does that has as many bytes, or, for `tag`, as many
sentences: each sentence has its 38 probabilities, so text that is all short sentences costs what they cost. The
splitter reads ordinary text at some 500 MB/s, because little of it can end a sentence; where every other byte can, it
takes up to 22 times as long, and may take MOST times what tagging ordinary text takes in all. And four times the text
may cost no more than LINEAR times as much. Then pieces of text are varied at random for those that cost most.

What is done in Python and NumPy, `explain` and the readable twins, is timed, at two sizes; so is all that `tag` does.
Times say little on a busy machine, and decide nothing.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

import click

from benchmarks import linear_texts, records
from benchmarks.counted import Counted, Prepared, Work, is_possible
from g7classify import Tagger, _fallback, _sentences, _tables, characters, modelfile, registry
from g7classify.model import Model

MOST = 3.0
LINEAR = 4.5
SEARCHED = 1 << 13  # bytes of a text that the search tries
TIMED = 1 << 15  # bytes of the larger text that is timed


def sentences_of(counted: Counted, text: str) -> int:
    """How many sentences a text has."""
    return len(counted.splitter.split_texts([text], -1)[2])


def allowed(entry: str, ordinary: dict[str, int], ordinary_sentences: int, sentences: int) -> float:
    """How much work a text may cost that has as many bytes as the ordinary one."""
    if entry == "split":
        return MOST * ordinary["tag"]
    return MOST * ordinary[entry] * max(1.0, sentences / ordinary_sentences if entry == "tag" else 1.0)


def measure(counted: Counted, entries: dict[str, Prepared], size: int) -> tuple[dict[str, Any], list[str]]:
    """Work of every text beside ordinary text, and what is more than may be."""
    text = linear_texts.ordinary(size)
    smaller = linear_texts.adversarial(size // 4)
    ordinary = {name: counted.blocks(work, text) for name, work in entries.items()}
    ordinary_sentences = sentences_of(counted, text)
    rows: dict[str, Any] = {}
    broken = []
    for name, made in linear_texts.adversarial(size).items():
        sentences = sentences_of(counted, made)
        row: dict[str, float] = {"sentences": sentences}
        for entry, work in entries.items():
            blocks, fewer = counted.blocks(work, made), counted.blocks(work, smaller[name])
            row[entry] = round(blocks / ordinary[entry], 2)
            row[f"{entry}, four times the text"] = round(blocks / fewer, 2)
            if blocks > allowed(entry, ordinary, ordinary_sentences, sentences) or blocks > LINEAR * fewer:
                broken.append(f"{name}: {entry}")
        rows[name] = row
    return {
        "blocks of ordinary text": ordinary,
        "sentences of ordinary text": ordinary_sentences,
        "times": rows,
    }, broken


def search(counted: Counted, work: Prepared, tries: int, seed: int) -> tuple[float, str]:
    """Vary a piece of text, keep what costs more: blocks a byte of the worst, and the worst."""
    chance = random.Random(seed)
    marks = sorted(set("".join(_tables._MARKS) + characters.SPACES + characters.BREAKS + characters.STOPS + "aAzé1警ｶ"))
    words = ["M.", "Art.", "z.", "3.", "Le", "der", "the", "p.", "IV", "EE.", "12"]
    worst, piece = 0.0, "a. "
    made = work()  # once: a Table takes longer than such a text
    for _ in range(tries):
        tried = list(piece)
        for _ in range(chance.randint(1, 3)):
            at = chance.randint(0, len(tried))
            tried[at : at + chance.randint(0, 2)] = [
                chance.choice(chance.choice((marks, marks, words)))
            ] * chance.randint(0, 2)
        if not any(tried[:16]):
            continue
        text = linear_texts.cut("".join(tried[:16]) * SEARCHED, SEARCHED)
        cost = counted.blocks(lambda: made, text) / len(text.encode())
        if cost > worst:
            worst, piece = cost, "".join(tried[:16])
    return worst, piece


def timed(model: Model) -> dict[str, float]:
    """The longest time that four times the text takes, in Python and NumPy, beside the text; a few texts."""
    tagger = Tagger(model)
    spec = model.spec
    options: dict[str, Any] = {
        "pairs": spec.pairs,
        "characters": spec.characters,
        "unspaced": spec.unspaced,
        "repeats": spec.repeats,
    }
    works: dict[str, Work] = {
        "explain": lambda text: tagger.explain(text, labels=[tagger.labels[0]]),
        "split, readable": lambda text: _sentences.split_texts([text], -1),
        "keys, readable": lambda text: _fallback.keys([text], **options),
    }
    found = dict.fromkeys(works, 0.0)
    large, small = linear_texts.adversarial(TIMED), linear_texts.adversarial(TIMED // 4)
    for name in ("one word", "spaces", "initials", "lines of a clause", "ideographs", "words of six letters", "quotes"):
        for entry, work in works.items():
            found[entry] = max(found[entry], round(seconds(work, large[name]) / seconds(work, small[name]), 1))
    return found


def tagging(model: Model, size: int) -> dict[str, dict[str, float]]:
    """Seconds that `tag` takes, the making of its sentences included, of ordinary text and of what costs most."""
    tagger, made = Tagger(model), linear_texts.adversarial(size) | {"ordinary": linear_texts.ordinary(size)}
    found = {}
    for name in ("ordinary", "ideographs", "words of six letters", "initials", "short sentences", "letters apart"):
        found[name] = {
            "sentences": len(tagger.tag(made[name]).sentences),
            "seconds": round(seconds(tagger.tag, made[name]), 3),
        }
    return found


def seconds(work: Work, text: str) -> float:
    """The best of three times, of the processor."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work(text)
        best = min(best, time.process_time() - begun)
    return best


@click.command(help=__doc__.split("\n", 1)[0])
@click.option("--size", default=1 << 20, show_default=True, help="Bytes of each text.")
@click.option("--tries", default=400, show_default=True, help="Pieces of text that the search tries for each entry.")
@click.option("--record", is_flag=True, help="Write benchmarks/results/linear_time.json.")
def main(size: int, tries: int, record: bool) -> None:
    if not is_possible():
        print(json.dumps({"skipped": "counting takes Linux and gcc"}))
        return
    model, counted = modelfile.read(registry.path(registry.find())), Counted()
    entries = counted.entries(model)
    found, broken = measure(counted, entries, size)
    of_ordinary = {name: blocks / size for name, blocks in found["blocks of ordinary text"].items()}
    searched = {}
    for name, work in entries.items():
        worst, piece = search(counted, work, tries, seed=0)
        searched[name] = {"times": round(worst / of_ordinary[name], 2), "piece": piece}
    times = found["times"]
    worst_of = {entry: max(times, key=lambda name, entry=entry: times[name][entry]) for entry in entries}  # type: ignore[misc]
    figures = {
        "bytes": size,
        "texts": len(times),
        "broken": broken,
        "worst": {entry: {"text": name, "times": times[name][entry]} for entry, name in worst_of.items()},
        "four times the text": max(row[f"{entry}, four times the text"] for row in times.values() for entry in entries),
        "searched": searched,
        "four times the text, seconds": timed(model),
        "tagging": tagging(model, size),
        **found,
    }
    if record:
        records.write("linear_time", figures)
    worst_told = ", ".join(f"{entry} {of['times']}x ({of['text']})" for entry, of in figures["worst"].items())
    print(f"searched: {json.dumps(searched, ensure_ascii=False)}")
    print(f"{len(times)} texts of {size} bytes: {worst_told}; broken: {broken or 'none'}")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
