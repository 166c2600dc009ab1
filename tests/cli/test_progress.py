from __future__ import annotations

import io

import pytest

from g7classify.cli.progress import shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_lines_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with shown() as progress:
        progress(1, 3, "fitting")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "[1/3] fitting\n")


def test_a_bar_and_the_time_left_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("sys.stderr", terminal)
    with shown() as progress:
        progress(1, 3, "fitting")
        progress(2, 3, "judging")
    assert "judging" in terminal.getvalue()
    assert "left" in terminal.getvalue()
    assert "[2/3]" not in terminal.getvalue()


def interrupted() -> None:
    with shown() as progress:
        progress(1, 3, "fitting")
        raise KeyboardInterrupt


def test_the_bar_is_gone_when_the_job_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", terminal)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is erased
