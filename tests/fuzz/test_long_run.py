"""The long run goes on where it stopped, counts every input once, and ends at a finding until that is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
import run
from run import Figures

FOREVER = float("inf")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BUILD", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)


def fuzzer(monkeypatch: pytest.MonkeyPatch, *each: Figures) -> list[list[str]]:
    """Processes that come to these figures, one after another; the options of each."""
    asked: list[list[str]] = []

    def python(_name: str, _folder: Path, options: list[str]) -> Figures:
        asked.append(options)
        return each[len(asked) - 1]

    monkeypatch.setattr(run, "python", python)
    return asked


def test_it_goes_on_until_there_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fuzzer(monkeypatch, Figures(600, 2.0, 7, 8, 9), Figures(500, 3.0, 7, 9, 10), Figures(300, 1.0, 8, 10, 11))
    monkeypatch.setattr(run, "commit", iter(("a", "a", "b", "c")).__next__)
    first = run.long("plain", 1000, FOREVER)
    assert (first.inputs, first.seconds, first.features, first.kept) == (1100, 5.0, 9, 10)
    assert first.commits == ["a", "b"]
    assert [options[0] for options in asked] == ["-runs=1100", "-runs=500"]  # 100 more, for what is tried again
    assert run.long("plain", 1000, FOREVER) == run.noted("plain") == first
    again = run.long("plain", 1400, FOREVER)
    assert (again.inputs, again.seconds) == (1400, 6.0)
    assert again.commits == ["a", "c"]


def test_it_stops_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fuzzer(monkeypatch)
    assert run.long("plain", 1000, 0.0).inputs == len(asked) == 0


@pytest.mark.parametrize("is_mended", [True, False])
def test_a_finding_ends_it_until_that_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_mended: bool
) -> None:
    (tmp_path / "crash-1").write_bytes(b"x")
    asked = fuzzer(monkeypatch, Figures(10, findings=["crash-1"]), Figures(990))
    assert run.long("plain", 1000, FOREVER).findings == ["crash-1"]
    program = tmp_path / "harness.py"
    program.write_text(f"raise SystemExit({int(not is_mended)})")
    monkeypatch.setattr(run, "HERE", tmp_path)
    found = run.long("plain", 1000, FOREVER)
    assert (tmp_path / "crash-1").exists() != is_mended
    assert (found.inputs, found.findings) == ((1000, []) if is_mended else (10, ["crash-1"]))
    assert len(asked) == 1 + is_mended
