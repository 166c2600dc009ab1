"""Measure the sentence splitter beside its peers: exact golden cases, recovered boundaries, speed.

Run as ``python -m benchmarks.splitting [--corpus PATH]`` with the extra ``bench``. All splitters read the same texts in
the same run, and each is told the language.

Golden cases are the project's own (tests/data/sentences); a case counts when every sentence is exact, white space
aside. The peers follow their own conventions on quotations, headings and list items, so read their score as agreement.
Recovery joins eight consecutive sentences of news and documents of one language of the labelled corpus with a space
(none in Japanese) and scores the inner boundaries: precision, recall, F1 (range 0 to 1). Headlines and other rows
without a final stop are left out, since a space hides where they end. No rule was tuned on these genres.
"Wrapped" is the F1 on the same paragraphs broken into lines of 76 columns.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import textwrap
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypedDict

from rich.console import Console
from rich.table import Table

from benchmarks import records
from g7classify import _sentences
from g7classify.characters import CLOSERS, SPACES, STOPS
from g7classify.languages import LANGUAGES, by_code
from g7classify.sentences import split

ROOT: Final = Path(__file__).parents[1]
GOLDEN: Final = ROOT / "tests" / "data" / "sentences"
RECOVERY_GENRES: Final = frozenset({"news", "document"})
PARAGRAPH: Final = 8
"""Sentences in a composed paragraph."""
COLUMNS: Final = 76
"""Columns of a wrapped paragraph; a Japanese character takes two."""
SECONDS: Final = 1.5
"""Least time that one speed is measured over; the best pass counts."""
SPEED_PARAGRAPHS: Final = 50
"""Paragraphs for the speed of every splitter, some 50 kB: pysbd takes seconds for them."""

Splitter = Callable[[str], list[str]]


class Row(TypedDict):
    """The figures of one splitter on one language."""

    splitter: str
    language: str
    tuned_exact: int
    tuned_cases: int
    held_out_exact: int
    held_out_cases: int
    precision: float
    recall: float
    f1: float
    wrapped_f1: float
    boundaries: int
    megabytes_per_second: float
    errors: int


class Report(TypedDict):
    """The figures of benchmarks/results/splitting.json."""

    versions: dict[str, str]
    unavailable: dict[str, str]
    rows: list[Row]


def ours(language: str) -> Splitter:
    return lambda text: [text[start:end] for start, end in split(text, language=language)]


def readable_splitter(language: str) -> Splitter:
    table = by_code(language)
    return lambda text: [text[start:end] for start, end in _sentences.split(text, table)]


def sentencex_splitter(language: str) -> Splitter:
    import sentencex

    return lambda text: list(sentencex.segment(language, text))


def pysbd_splitter(language: str) -> Splitter:
    import pysbd

    segmenter = pysbd.Segmenter(language=language, clean=False)
    return lambda text: list(segmenter.segment(text))


SPLITTERS: Final[dict[str, Callable[[str], Splitter]]] = {
    "g7classify": ours,
    "g7classify, not compiled": readable_splitter,
    "sentencex": sentencex_splitter,
    "pysbd": pysbd_splitter,
}


def bare(text: str) -> str:
    """Return a text without its white space: so boundaries compare whoever keeps the space."""
    return "".join(text.split())


def is_stopped(text: str) -> bool:
    """Say whether a text ends with a stop, closing marks aside."""
    return text.rstrip(CLOSERS + SPACES)[-1:] in tuple(STOPS)


def boundaries(sentences: Iterable[str]) -> set[int]:
    """Return where sentences end, counted in visible code points; empty sentences end nothing."""
    ends: set[int] = set()
    at = 0
    for sentence in sentences:
        at += len(bare(sentence))
        ends.add(at)
    return ends


class Attempts:
    """Runs a splitter and counts its failures, each of which is scored as one whole sentence."""

    def __init__(self, splitter: Splitter) -> None:
        self.splitter = splitter
        self.errors = 0

    def __call__(self, text: str) -> list[str]:
        """Return the sentences of a text."""
        try:
            return self.splitter(text)
        except Exception:  # whatever a peer raises is a figure here
            self.errors += 1
            return [text]


def golden_score(attempt: Attempts, language: str) -> dict[bool, list[int]]:
    """Return exact cases and all cases, apart for those that are held out (True) and those that are not."""
    score = {False: [0, 0], True: [0, 0]}
    for case in json.loads((GOLDEN / f"{language}.json").read_text(encoding="utf-8")):
        found = [bare(sentence) for sentence in attempt(case["text"])]
        held_out = bool(case.get("held_out", False))
        score[held_out][0] += [part for part in found if part] == [bare(part) for part in case["sentences"]]
        score[held_out][1] += 1
    return score


def compose(sentences: Sequence[str], language: str) -> str:
    """Return a paragraph on one line."""
    return ("" if language == "ja" else " ").join(sentences)


def wrap(text: str, language: str) -> str:
    """Return a paragraph in lines; Japanese breaks between any two characters."""
    if language == "ja":
        return "\n".join(text[at : at + COLUMNS // 2] for at in range(0, len(text), COLUMNS // 2))
    return textwrap.fill(text, COLUMNS, break_long_words=False, break_on_hyphens=False)


def recovery(attempt: Attempts, paragraphs: Iterable[tuple[Sequence[str], str]]) -> tuple[float, float, float, int]:
    """Return precision, recall, F1 and the number of true inner boundaries of (sentences, their paragraph)."""
    hits = proposed = true = 0
    for sentences, text in paragraphs:
        expected, found = boundaries(sentences), boundaries(attempt(text))
        last = {len(bare(text))}
        hits += len((expected & found) - last)
        proposed += len(found - last)
        true += len(expected - last)
    return hits / max(proposed, 1), hits / max(true, 1), 2 * hits / max(proposed + true, 1), true


def speed(attempt: Attempts, texts: Sequence[str]) -> float:
    """Return megabytes (10**6 bytes of UTF-8) a second of the best of several passes."""
    size = sum(len(text.encode()) for text in texts)
    best, begun = float("inf"), time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        start = time.perf_counter()
        for text in texts:
            attempt(text)
        best = min(best, time.perf_counter() - start)
    return size / best / 1e6


def read_corpus(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return (genre, text) of every row of the .jsonl files of a folder, in order, by language."""
    rows: dict[str, list[tuple[str, str]]] = {language.code: [] for language in LANGUAGES}
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if row["lang"] in rows:
                    rows[row["lang"]].append((row["genre"], row["text"]))
    if not any(rows.values()):
        raise SystemExit(f"no row of a supported language in {folder}; give a folder of .jsonl files with --corpus")
    return rows


def group(sentences: Sequence[str]) -> list[Sequence[str]]:
    return [sentences[at : at + PARAGRAPH] for at in range(0, len(sentences), PARAGRAPH)]


def measure(corpus: dict[str, list[tuple[str, str]]]) -> Report:
    """Run every splitter that is installed on every language."""
    report: Report = {
        "versions": {},
        "unavailable": {},
        "rows": [],
    }
    for name, make in SPLITTERS.items():
        try:
            make("en")
            report["versions"][name] = importlib.metadata.version(name.partition(",")[0])
        except (ImportError, importlib.metadata.PackageNotFoundError) as error:
            report["unavailable"][name] = str(error)
            continue
        for code, rows in corpus.items():
            recovered = group([text for genre, text in rows if genre in RECOVERY_GENRES and is_stopped(text)])
            timed = [compose(sentences, code) for sentences in group([text for _, text in rows])][:SPEED_PARAGRAPHS]
            attempt = Attempts(make(code))
            golden = golden_score(attempt, code)
            composed = [(sentences, compose(sentences, code)) for sentences in recovered]
            precision, recall, f1, true = recovery(attempt, composed)
            wrapped = recovery(attempt, [(sentences, wrap(text, code)) for sentences, text in composed])
            errors = attempt.errors
            report["rows"].append(
                {
                    "splitter": name,
                    "language": code,
                    "tuned_exact": golden[False][0],
                    "tuned_cases": golden[False][1],
                    "held_out_exact": golden[True][0],
                    "held_out_cases": golden[True][1],
                    "precision": round(precision, 4),
                    "recall": round(recall, 4),
                    "f1": round(f1, 4),
                    "wrapped_f1": round(wrapped[2], 4),
                    "boundaries": true,
                    "megabytes_per_second": round(speed(attempt, timed), 3),
                    "errors": errors,
                }
            )
    return report


def show(report: Report, console: Console) -> None:
    """Print a report as a table."""
    table = Table(title=f"Sentence splitting, {records.processor()}")
    for heading in ("language", "splitter"):
        table.add_column(heading)
    for heading in ("golden", "held out", "precision", "recall", "F1", "wrapped", "MB/s", "errors"):
        table.add_column(heading, justify="right")
    for row in sorted(report["rows"], key=lambda row: [language.code for language in LANGUAGES].index(row["language"])):
        table.add_row(
            row["language"],
            row["splitter"],
            f"{row['tuned_exact']}/{row['tuned_cases']}",
            f"{row['held_out_exact']}/{row['held_out_cases']}",
            f"{row['precision']:.3f}",
            f"{row['recall']:.3f}",
            f"{row['f1']:.3f}",
            f"{row['wrapped_f1']:.3f}",
            f"{row['megabytes_per_second']:.2f}",
            str(row["errors"]),
        )
    console.print(table)
    for name, why in report["unavailable"].items():
        console.print(f"{name} is not installed ({why}); pip install 'g7classify[bench]'")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.splitting", description="Measure the sentence splitter."
    )
    parser.add_argument("--corpus", type=Path, default=ROOT / "seeds" / "labelled", help="folder of .jsonl files")
    options = parser.parse_args(arguments)
    report = measure(read_corpus(options.corpus))
    records.write("splitting", dict(report))
    show(report, Console())


if __name__ == "__main__":
    main()
