"""Results written for people and programs: tables for the terminal, JSONL, CSV, Markdown.

A writer of documents takes them named, as pairs of a name (a file's path, say) and a Document, and writes them to a
text stream as they come. rich is imported where it is used, so that importing this module costs nothing.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, TextIO

from g7classify.results import Document, Sentence, Tag

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from g7classify.explanation import Explanation, LabelExplanation, WordContribution

NamedDocuments = Iterable[tuple[str, Document]]

# Wider than this, a line of text is hard to read.
MAX_WIDTH: Final = 120

# What makes a spreadsheet take a cell for a formula (OWASP, "CSV injection"), full-width forms too.
FORMULA_STARTS: Final = tuple("=+-@\t\r＝＋－＠")

# How many words of a sentence an explanation points at, and the share of the strongest that such a word has at least.
STRONGEST: Final = 6
STRONG_SHARE: Final = 0.1
# Told apart without colours too.
SPEAKS_FOR: Final = "bold green"
SPEAKS_AGAINST: Final = "underline red"


def write_table(documents: NamedDocuments, stream: TextIO, *, width: int | None = None) -> None:
    """A table a document: each sentence beside its tags and their probabilities.

    A category stands only where none of its sub-types is tagged. `?` marks a tag close to its threshold; a label in
    brackets is as close, but below it. `by` names the model that decided, where it is not the document's, and `left`
    stands where a better one was not asked because its budget was spent. Colours only if the stream is a terminal.

    Args:
        documents: names and documents.
        stream: where to.
        width: in columns; that of the terminal, but at most MAX_WIDTH, if not given.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = _console(stream, width)
    for name, document in documents:
        count = len(document.sentences)
        about = f"{count} sentence{'' if count == 1 else 's'}, {document.language}, {document.model}"
        console.print(Text.assemble((visible(name), "bold"), f"  {visible(about)}"), soft_wrap=True)
        table = Table(box=box.ROUNDED, expand=True, show_lines=True)
        table.add_column("sentence", ratio=3, overflow="fold")
        table.add_column("tags (?: in doubt)", ratio=2, overflow="fold")
        for sentence in document.sentences:
            tags = Text("\n").join(Text(line, style=style) for line, style in _tag_lines(sentence))
            table.add_row(Text(visible(sentence.text)), tags)
        if document.sentences:
            console.print(table)


def told(sentence: Sentence) -> tuple[list[Tag], list[str]]:
    """The tags that are shown of a sentence, and the labels that just missed.

    A category is shown only where none of its sub-types is.
    """
    implied = {tag.category for tag in sentence.tags if tag.label != tag.category}
    tagged = [tag for tag in sentence.tags if tag.label not in implied]
    shown = {tag.label for tag in sentence.tags} | set(sentence.in_doubt)
    missed = [
        label
        for label in sentence.in_doubt
        if label not in sentence.labels and not any(other.startswith(f"{label}.") for other in shown)
    ]
    return tagged, missed


def _tag_lines(sentence: Sentence) -> list[tuple[str, str]]:
    tagged, missed = told(sentence)
    by = [] if sentence.decided_by is None else [f"by {visible(str(sentence.decided_by))}"]
    return [
        (f"{visible(tag.label)} {tag.probability:.2f}{' ?' if tag.label in sentence.in_doubt else ''}", "")
        for tag in tagged
    ] + [(line, "dim") for line in (*(f"({visible(label)} ?)" for label in missed), *by, *["left"] * sentence.left)]


def write_explanation(explanation: Explanation, stream: TextIO, *, width: int | None = None) -> None:
    """A table: for each label the sentence, and the strongest words with what each adds to the logit.

    Of these words those that speak for the label are bold, those against it underlined, in the sentence too. The other
    words and the bias, which is the logit of a sentence without words, make up the sum.

    Args:
        explanation: of a sentence.
        stream: where to.
        width: as in `write_table`.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = _console(stream, width)
    table = Table(box=box.ROUNDED, expand=True, show_lines=True)
    table.add_column("sentence (bold: for the label, underlined: against it)", ratio=3, overflow="fold")
    table.add_column("logit", ratio=2, overflow="fold")
    for label in explanation.labels:
        words = strongest(label.words)
        table.add_row(_highlighted(explanation.text, words), Text("\n").join(_sum_lines(label, words)))
    console.print(table if explanation.labels else "no tag")


def strongest(words: Sequence[WordContribution], *, most: int = STRONGEST) -> list[WordContribution]:
    """The words that an explanation points at, strongest first: at most so many, and none far weaker than the first."""
    by_strength = sorted(words, key=lambda word: -abs(word.contribution))[:most]
    least = STRONG_SHARE * abs(by_strength[0].contribution) if by_strength else 0.0
    return [word for word in by_strength if abs(word.contribution) > least]


def _highlighted(text: str, words: Sequence[WordContribution]) -> Text:
    from rich.text import Text

    shown, done = Text(), 0
    for word in sorted(words, key=lambda word: word.start):
        shown.append(printable(text[done : word.start])).append(printable(word.text), _style(word))
        done = word.end
    return shown.append(printable(text[done:]))


def _sum_lines(label: LabelExplanation, words: Sequence[WordContribution]) -> list[Text]:
    from rich.text import Text

    lines = [Text(f"{visible(label.label)} {label.probability:.2f}", "bold")]
    if label.raised_by is not None:
        lines.append(Text(f"raised by {visible(label.raised_by)}"))
    lines.append(Text(f"{'tagged' if label.tagged else 'not tagged'}; threshold {label.threshold:.2f}"))
    for word in words:
        lines.append(Text(f"{word.contribution:+6.2f} ").append(visible(word.text), _style(word)))
    if others := len(label.words) - len(words):
        rest = sum(word.contribution for word in label.words) - sum(word.contribution for word in words)
        lines.append(Text(f"{rest:+6.2f} {others} other word{'' if others == 1 else 's'}"))
    return [*lines, Text(f"{label.bias:+6.2f} bias"), Text(f"{label.logit:+6.2f} in all")]


def _style(word: WordContribution) -> str:
    return SPEAKS_FOR if word.contribution > 0 else SPEAKS_AGAINST


def write_jsonl(documents: NamedDocuments, stream: TextIO) -> None:
    """One JSON object a sentence: file, language, model, the row of Document.rows, page and row.

    A document that tells its source gives its file, not the name; page and row are null where there are none.
    """
    for name, document in documents:
        file, row = _origin(name, document)
        about = {"file": file, "language": document.language, "model": str(document.model)}
        for sentence, told in zip(document.sentences, document.rows(), strict=True):
            where = {"page": document.page(sentence), "row": row}
            stream.write(json.dumps(about | told | where, ensure_ascii=False) + "\n")


def _origin(name: str, document: Document) -> tuple[str, int | None]:
    return (name, None) if document.source is None else (document.source.file, document.source.row)


def write_csv(documents: NamedDocuments, stream: TextIO, *, labels: Sequence[str] = ()) -> None:
    """One row a sentence: the file, the columns of Document.rows, page and row; lists are joined by `;`.

    A document that tells its source gives its file, not the name; page and row are empty where there are none.

    A spreadsheet would run a text such as `=HYPERLINK(...)` as a formula, and a tagged text may come from anybody.
    So a text or a name that starts like a formula gets an apostrophe before it, which shows it as text; bullets
    that start with "-" are concerned too. JSONL holds every text as it is.

    Args:
        documents: names and documents.
        stream: where to; opened with newline="".
        labels: adds a column for each, `p:` and its name, with its probability, which documents must tell.
    """
    # Quoted throughout, because before Python 3.13 csv leaves a carriage return bare, which then ends the row.
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    columns = [f"p:{label}" for label in labels]
    fixed = ("file", "start", "end", "text", "labels", "probabilities", "in_doubt", "decided_by", "left")
    writer.writerow([*fixed, "page", "row", *columns])
    for name, document in documents:
        file, number = _origin(name, document)
        for sentence, row in zip(document.sentences, document.rows(), strict=True):
            joined = [no_formula(";".join(map(str, row[key]))) for key in ("labels", "probabilities", "in_doubt")]
            by, left = no_formula(row["decided_by"]), str(row["left"]).lower()
            last = [by, left, document.page(sentence), number, *(row[column] for column in columns)]
            writer.writerow([no_formula(file), row["start"], row["end"], no_formula(row["text"]), *joined, *last])


def no_formula(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def with_formula(cell: str) -> str:
    """The cell that `no_formula` was given; one that it would not give stays as it is."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def write_markdown(documents: NamedDocuments, stream: TextIO) -> None:
    """A heading and a table a document; the tags as in `write_table`. No text is taken for markup."""
    for name, document in documents:
        stream.write(f"## {escaped(name)}\n\n{escaped(f'{document.language}, {document.model}')}\n\n")
        if document.sentences:
            stream.write("| sentence | tags |\n| --- | --- |\n")
        for sentence in document.sentences:
            tags = "<br>".join(escaped(line) for line, _ in _tag_lines(sentence))
            stream.write(f"| {escaped(sentence.text)} | {tags} |\n")
        stream.write("\n" if document.sentences else "")


def escaped(text: str) -> str:
    """A text on one line, in which Markdown sees no markup."""
    return re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", visible(text))


def visible(text: str) -> str:
    """A text on one line, without what would steer a terminal: controls become spaces, invisible characters go."""
    if text.isprintable() and "  " not in text:
        return text
    return " ".join(printable(text).split())


def printable(text: str) -> str:
    """A text in which controls are spaces, and that is rid of invisible characters, direction marks among them."""
    return "".join(c if c.isprintable() else "" if unicodedata.category(c) == "Cf" else " " for c in text)


def write_grid(head: Sequence[str], rows: Iterable[Sequence[str]], stream: TextIO) -> None:
    """A plain table of short cells, as wide as they are: the first column to the left, the others to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for number, title in enumerate(head):
        table.add_column(title, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    wide = _console(stream, 10_000)
    _console(stream, wide.measure(table).maximum).print(table)


def _console(stream: TextIO, width: int | None) -> Console:
    from rich.console import Console

    options: dict[str, Any] = {"highlight": False, "force_jupyter": False, "force_terminal": stream.isatty()}
    if width is None:
        width = min(MAX_WIDTH, Console(file=stream, **options).width)
    return Console(file=stream, width=width, **options)
