from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import hostile_files, records
from benchmarks.hostile_files import BAD, GOOD, Outcome
from benchmarks.hostile_mutants import mutation_of


def ending(*ends: Outcome) -> Any:
    def run(count: int, *, first: int = 0) -> Iterator[Outcome]:
        assert (count, first) == (len(ends), ends[0].number)
        yield from ends

    return run


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was recorded."""
    kept: dict[str, Any] = {}
    monkeypatch.setattr(records, "write", kept.__setitem__)
    return kept


def called(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hostile_files", *arguments])
    with pytest.raises(SystemExit) as caught:
        hostile_files.main()
    return int(caught.value.code or 0)


SOME = (
    Outcome(7, "refused", "ModelFileError", 100, 0.25),
    Outcome(8, "refused", "FormatVersionError", 900, 0.5),
    Outcome(9, "unchanged", "", 10, 0.125),
    Outcome(10, "other_valid", "", 20, 0.125),
)


def test_figures_are_counts_of_how_files_end(monkeypatch: pytest.MonkeyPatch, written: dict[str, Any]) -> None:
    monkeypatch.setattr(hostile_files, "run", ending(*SOME))
    assert called(monkeypatch, "--files", "4", "--first", "7", "--record") == 0
    figures = written["hostile_files"]
    assert (figures["files"], figures["refused"], figures["unchanged"], figures["other_valid"]) == (4, 2, 1, 1)
    assert all(figures[name] == 0 for name in BAD)
    assert figures["errors"] == {"ModelFileError": 1, "FormatVersionError": 1}
    assert figures["mutations"][mutation_of(9)] == {"unchanged": 1}
    assert (figures["peak_bytes"], figures["largest"]["number"]) == (900, 8)
    assert (figures["slowest_seconds"], figures["slowest"]["number"]) == (0.5, 8)


@pytest.mark.parametrize("ended", BAD)
def test_a_broken_promise_fails_the_command(
    ended: str, monkeypatch: pytest.MonkeyPatch, written: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hostile_files, "run", ending(*SOME, Outcome(11, ended, "why")))
    assert called(monkeypatch, "--files", "5", "--first", "7") == 1
    assert written == {}  # only --record writes
    out = capsys.readouterr().out
    assert f"11 {mutation_of(11)}: {ended}: why" in out
    assert f"{ended.replace('_', ' ')} 1" in out.splitlines()[-1]


def test_every_end_is_good_or_bad_and_none_both() -> None:
    assert not set(GOOD) & set(BAD)
