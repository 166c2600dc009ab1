"""Interrupted at whichever line of what writes files: the old file or the new one, whole, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from interrupted import at_every_line

from g7classify import atomic
from g7classify.errors import OptionError
from g7classify.streaming import checkpoint, tables, tag_table
from g7classify.streaming.checkpoint import Part
from g7classify.tagger import Tagger

# Interrupted between opening a file and the block that closes it, CPython closes it at once, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

ROWS = [("La police.", 1), ("Des sanctions. Et le terrorisme.", 2), ("Rien.", 3)]


@pytest.mark.parametrize("old", [b"old", None])
def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, old: bytes | None) -> None:
    path = tmp_path / "out"
    seen = set()
    for interruption in at_every_line(atomic):
        path.unlink(missing_ok=True)
        if old is not None:
            path.write_bytes(old)
        try:
            with interruption:
                atomic.write_bytes(path, b"new")
        except KeyboardInterrupt:
            assert interruption.struck
        now = path.read_bytes() if path.exists() else None
        assert now in (old, b"new")
        assert {found.name for found in tmp_path.iterdir()} <= {"out"}
        seen.add(now)
    assert not interruption.struck
    assert seen == {old, b"new"}


@pytest.mark.parametrize("noted", [True, False])
def test_a_stream_goes_on_from_wherever_it_was_interrupted(
    tmp_path: Path, tagger: Tagger, monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    """Whether or not it had noted before how far it was."""
    monkeypatch.setattr(checkpoint, "EVERY_SECONDS", -1.0 if noted else 1e9)
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"text": text, "id": i}) + "\n" for text, i in ROWS), encoding="utf-8")
    monkeypatch.setattr(tables, "BATCH_ROWS", 1)
    tag_table(tagger, source, output, keep=["id"])
    right = output.read_bytes()
    assert right.count(b"\n") == 4
    kept = {"out.jsonl.part", "out.jsonl.part.json"}
    went_on = 0
    for interruption in at_every_line(checkpoint):
        output.write_bytes(b"old")
        try:
            with interruption:
                tag_table(tagger, source, output, keep=["id"])
        except KeyboardInterrupt:
            pass
        assert output.read_bytes() in (b"old", right)
        left = {found.name for found in tmp_path.iterdir()} - {"in.jsonl", "out.jsonl"}
        assert left <= kept
        if output.read_bytes() == right:
            assert not left
            continue
        if "out.jsonl.part" in left:
            with pytest.raises(OptionError, match="--resume"):
                tag_table(tagger, source, output, keep=["id"])
        told = tag_table(tagger, source, output, keep=["id"], resume=True)
        assert (told.rows, told.sentences) == (3, 4)
        assert output.read_bytes() == right
        assert {found.name for found in tmp_path.iterdir()} == {"in.jsonl", "out.jsonl"}
        went_on += 1
    assert not interruption.struck
    assert went_on > 40


def test_what_a_run_that_was_killed_at_its_end_left_is_not_gone_on_with(tmp_path: Path) -> None:
    made_of = {"rows": 2}
    with Part(tmp_path / "out", made_of, resume=False) as part:
        part.begin(b"")
        part.append(b"first", file=0, row=1, rows=1, sentences=1, nulls=0)
        part.note()
        stale = (tmp_path / "out.part.json").read_bytes()
        part.finish(b"")
    (tmp_path / "out.part.json").write_bytes(stale)  # killed between the two last steps
    with Part(tmp_path / "out", made_of, resume=True) as part:
        assert not part.resumed
        assert not (tmp_path / "out.part.json").exists()
