"""Measure what takes the text out of PDF, HTML and DOCX files. `make extraction`, or a quick look with `--rows 40`.

Files are made of paragraphs of the written corpus, so that their right text is known. A candidate's text is split into
sentences by g7classify, as its users would have it: F1 (0..1) of sentences that are the same but for white space.
PDF: French, German, English and Japanese, each on plain pages and on pages of two columns with broken words, running
heads and page numbers. HTML: an article, and a page of a table and a list, both with navigation and script, in two
encodings. DOCX: paragraphs and a table, and what Word adds: an accepted change, a content control, a text box, a note.
The rules of g7classify were made while looking at such files: its figures are the best case, the others' are not.

Hostile pages, each of 300 kB: nested blocks, attributes, and formatting that each paragraph opens anew. A candidate has
10 seconds and 2 GB in a process of its own for each.

Size is of what is installed beside g7classify and its own needs. Nothing is recorded without all candidates, or of
fewer rows.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks import made_documents, records
from benchmarks.extractors import CANDIDATES, Candidate
from benchmarks.made_documents import JAPANESE, Look
from benchmarks.samples import SEEDS
from benchmarks.turns import best, fresh, rounded, spread
from g7classify.learn.cards import markdown
from g7classify.learn.cards.markdown import number
from g7classify.sentences import split

ROWS: Final = 400
PARAGRAPH: Final = 4
TURNS: Final = 5
HOSTILE_BYTES: Final = 300_000
HOSTILE_SECONDS: Final = 10
CLOCKED: Final = "import time; start = time.perf_counter(); import {}; print((time.perf_counter() - start) * 1e3)"
ONE: Final = (
    "import resource, sys; from pathlib import Path; from benchmarks.extractors import CANDIDATES;"
    "resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000,) * 2);"
    "(one,) = (one for one in CANDIDATES['HTML'] if one.name == sys.argv[1]);"
    "print('end' in one.extract(Path(sys.argv[2]).read_bytes()))"
)


def paragraphs(language: str, rows: int) -> list[str]:
    """Paragraphs of several sentences of the written corpus, in characters that Windows-1252 has, but for Japanese."""
    texts = []
    for line in (SEEDS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        if text.endswith((".", "。")) and "- " not in text:  # no paragraph is to end in its middle
            texts.append(text if language == "ja" else text.encode("cp1252", "ignore").decode("cp1252"))
    joint = "" if language == "ja" else " "
    return [joint.join(texts[at : at + PARAGRAPH]) for at in range(0, min(rows, len(texts)), PARAGRAPH)]


def files(kind: str, rows: int) -> Iterator[tuple[str, bytes, list[str]]]:
    """Language, content and right paragraphs of every file of a kind."""
    for language in ("fr", "de", "en", "ja"):
        texts = paragraphs(language, rows)
        if kind == "PDF":
            font = JAPANESE if language == "ja" else "Helvetica"
            for look in (Look(font=font), Look(columns=2, hyphens=language != "ja", head="Report 2024", font=font)):
                yield language, made_documents.pdf([texts], look, flow=True), texts
        elif kind == "HTML":
            menu = ["Home", "Contact", "About us"]
            other = "shift_jis" if language == "ja" else "iso-8859-1"
            yield language, made_documents.html(texts, around=menu), texts
            short = [text for paragraph in texts[:20] for text in sentences(paragraph, language)]
            yield language, made_documents.html(short, encoding=other, around=menu, table=True), short
        else:
            yield language, made_documents.docx("".join(map(made_documents.paragraph, texts))), texts
            yield language, made_documents.word(texts[:7]), texts[:7]


def sentences(text: str, language: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in split(text, language=language)]


def bare(texts: list[str]) -> Counter[str]:
    """Texts without white space, and how often each comes."""
    return Counter("".join(text.split()) for text in texts)


def f1(candidate: Candidate, made: list[tuple[str, bytes, list[str]]]) -> float:
    """Of the sentences of all files, each file weighing the same; a file on which it fails counts 0."""
    total = 0.0
    for language, content, texts in made:
        try:
            found = bare(sentences(candidate.extract(content), language))
        except Exception:  # whatever a candidate raises is a figure here
            continue
        right = bare([sentence for text in texts for sentence in sentences(text, language)])
        total += 2 * (found & right).total() / (found.total() + right.total())
    return total / len(made)


def installed(distribution: str) -> set[str]:
    """A distribution and all that it needs, extras aside, by normalised name."""
    found: set[str] = set()
    left = [distribution]
    while left:
        name = re.sub(r"[-_.]+", "-", left.pop()).lower()
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # of another platform or Python
            continue
        if name not in found:
            found.add(name)
            left += [re.split(r"[^A-Za-z0-9._-]", need)[0] for need in needs if "extra ==" not in need]
    return found


def size_mb(distribution: str) -> float:
    """Megabytes (10**6) of a distribution and of what it needs, without what g7classify itself needs."""
    needed = installed(distribution) - installed("g7classify")
    paths = [path for name in needed for path in importlib.metadata.files(name) or []]
    return sum(Path(str(path.locate())).stat().st_size for path in paths if Path(str(path.locate())).exists()) / 1e6


def hostile() -> dict[str, bytes]:
    """Pages that are made to hurt, of some HOSTILE_BYTES each."""
    n = HOSTILE_BYTES
    return {
        "nested blocks": b"<div>" * (n // 5) + b"end",
        "attributes": b"<p " + b" ".join(b"a%d=1" % i for i in range(n // 9)) + b">end",
        "formatting": b"".join(b"<p><b a=%d>" % i for i in range(n // 15)) + b"end",
    }


def survived(candidate: Candidate, folder: Path) -> int:
    """On how many hostile pages it tells the text in bounded time and memory."""
    count = 0
    for name, content in hostile().items():
        path = folder / f"{name}.html"
        path.write_bytes(content)
        try:
            done = subprocess.run(
                [sys.executable, "-c", ONE, candidate.name, str(path)],
                capture_output=True,
                timeout=HOSTILE_SECONDS,
                check=False,
                cwd=records.ROOT,
            )
            count += done.stdout == b"True\n"
        except subprocess.TimeoutExpired:
            continue
    return count


def measure(kind: str, rows: int, folder: Path) -> dict[str, Any]:
    """The figures of every candidate of a kind that is installed."""
    made = list(files(kind, rows))
    _, content, _ = made[0]
    pages = pages_of(kind, content)
    figures: dict[str, Any] = {}
    for one in CANDIDATES[kind]:
        try:
            about = importlib.metadata.metadata(one.distribution) if one.distribution else None
        except importlib.metadata.PackageNotFoundError:
            continue
        starts = [float(fresh([sys.executable, "-c", CLOCKED.format(one.module)]).stdout) for _ in range(TURNS)]
        figures[one.name] = {
            "version": about["Version"] if about else "",
            "licence": licence(about) if about else "PSF",
            "installed_mb": rounded(size_mb(one.distribution)) if about else 0.0,
            "import_ms": spread(starts),
            "page_ms": rounded(best(lambda one=one: one.extract(content)) * 1e3 / pages),  # type: ignore[misc]
            "sentence_f1": rounded(f1(one, made)),
        } | ({"survived": survived(one, folder), "hostile": len(hostile())} if kind == "HTML" else {})
    return figures


def pages_of(kind: str, content: bytes) -> float:
    """Pages of the file that is timed; of what has none, 3,000 characters of text make one."""
    if kind == "PDF":
        from pypdfium2 import PdfDocument

        return float(len(PdfDocument(content)))
    return len(CANDIDATES[kind][0].extract(content)) / 3_000


def licence(about: Any) -> str:
    """What a distribution tells of its licence, in short."""
    told = about["License-Expression"] or about["License"] or ""
    classifiers = [one.split(" :: ")[-1] for one in about.get_all("Classifier") or [] if one.startswith("License")]
    return str(told if 0 < len(told) < 60 else "; ".join(classifiers) or "not told")


def table() -> str:
    """Candidates for the text of documents beside each other."""
    lines = [
        [
            f"{kind}: {name} {one['version']}".rstrip(),
            number(one["sentence_f1"]),
            f"{one['page_ms']:.3g}",
            f"{one['import_ms']['median']:.0f}",
            f"{one['installed_mb']:.1f}",
            one["licence"],
            f"{one['survived']} of {one['hostile']}" if "survived" in one else "",
        ]
        for kind, found in records.read("extraction").items()
        for name, one in found.items()
    ]
    head = ["candidate", "F1 of sentences", "ms a page", "import, ms", "installed, MB", "licence", "hostile pages"]
    return markdown.table(head, lines)


@click.command()
@click.option("--rows", type=click.IntRange(min=8), default=ROWS, show_default=True, help="Of each language.")
def main(rows: int) -> None:
    """Measure what takes the text out of documents."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        figures = {kind: measure(kind, rows, Path(folder)) for kind in CANDIDATES}
    shown = Table("format", "candidate", "F1 of sentences", "ms a page", "import, ms", "MB", "licence", "hostile pages")
    for kind, name, one in ((kind, name, one) for kind, found in figures.items() for name, one in found.items()):
        numbers = (one["sentence_f1"], one["page_ms"], one["import_ms"]["median"], one["installed_mb"])
        pages = f"{one['survived']} of {one['hostile']}" if "survived" in one else ""
        shown.add_row(kind, f"{name} {one['version']}", *map(str, numbers), one["licence"], pages)
    Console().print(shown)
    if rows == ROWS and all(len(figures[kind]) == len(CANDIDATES[kind]) for kind in CANDIDATES):
        click.echo(f"wrote {records.write('extraction', figures)}")
    else:
        click.echo("not recorded: fewer rows, or a candidate is missing: pip install 'g7classify[bench]'")


if __name__ == "__main__":
    main()
