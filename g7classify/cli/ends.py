"""How commands end: their exit status, and one line on standard error where they fail for a reason that we know.

Exit status: 0 done, 1 bad input or data, 2 bad usage, 130 interrupted (Ctrl-C), 143 terminated (SIGTERM), 129 hung up.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from g7classify.cli import signals
from g7classify.errors import G7ClassifyError, OptionError, UnknownLabelError, UnknownModelError, UnreadableFileError

STDERR: Final = 2
USAGE_ERRORS: Final = (OptionError, UnknownLabelError, UnknownModelError)


class Closed(io.TextIOBase):
    """Standard output that whoever started us has closed: an error once something is to be written there."""

    def write(self, _text: str) -> int:
        """Refuse it. Raises UnreadableFileError."""
        raise UnreadableFileError("cannot write standard output: it is closed; give --output, or a pipe")


class Commands(click.Group):
    """A group whose commands end in one line on standard error where they fail for a reason that we know."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run what the command line says, whatever became of the standard streams."""
        # A file that is opened must not take the number of a stream that is closed: libraries print there.
        while (number := os.open(os.devnull, os.O_RDWR)) <= STDERR:
            pass
        os.close(number)
        with Standard():
            try:
                return super().main(*args, **options)
            except OSError as error:  # of help, which is written before a command is invoked
                click.echo(f"error: {said(error)}", err=True)
                sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and turn what it raises into an exit status."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # a pipe on Windows, say, could not take Japanese
        try:
            with signals.ending():
                result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read our output has had enough; what Python flushes at exit must go somewhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)
        except signals.Terminated as end:
            fail(ctx, str(end), end.status)
        except KeyboardInterrupt:
            fail(ctx, "interrupted", 130)
        except MemoryError:
            fail(ctx, "not enough memory; give fewer or smaller files, or a table with --text-column as a stream", 1)
        except (G7ClassifyError, OSError) as error:
            fail(ctx, said(error), 2 if isinstance(error, USAGE_ERRORS) else 1)
        return result


class Standard:
    """While a command runs, each standard stream that is closed has one that stands for it."""

    def __enter__(self) -> None:
        self._before = sys.stdout, sys.stderr
        sys.stdout = sys.stdout or Closed()
        sys.stderr = sys.stderr or Path(os.devnull).open("w")  # what is told there is lost anyway

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._before


def said(error: Exception) -> str:
    """What an error says; of one of the system's that names no file, what it was that failed."""
    if not isinstance(error, OSError) or isinstance(error, G7ClassifyError) or error.filename or error.errno is None:
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "the current folder does not exist any more; change to another one"
    return f"cannot write standard output: {error.strerror}"


def fail(ctx: click.Context, message: str, status: int) -> NoReturn:
    """End the command with a message on standard error and an exit status."""
    # It may name a file of anybody's, and a name may hold what steers a terminal.
    # A line of several is indented, so that no name can look like one.
    lines = message.split("\n  ")
    printable = "\n  ".join("".join(char if char.isprintable() else "\ufffd" for char in line) for line in lines)
    click.echo(f"error: {printable}", err=True)
    ctx.exit(status)
