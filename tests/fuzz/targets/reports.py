"""Tables, Markdown, CSV and JSONL of results that hold anything: a hostile text, label, file or model stays text."""

from __future__ import annotations

import csv
import io
import json
import re

from choices import Choices, is_text
from seeding import TEXTS
from small import TAGGER

from g7classify import report
from g7classify.explanation import Explanation, LabelExplanation, WordContribution
from g7classify.results import Document, ModelId, Sentence, Source, Tag

SMOKE, LONGEST = 1500, 250
WORDS = (b"\x1b[2J", b"\x9b", b"\r\n", b"\xe2\x80\xae", b"=cmd|", b"'=", b"<img src=x>", b"](", b"```", b"|", b"[red]")
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What moves a cursor, ends a line, or turns the direction of what stands around it."""
MARKUP = re.compile(r"(?<!\\)(?:\\\\)*[`*_\[\]<>|#~]")


def seeds() -> list[bytes]:
    found = []
    for i, text in enumerate(TEXTS):
        parts = [part.encode()[:60] for part in (text, text[5:], text[::-1], text[3:20])]
        found.append(bytes([i * 17]) + b"".join(bytes([len(part)]) + part for part in parts))
    steering = b"".join(bytes([len(part)]) + part for part in [b"a\x1b[2J\xc2\x9b \xe2\x80\xae|=`<b>"] * 4)
    return [*found, *(bytes([kind << 5]) + steering for kind in range(8))]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    options = choices.below(256)
    text, name, label, other = (choices.text() for _ in range(4))
    if not all(map(is_text, (text, name, label, other))):
        return  # no result holds such: the target `results` has it
    document = made(text, name, label, other, options)
    tell = (told_by_rows, markdown, told_by_rows, markdown, told_by_rows, markdown, table, explanation)[options >> 5]
    tell(name, document, label, other)  # the last two take ten times as long


def made(text: str, name: str, label: str, other: str, options: int) -> Document:
    """A document of two sentences, or of what a tagger finds."""
    model = ModelId(other, label, "")
    source = Source(name, row=1) if options & 1 else Source(name, pages=(0, 1)) if options & 2 else None
    if options & 4:
        text = text[:40]  # of longer ones explaining takes most of the time
        found = TAGGER.tag(text, probabilities=bool(options & 8))
        return Document(text, found.language, found.sentences, found.model, source)
    tags = (Tag(label, label, 0.5, 0.25), Tag(f"{label}.{other}", label, 0.25, 0.25))
    probabilities = {label: 0.5, other: 0.25} if options & 8 else None
    middle = len(text) // 2
    sentences = (
        Sentence(text[:middle], 0, middle, tags, (label, other), probabilities, model if options & 16 else None),
        Sentence(text[middle:], middle, len(text), (), (label,), probabilities, left=True),
    )
    return Document(text, other, sentences, model, source)


def explained(text: str, label: str, other: str) -> LabelExplanation:
    """An explanation of the words between spaces."""
    words = [WordContribution(m[0], m.start(), m.end(), len(m[0]) - 3.5) for m in re.finditer(r"[^ ]+", text)]
    total = sum(word.contribution for word in words)
    return LabelExplanation(label, True, 0.5, 0.25, other, total + 0.5, 0.5, tuple(words))


def told_by_rows(name: str, document: Document, label: str, _other: str) -> None:
    """CSV has a row a sentence, of as many cells as its head, none a formula; JSONL has its text as it is."""
    told = all(label in (sentence.probabilities or {}) for sentence in document.sentences)
    labels = [label] if told else []
    stream = io.StringIO(newline="")
    report.write_csv([(name, document)], stream, labels=labels)
    rows = list(csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True))
    assert len(rows) == 1 + len(document.sentences)
    assert {len(row) for row in rows} == {11 + len(labels)}
    assert not any(cell.startswith(report.FORMULA_STARTS) for row in rows for cell in row), rows
    column = rows[0].index("text")
    found = [row[column] for row in rows[1:]]
    assert [*map(report.with_formula, found)] == [report.with_formula(one.text) for one in document.sentences]
    lines = io.StringIO()
    report.write_jsonl([(name, document)], lines)
    objects = [json.loads(line) for line in lines.getvalue().split("\n")[:-1]]
    assert [one["text"] for one in objects] == [one.text for one in document.sentences]


def markdown(name: str, document: Document, _label: str, _other: str) -> None:
    """Markdown is read as it was meant: a heading, a table of two columns, and no other markup."""
    stream = io.StringIO()
    report.write_markdown([(name, document)], stream)
    lines = stream.getvalue().split("\n")
    assert not STEERING.search(stream.getvalue())
    assert len(lines) == 5 + (3 + len(document.sentences) if document.sentences else 0), lines
    assert not MARKUP.search(lines[0].removeprefix("## ") + lines[2])
    for line in lines[6:-2]:
        cells = re.split(r"(?<!\\)(?:\\\\)*\|", line)
        assert len(cells) == 4, line
        assert not MARKUP.search(cells[1] + cells[2].replace("<br>", "")), line


def table(name: str, document: Document, label: str, _other: str) -> None:
    """Nothing in a table steers a terminal."""
    stream = io.StringIO()
    report.write_table([(name, document)], stream, width=(20, 40, 80)[len(label) % 3])
    assert not STEERING.search(stream.getvalue()), stream.getvalue()


def explanation(_name: str, document: Document, label: str, other: str) -> None:
    """Nor in one of an explanation."""
    text = document.text
    words = [WordContribution(m[0], m.start(), m.end(), len(m[0]) - 3.5) for m in re.finditer(r"[^ ]+", text)]
    total = sum(word.contribution for word in words)
    explained = LabelExplanation(label, True, 0.5, 0.25, other, total + 0.5, 0.5, tuple(words))
    stream = io.StringIO()
    report.write_explanation(Explanation(text, (explained,), document.model), stream, width=40)
    assert not STEERING.search(stream.getvalue()), stream.getvalue()
