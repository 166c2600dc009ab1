"""How long jobs tell how far they are: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def shown() -> Iterator[Callable[[int, int, str], None]]:
    """What a job calls with steps done, steps in all and what is being done; on standard error."""
    if not sys.stderr.isatty():
        yield lambda done, total, message: click.echo(f"[{done}/{total}] {message}", err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("gone,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, total, message: bar.update(task, completed=done, total=total, description=message)
