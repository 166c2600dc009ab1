"""Check the seeds (documents, labelled sentences, codebook, README) and count them.

`python -m training.seeds check` reports every problem as `file:line: what is wrong` and exits 1 if there is any;
`python -m training.seeds readme` writes the tables of counts into `seeds/README.md`, between two comment lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import click

from g7classify.codebook import CODEBOOK
from training.seed_counts import README_BEGIN, README_END, tables
from training.seed_rows import Row, read_rows, read_text

FOLDER = Path(__file__).resolve().parents[1] / "seeds"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: the problems in the order of the files, each `file:line: text`, and one line of summary."""

    problems: tuple[str, ...]
    summary: str


def check(folder: Path) -> Report:
    """Check a seeds folder against the shipped codebook. Reports every problem and raises none of them."""
    problems: list[str] = []
    documents = _check_documents(folder, problems)
    rows, files = read_rows(folder, problems)
    sound = not problems
    _check_between(rows, problems)
    _check_codebook(folder, problems)
    _check_readme(folder, rows if sound else None, problems)
    found = _count(len(problems), "problem") if problems else "no problem"
    read = f"{_count(len(rows), 'row')} of {_count(files, 'file')}, {_count(documents, 'document')}"
    summary = f"{found} in {read}, the codebook and the README"
    return Report(tuple(problems), summary)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _check_between(rows: list[Row], problems: list[str]) -> None:
    """What two rows must not share: an id, a text; and how the rows of one group belong together."""
    by_id: dict[str, Row] = {}
    by_text: dict[str, Row] = {}
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        other = by_id.setdefault(row.id, row)
        if other is not row:
            problems.append(f"{row.place}: id {row.id!r} is also at {other.place}")
        other = by_text.setdefault(row.text, row)
        if other is not row:
            how = "the same" if other.labels == row.labels else "other"
            problems.append(f"{row.place}: the text is also at {other.place}, with {how} labels")
        groups[row.group].append(row)
    for group, members in groups.items():
        # Either the sentences of one document, in one language, or one sentence in several languages.
        if len({row.lang for row in members}) == 1:
            continue
        seen: dict[str, Row] = {}
        for row in members:
            other = seen.setdefault(row.lang, row)
            if other is not row:
                problems.append(f"{row.place}: group {group!r} of translations has {row.lang!r} at {other.place} too")
            if row.labels != members[0].labels:
                problems.append(f"{row.place}: labels differ from the translation at {members[0].place}")


def _check_documents(folder: Path, problems: list[str]) -> int:
    paths = sorted((folder / "documents").glob("*"))
    if not paths:
        problems.append(f"{folder / 'documents'}:1: no document; expected <name>.<language>.txt files")
    for path in paths:
        if not re.fullmatch(r"[a-z0-9-]+\.[a-z]{2}\.txt", path.name):
            problems.append(f"{path}:1: expected a file named <name>.<language>.txt")
        text = read_text(path, problems)
        if text is not None and not text.strip():
            problems.append(f"{path}:1: the document is empty")
    return len(paths)


def _check_codebook(folder: Path, problems: list[str]) -> None:
    path = folder / "codebook.md"
    text = read_text(path, problems)
    if text is None:
        return
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if match := re.match(r"## (\w+) — |\| (\w+\.\w+) \|", line):
            found.append((number, match[1] or match[2]))
    categories = [entry for entry in found if "." not in entry[1]]
    entries = categories + [entry for entry in found if "." in entry[1]]
    names = tuple(name for _, name in entries)
    for (number, name), expected in zip(entries, CODEBOOK.names, strict=False):
        if name != expected:
            problems.append(f"{path}:{number}: label {name!r} where g7classify.codebook has {expected!r}")
            return
    if len(names) != len(CODEBOOK):
        problems.append(f"{path}:1: {len(names)} labels where g7classify.codebook has {len(CODEBOOK)}")


def _check_readme(folder: Path, rows: list[Row] | None, problems: list[str]) -> None:
    path = folder / "README.md"
    text = read_text(path, problems)
    if text is None:
        return
    head, begin, rest = text.partition(README_BEGIN)
    counts, end, _ = rest.partition(README_END)
    if not begin or not end:
        problems.append(f"{path}:1: the lines {README_BEGIN} and {README_END} are missing")
    # Broken rows cannot be counted; they are reported already.
    elif rows is not None and counts != tables(rows):
        line = head.count("\n") + 1
        problems.append(f"{path}:{line}: the counts are not those of the rows; run python -m training.seeds readme")


def write_readme(folder: Path) -> None:
    """Write the tables of counts into `README.md`.

    Raises:
        click.ClickException: A row is broken, so that it cannot be counted, or the README lacks the comment lines.
    """
    problems: list[str] = []
    rows, _ = read_rows(folder, problems)
    path = folder / "README.md"
    text = read_text(path, problems)
    if problems or text is None:
        raise click.ClickException("\n".join(problems))
    head, begin, rest = text.partition(README_BEGIN)
    _, end, tail = rest.partition(README_END)
    if not begin or not end:
        raise click.ClickException(f"{path}: the lines {README_BEGIN} and {README_END} are missing; add them")
    path.write_text(head + begin + tables(rows) + end + tail, encoding="utf-8", newline="\n")


@click.group(help="Check the seeds and count them.")
def main() -> None:
    """Read the command line."""


_folder = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=FOLDER,
    help="The seeds; default: those of this repository.",
)


@main.command("check", help="Check every file; print each problem as file:line and exit 1 if there is any.")
@_folder
def _check_command(folder: Path) -> None:
    report = check(folder)
    for problem in report.problems:
        click.echo(problem)
    click.echo(report.summary)
    raise SystemExit(1 if report.problems else 0)


@main.command("readme", help="Write the tables of counts into README.md.")
@_folder
def _readme_command(folder: Path) -> None:
    write_readme(folder)


if __name__ == "__main__":
    main(prog_name="python -m training.seeds")
