from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from g7classify.cli.ends import Commands, fail
from g7classify.errors import DataError, ModelFileError, OptionError, UnknownLabelError, UnreadableFileError


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (OptionError("why"), 2, "why"),
        (UnknownLabelError("why"), 2, "why"),
        (DataError("why"), 1, "why"),
        (ModelFileError("why"), 1, "why"),
        (UnreadableFileError("why"), 1, "why"),
        (OSError("why"), 1, "why"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_an_error_is_one_line_and_an_exit_status(error: BaseException, status: int, told: str) -> None:
    @click.group(cls=Commands)
    def main() -> None: ...

    @main.command()
    def run() -> None:
        raise error

    result = CliRunner().invoke(main, ["run"])
    assert (result.exit_code, result.stdout, result.stderr) == (status, "", f"error: {told}\n")


def test_an_error_of_ours_is_not_hidden() -> None:
    @click.group(cls=Commands)
    def main() -> None: ...

    @main.command()
    def run() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(main, ["run"]).exception, ZeroDivisionError)


def test_fail() -> None:
    @click.group(cls=Commands)
    def main() -> None: ...

    @main.command()
    @click.pass_context
    def run(ctx: click.Context) -> None:
        fail(ctx, "two problems", 3)

    result = CliRunner().invoke(main, ["run"])
    assert (result.exit_code, result.stderr) == (3, "error: two problems\n")
