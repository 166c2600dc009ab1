"""A model file of every format that was ever released is read as it was then: see data/README.md."""

from __future__ import annotations

import hashlib
import json
import runpy
from pathlib import Path

import pytest
from told import told

from g7classify import container, registry

FOLDER = Path(__file__).with_name("data") / "formats"
TABLE = FOLDER / "table-1.safetensors"

# Of files that are kept for ever. Whoever finds this test failing has changed one, or how one is read.
SHA256 = {
    "table-1": "33f687e7e7251df8cff4c6f02bd005389b2e5296badbe4019aed213d8dd9f6b2",
    "table-1-repeats-pivot": "e4ee6703617d724b3c9607b5683da056f47cc6ad971f584efd2131319d57d1c6",
    "deep-1": "720109f3adb679f33aa3e79e8f1196a2f90d21ffa4f25227812d825e611c349f",
    "deep-1-grams": "d77fe26635f283673d017a02fe324ff513a64c00ce513c8afe1bd256eda2bf6c",
    "cascade-1": "b3faaf29753201a4fb8284619ed8b7b4bd6ccb6f785529260fee8868033d5f27",
    "vectors-1": "d74cc24fcd560871a854dbe1272dcd2dd3a3952b03bfa5e363d2f07d39827243",
}


def test_none_is_missing_and_none_was_added_without_its_sha256() -> None:
    assert {path.stem for path in FOLDER.glob("*.safetensors")} == set(SHA256)
    assert {path.stem for path in FOLDER.glob("*.json")} == set(SHA256)


@pytest.mark.parametrize("name", SHA256)
def test_a_file_of_an_old_format_tells_what_it_always_told(name: str) -> None:
    path = FOLDER / f"{name}.safetensors"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[name]
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(told(path, table=TABLE))) == expected
    kind = container.kind_of(path)
    assert name.startswith(kind)
    if kind != container.VECTORS:
        facts = registry.info(path)
        assert (facts.sha256, facts.codebook.to_dict()) == (expected["sha256"], expected["codebook"])


def test_what_made_them_overwrites_none(capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()}
    runpy.run_path(str(FOLDER / "make.py"))["main"]()
    assert capsys.readouterr().out.splitlines() == [f"{name} is there, and stays as it is" for name in SHA256]
    assert {path: path.stat().st_mtime_ns for path in FOLDER.iterdir()} == before
