from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import records
from benchmarks.compare import changes, figures, main

MACHINE = {"processor": "one", "cores": 2, "date": "2026-01-01"}
FIGURES: dict[str, Any] = {
    "model": "toy@0.1.0",
    "turns": 3,
    "paths": {
        "array": {
            "sentences_per_second": {"median": 1000.0, "least": 1.0, "most": 9e9},
            "megabytes_per_second": 0.1,
            "share_of_plain": 0.5,
        }
    },
    "load_ms": {"median": 20.0, "least": 19.0, "most": 30.0},
    "peak_mb": 50,
    "model_bytes": 1_000_000,
    "rows": [
        {"splitter": "ours", "language": "fr", "megabytes_per_second": 10.0, "f1": 0.9},
        {"splitter": "ours", "language": "ja", "megabytes_per_second": 20.0, "f1": 0.8},
    ],
}
RATE = "paths/array/sentences_per_second"


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Compare a result with a changed copy of it."""

    def compare(change: dict[str, Any], *options: str, machine: dict[str, Any] = MACHINE, name: str = "toy") -> Result:
        new = deepcopy(FIGURES) | change
        for file, values, benchmark, own in (("old", FIGURES, "toy", MACHINE), ("new", new, name, machine)):
            content = {"benchmark": benchmark, "machine": own, "figures": values}
            (tmp_path / f"{file}.json").write_text(json.dumps(content))
        return CliRunner().invoke(main, [str(tmp_path / "old.json"), str(tmp_path / "new.json"), *options])

    return compare


def slower(factor: float) -> dict[str, Any]:
    return {
        "paths": {
            "array": {"sentences_per_second": 1000.0 / factor, "megabytes_per_second": 0.1, "share_of_plain": 0.5}
        }
    }


def test_figures_are_what_has_a_unit_by_the_median_and_by_one_rate() -> None:
    assert {name: (value, kind) for name, value, kind in figures(FIGURES)} == {
        RATE: (1000.0, "_per_second"),
        "load_ms": (20.0, "_ms"),
        "peak_mb": (50.0, "_mb"),
        "model_bytes": (1e6, "_bytes"),
        "rows/ours fr/megabytes_per_second": (10.0, "_per_second"),
        "rows/ours ja/megabytes_per_second": (20.0, "_per_second"),
    }


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 0),
        (slower(1.14), 0),
        (slower(1.16), 1),
        (slower(0.5), 0),
        (slower(1e999), 1),
        ({"load_ms": {"median": 22.9, "least": 1.0, "most": 99.0}}, 0),
        ({"load_ms": {"median": 23.1, "least": 1.0, "most": 99.0}}, 1),
        ({"load_ms": 1.0}, 0),
        ({"model_bytes": 1_160_000}, 1),
        ({"model_bytes": 500_000}, 0),
        ({"peak_mb": 60}, 1),
        ({"turns": 999}, 0),
    ],
)
def test_what_is_worse_by_more_than_the_share_fails(run: Any, change: dict[str, Any], status: int) -> None:
    result = run(change)
    assert result.exit_code == status
    assert ("worse by more than 15%" in result.output) == bool(status)


def test_the_share_is_the_caller_s(run: Any) -> None:
    assert run(slower(1.3), "--share", "0.4").exit_code == 0
    assert run(slower(1.03), "--share", "0.02").exit_code == 1


def test_every_change_is_told_with_its_name_and_the_worst_first(run: Any) -> None:
    output = run(slower(3) | {"load_ms": 40.0, "model_bytes": 10}).output
    assert output.index(RATE) < output.index("load_ms") < output.index("model_bytes")
    assert "3.00 x worse" in output
    assert "peak_mb" not in output


def test_what_one_result_lacks_is_told_and_does_not_fail(run: Any) -> None:
    result = run({"rows": FIGURES["rows"][:1], "first_tag_ms": 2.0})
    assert result.exit_code == 0
    assert "old.json: rows/ours ja/megabytes_per_second" in result.output
    assert "new.json: first_tag_ms" in result.output


def test_other_machines_and_benchmarks_are_refused_unless_insisted_on(run: Any) -> None:
    other = MACHINE | {"processor": "two"}
    for options in ({"machine": other}, {"machine": MACHINE | {"cores": 64}}, {"name": "other"}):
        refused = run({}, **options)
        assert refused.exit_code == 2
        assert "not comparable" in refused.output
        assert run({}, "--anyway", **options).exit_code == 0
    assert run({}, machine=MACHINE | {"date": "2027-01-01"}).exit_code == 0


@pytest.mark.parametrize("reference", ["rows/ours fr/megabytes_per_second", "load_ms"])
def test_a_reference_takes_the_machine_out(run: Any, reference: str) -> None:
    half = slower(2) | {
        "load_ms": 40.0,
        "rows": [row | {"megabytes_per_second": row["megabytes_per_second"] / 2} for row in FIGURES["rows"]],
    }
    options = {"machine": MACHINE | {"processor": "half as fast"}}
    assert run(half, "--anyway", **options).exit_code == 1
    assert run(half, "--relative-to", reference, **options).exit_code == 0
    assert run(half | slower(3), "--relative-to", reference, **options).exit_code == 1
    assert run(half | {"peak_mb": 100}, "--relative-to", reference, **options).exit_code == 1


def test_a_reference_that_is_none_is_refused(run: Any) -> None:
    unknown = run({}, "--relative-to", "paths/array/words_per_second")
    assert unknown.exit_code == 1
    assert RATE in unknown.output
    assert "it is a size" in run({}, "--relative-to", "model_bytes").output


def test_files_that_are_no_results_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    for content in ("", "[]", "{}", '{"benchmark": "toy"}'):
        path.write_text(content)
        result = CliRunner().invoke(main, [str(path), str(path)])
        assert result.exit_code == 1
        assert "broken.json" in result.output
    missing = CliRunner().invoke(main, [str(tmp_path / "none.json"), str(path)])
    assert "none.json" in missing.output


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_worse_one_way_is_better_the_other(old: float, new: float) -> None:
    for key in ("load_ms", "sentences_per_second", "peak_mb"):
        (there,) = changes({key: old}, {key: new})
        (back,) = changes({key: new}, {key: old})
        assert there.worse * back.worse == pytest.approx(1)
        assert (there.worse > 1) == ((new > old) != (key == "sentences_per_second") and new != old)


@pytest.mark.parametrize("path", sorted(records.FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_results_compare_with_themselves(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))["figures"]
    assert all(change.worse == 1 for change in changes(recorded, recorded))
    if path.stem in ("footprint", "scaling", "speed", "splitting"):
        assert changes(recorded, recorded)
