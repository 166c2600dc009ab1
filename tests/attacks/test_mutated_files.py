"""Mutated model files by number, some of those that `make hostile` opens by the 100,000."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from benchmarks import hostile_files, hostile_mutants
from benchmarks.hostile_files import judged_wholly, outcome, run
from benchmarks.hostile_mutants import MUTATIONS, Mutant, golden, mutant, parts
from benchmarks.hostile_parts import sealed
from benchmarks.hostile_views import stand_in
from g7classify import container
from g7classify.deep import model as deep_model

EACH = 8  # files of every mutation


@pytest.fixture(autouse=True)
def standing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep_model, "encoder_of", deep_model.encoder_of)  # put back afterwards
    monkeypatch.setattr(deep_model, "check_installed", deep_model.check_installed)
    stand_in()


def test_parts_put_together_again_are_the_file() -> None:
    for path in golden():
        assert sealed(parts(path).model, parts(path).tensors) == path.read_bytes()


def test_a_number_gives_the_same_file_again() -> None:
    for number in range(2 * len(MUTATIONS)):
        one = mutant(number)
        assert one == mutant(number)
        assert one.content != one.source.read_bytes()


@pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=[mutation.__name__ for mutation in MUTATIONS])
def test_mutated_files_are_refused_or_as_before_or_sound_and_another(number: int, tmp_path: Path) -> None:
    for turn in range(EACH):
        ended, detail = judged_wholly(mutant(number + turn * len(MUTATIONS)), tmp_path)
        assert ended in hostile_files.GOOD, (number + turn * len(MUTATIONS), ended, detail)


def test_a_file_under_an_old_seal_is_never_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the check of the digest, the judge of these files says so: it can fail."""
    real = container._digest
    monkeypatch.setattr(container, "_digest", lambda metadata, tensors: _said(tmp_path, real(metadata, tensors)))
    ends = {outcome(mutant(number), tmp_path)[0] for number in range(2, 40 * len(MUTATIONS), len(MUTATIONS))}
    assert mutant(2).mutation == "bit_of_tensors"
    assert "silently_different" in ends


def test_what_reading_passes_over_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As it was when n-grams of the length '3' were taken for 3."""
    numbers = [number for number in range(60 * len(MUTATIONS)) if hostile_mutants.mutation_of(number) == "spec"]
    strict = {number: outcome(mutant(number), tmp_path)[0] for number in numbers}
    assert "silently_different" not in strict.values()
    strictly = container.checked
    monkeypatch.setattr(container, "checked", lambda kind, value, **_: strictly(kind, value))
    assert "silently_different" in {outcome(mutant(number), tmp_path)[0] for number in numbers}


def ending_badly(one: Mutant, folder: Path) -> tuple[str, str]:
    """Stands in for the judge in a worker."""
    if one.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if one.number == 2:
        time.sleep(60)
    if one.number == 3:
        bytearray(1 << 28)
    if one.number == 4:
        raise KeyError(str(folder))
    return "refused", "ModelFileError"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is capped and measured on Linux only")
def test_a_worker_that_dies_hangs_or_takes_too_much_is_counted_and_followed() -> None:
    ends = [(one.number, one.ended) for one in run(6, judge=ending_badly, seconds=2.0)]
    expected = ["refused", "crashed", "hung", "over_cap", "foreign_errors", "refused"]
    assert ends == list(enumerate(expected))


def _said(folder: Path, digest: str) -> str:
    """The digest that the file at hand tells, right or not."""
    try:
        return container._metadata(container._header(*_header(folder / "model.safetensors")))[1]
    except Exception:
        return digest


def _header(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return container._read_header(file)
