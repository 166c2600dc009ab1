"""Each fuzz target with its seeds and with every finding of the past, without a fuzzer: none is a finding now."""

from __future__ import annotations

from pathlib import Path

import pytest
import targets

FINDINGS = Path(__file__).parent / "findings"
"""Inputs that were findings once, in files called TARGET.what-it-was."""


@pytest.fixture(scope="module", params=targets.NAMES)
def target(request: pytest.FixtureRequest) -> targets.Target:
    if request.param == "twins":
        pytest.importorskip("g7classify._kernel", reason="the compiled kernel is not built")
    return targets.target(request.param)


def test_seeds_are_no_findings(target: targets.Target) -> None:
    found = target.seeds()
    assert found
    for seed in found:
        assert len(seed) <= target.longest
        target.one_input(seed)


def test_findings_of_the_past_are_mended(target: targets.Target) -> None:
    for path in sorted(FINDINGS.glob(f"{target.name}.*")):
        target.one_input(path.read_bytes())


def test_every_finding_of_the_past_is_of_a_target() -> None:
    assert {path.name.partition(".")[0] for path in FINDINGS.iterdir()} <= set(targets.NAMES)


@pytest.mark.parametrize("data", [b"", b"\0", b"\xff" * 40, b"[" * 5000])
def test_targets_take_any_bytes(target: targets.Target, data: bytes) -> None:
    target.one_input(data[: target.longest])
