from __future__ import annotations

from training import folding


def test_the_shipped_table_is_the_derived_one() -> None:
    assert folding.derive() == folding.PATH.read_bytes(), "run `python -m training.folding`, and raise FEATURES"
