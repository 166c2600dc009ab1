"""How commands end: their exit status, and one line on standard error where they fail for a reason that we know.

Exit status: 0 done, 1 bad input or data, 2 bad usage, 130 interrupted (Ctrl-C), 143 terminated (SIGTERM), 129 hung up.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any, Final, NoReturn

import click

from g7classify.cli import signals
from g7classify.errors import G7ClassifyError, OptionError, UnknownLabelError, UnknownModelError

USAGE_ERRORS: Final = (OptionError, UnknownLabelError, UnknownModelError)


class Commands(click.Group):
    """A group whose commands end in one line on standard error where they fail for a reason that we know."""

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
        except (G7ClassifyError, OSError) as error:
            fail(ctx, str(error), 2 if isinstance(error, USAGE_ERRORS) else 1)
        return result


def fail(ctx: click.Context, message: str, status: int) -> NoReturn:
    """End the command with a message on standard error and an exit status."""
    # It may name a file of anybody's, and a name may hold what steers a terminal.
    printable = "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in message)
    click.echo(f"error: {printable}", err=True)
    ctx.exit(status)
