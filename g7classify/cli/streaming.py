"""`g7classify tag` of a table as a stream: its options, and how it tells how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from g7classify import Tagger
from g7classify.errors import DataError, EncodingError, OptionError, TextError

EVERY_SECONDS: Final = 10.0  # between lines where no bar can be drawn
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Options that only tables have."""

    text_column: str | None
    keep: tuple[str, ...]
    whole: bool
    jobs: int | None
    resume: bool
    skip_bad: bool

    def streams(self, files: tuple[str, ...], output: Path | None) -> bool:
        """Whether a table is to be tagged as a stream into a file.

        Raises:
            OptionError: an option or an output of streams, and something else that no stream has.
        """
        given = {"--keep": self.keep, "--whole-rows": self.whole, "--jobs": self.jobs, "--resume": self.resume,
                 "--bad-rows": self.skip_bad}  # fmt: skip
        asked = next((option for option, value in given.items() if value), None)
        if output is not None and output.suffix.lower() == ".parquet":
            asked = f"--output {output}"
        if asked is None and (self.text_column is None or output is None):
            return False  # without importing what only streams need
        from g7classify.streaming.encoding import OUTPUTS
        from g7classify.streaming.sources import SUFFIXES

        to_table = output is not None and output.suffix.lower() in OUTPUTS
        one = Path(files[0])
        of_table = one.suffix.lower() in SUFFIXES or (one.is_dir() and next(one.rglob("*.parquet"), None) is not None)
        if self.text_column is not None and to_table and of_table and len(files) == 1:
            return True
        if asked is None:
            return False
        raise OptionError(
            f"{asked}: of one table that is tagged into another; give one file ({', '.join(SUFFIXES)}) or folder of "
            f"Parquet, --text-column, and an --output that ends in {', '.join(OUTPUTS)}"
        )


def table_options(command: Command) -> Command:
    """Adds the options to a command, which gets them as `table`."""

    @wraps(command)
    def with_table(
        *args: Any,
        text_column: str | None,
        keep: str | None,
        whole_rows: bool,
        jobs: int | None,
        resume: bool,
        bad_rows: str,
        **others: Any,
    ) -> Any:
        names = tuple(name.strip() for name in keep.split(",")) if keep else ()
        table = TableOptions(text_column, names, whole_rows, jobs, resume, bad_rows == "skip")
        return command(*args, table=table, **others)

    options = (
        click.option("--text-column", metavar="NAME", help="The column of a table that holds the text. Together with "
                     "an --output that is a table (.parquet, .csv, .jsonl), one table is tagged as a stream; else the "
                     "same as --text-field."),
        click.option("--keep", metavar="NAMES", help="Other columns to write beside each sentence, joined by commas."),
        click.option("--whole-rows", is_flag=True, help="Take the text of each row as one sentence; do not split it."),
        click.option("-j", "--jobs", type=click.IntRange(min=1), help="Threads that tag a table.  [default: one a core "
                     "to Parquet, else 1]"),
        click.option("--resume", is_flag=True, help="Go on where an interrupted run into the same --output stopped."),
        click.option("--bad-rows", type=click.Choice(["stop", "skip"]), default="stop", show_default=True, help="A row "
                     "of CSV or JSONL that cannot be read ends the stream, or is passed over and told of at the end, "
                     "with exit status 1."),
    )  # fmt: skip
    for option in reversed(options):
        with_table = option(with_table)
    return with_table  # type: ignore[return-value]  # the same to those who call it


def tag(
    tagger: Tagger,
    source: str,
    output: Path | None,
    options: TableOptions,
    *,
    language: str | None,
    encoding: str,
    refused: dict[str, Any],
) -> None:
    """Tag a table into a table, and tell how far it is.

    Raises:
        OptionError: one of the options in `refused` was given.
        DataError: at the end, when the output is written: rows were passed over.
        Others: as streaming.tag_table does.
    """
    from g7classify.streaming import tag_table

    if asked := next((option for option, value in refused.items() if value), None):
        raise OptionError(f"{asked}: not where a table is tagged into another; leave it out, and filter the output")
    if output is None or options.text_column is None:
        raise OptionError("a table is tagged into a file; give --text-column and --output")
    start = time.monotonic()
    part = output.with_name(f"{output.name}.part")
    if options.resume and output.exists() and not part.exists():
        click.echo(f"{output} is there and no part of it to go on with: tagging all rows", err=True)
    try:
        with _shown() as progress:
            told = tag_table(
                tagger,
                source,
                output,
                text_column=options.text_column,
                keep=options.keep,
                whole=options.whole,
                language=language,
                n_jobs=options.jobs or (_cores() if output.suffix.lower() == ".parquet" else 1),
                resume=options.resume,
                encoding=encoding,
                skip_bad=options.skip_bad,
                progress=progress,
            )
    except OptionError:
        raise  # a part that is there already: the error tells what to do with it
    except BaseException as error:
        if part.exists():
            way = "to go on, run it again with --resume"
            if isinstance(error, DataError | EncodingError | TextError):
                # A run goes on only with the same bytes, and these would end it again.
                way = "once the file is corrected, delete this and begin again"
                of_row = not isinstance(error, EncodingError) and Path(source).suffix.lower() != ".parquet"
                if of_row and not options.skip_bad and not Path(source).is_dir():
                    way = f"to go on without bad rows, add --bad-rows skip --resume; {way}"
            click.echo(f"what was tagged is kept in {part}; {way}", err=True)
        raise
    nulls = f", {told.nulls:,} without text" if told.nulls else ""
    seconds = time.monotonic() - start
    click.echo(f"{told.rows:,} rows, {told.sentences:,} sentences{nulls}, in {seconds:.1f} s: wrote {output}", err=True)
    if told.bad:
        more = "; the first:" if told.bad > len(told.first_bad) else ""
        rows = "1 row that cannot be read was" if told.bad == 1 else f"{told.bad:,} rows that cannot be read were"
        first = f"{rows} passed over; the others are tagged{more}"
        raise DataError("\n  ".join([first, *told.first_bad]))


def _cores() -> int:
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _shown() -> Iterator[Callable[[Any], None]]:
    """What takes how far the run is: a bar with rows, rate and time left, or lines where there is no terminal."""
    if not sys.stderr.isatty():
        yield _Lines(lambda line: click.echo(line, err=True)).tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        rate = _Rate(lambda line: bar.console.print(line, highlight=False))
        task = bar.add_task("starting", total=1.0)
        yield lambda told: bar.update(task, completed=told.read, description=rate.of(told))


class _Rate:
    """Rows, and rows a second since the first that it was told of; says where a run goes on."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._start = time.monotonic()
        self._before: int | None = None

    def of(self, told: Any) -> str:
        """In words."""
        if self._before is None:
            self._before = told.rows
            if told.rows:
                self._say(f"going on after {told.rows:,} rows")
        rate = (told.rows - self._before) / max(time.monotonic() - self._start, 1e-9)
        return f"{told.rows:,} rows, {rate:,.0f} rows/s"


class _Lines:
    """A line from time to time."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._rate = _Rate(say)
        self._last = time.monotonic()

    def tell(self, told: Any) -> None:
        """Print how far it is, unless that was done a moment ago."""
        said = self._rate.of(told)
        if time.monotonic() - self._last >= EVERY_SECONDS:
            self._last = time.monotonic()
            self._say(f"[{told.read:.0%}] {said}")
