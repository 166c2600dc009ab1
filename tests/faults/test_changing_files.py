"""Files that change while they are in use: a model that is loaded stays what it is, a table that is read is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from g7classify import Tagger, registry
from g7classify.errors import DataError, ModelFileError, OptionError
from g7classify.streaming import Told, tables, tag_table

CHANGED = """
import os, shutil, sys
from pathlib import Path
from g7classify import Tagger, registry

shipped, folder = registry.root(), Path(sys.argv[1])
registry.root = lambda: folder
shutil.copy(shipped / "manifest.json", folder)
file, other = folder / "g7-mini-0.1.0.safetensors", folder / "other"
other.write_bytes(b"another file")
texts = [f"La police arrive au numéro {i}, selon le ministre." for i in range(200)]
before = None

def overwrite():
    with file.open("r+b") as opened:
        opened.write(os.urandom(file.stat().st_size))

for change in (lambda: os.truncate(file, 0), overwrite, lambda: other.replace(file), file.unlink):
    file.unlink(missing_ok=True)
    shutil.copy(shipped / file.name, file)
    tagger = Tagger.load("g7-mini" if sys.argv[2] == "shipped" else file)
    if before is None:  # of arrays that are its own
        before = tagger.predict_proba(texts), tagger.model.table.copy()
        tagger = Tagger.load("g7-mini" if sys.argv[2] == "shipped" else file)
    change()
    assert (tagger.predict_proba(texts) == before[0]).all()
    assert (tagger.model.table == before[1]).all()  # what training and `models add` go on with
    print("the same")
"""


@pytest.mark.parametrize("kind", ["shipped", "file"])
def test_a_model_file_that_changes_after_it_was_loaded(kind: str, tmp_path: Path) -> None:
    """Truncated, overwritten, replaced, deleted."""
    ran = subprocess.run(
        [sys.executable, "-c", CHANGED, str(tmp_path), kind], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "the same\n" * 4), ran.stderr  # -SIGBUS where a file is mapped


def test_a_shipped_file_that_changed_before_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("manifest.json", "g7-mini-0.1.0.safetensors"):
        shutil.copy(registry.root() / name, tmp_path)
    monkeypatch.setattr(registry, "root", lambda: tmp_path)
    with (tmp_path / "g7-mini-0.1.0.safetensors").open("r+b") as file:
        file.truncate(100_000)
    with pytest.raises(ModelFileError, match=r"g7-mini-0\.1\.0\.safetensors .*reinstall g7classify"):
        Tagger.load("g7-mini")


@pytest.mark.parametrize("change", ["longer", "shorter", "replaced"])
def test_a_table_that_changes_while_it_is_read(
    change: str, tagger: Tagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 50)
    line = json.dumps({"text": "La police arrive."}) + "\n"
    source, output = tmp_path / "rows.jsonl", tmp_path / "out.csv"
    source.write_text(line * 5000)
    output.write_text("what was there")

    def progress(told: Told) -> None:
        if told.rows == 50 and change == "longer":
            with source.open("a") as file:
                file.write(line)
        elif told.rows == 50 and change == "shorter":
            source.write_text(line * 4000)
        elif told.rows == 50:
            (tmp_path / "other").write_text(line * 5000)
            (tmp_path / "other").replace(source)

    with pytest.raises(
        DataError, match=r"rows\.jsonl changed while it was read; delete .*out\.csv\.part and begin again"
    ):
        tag_table(tagger, source, output, progress=progress)
    assert output.read_text() == "what was there"
    with pytest.raises(OptionError, match="cannot go on: files was"):
        tag_table(tagger, source, output, resume=True)
