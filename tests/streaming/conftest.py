"""Tables to stream, and batches so small that they have several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamed import Row, rows_of, write

from g7classify.streaming import tables


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 5)


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def make(suffix: str, rows: list[Row] | None = None) -> Path:
        return write(tmp_path / f"table{suffix}", rows_of(23) if rows is None else rows)

    return make
