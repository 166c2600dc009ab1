from __future__ import annotations

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

import g7classify
from g7classify import container, installation, kernel, registry
from g7classify.deep import base
from g7classify.installation import Check, files

PARTS = {
    "g7classify/__init__.py": b"__version__ = '0'\n",
    "g7classify/_kernel.abi3.so": b"\x7fELF",
    "bin/g7classify": b"#!",
}


def problems(checks: Iterable[Check]) -> dict[str, str]:
    return {check.what: check.problem for check in checks if check.problem}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a wheel of a few files was installed."""
    lines = []
    for name, content in PARTS.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={hashed},{len(content)}")
    info = tmp_path / "g7classify.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("\n".join([*lines, "g7classify.dist-info/RECORD,,", "g7classify/__pycache__/x.pyc,,"]))
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: g7classify\nVersion: {g7classify.__version__}\n")
    monkeypatch.setattr(metadata, "distribution", lambda _: metadata.PathDistribution(info))
    monkeypatch.setattr(g7classify, "__file__", str(tmp_path / "g7classify" / "__init__.py"))
    return tmp_path


def test_what_is_installed_is_whole() -> None:
    checks = installation.verify()
    found = {check.what for check in checks}
    assert problems(checks) == {}
    assert {"Python", "numpy", "pydantic", "safetensors", "click", "rich", "markdown-it-py", "kernel"} <= found
    assert {str(entry.id) for entry in registry.models()} <= found


class TestFiles:
    def test_as_they_were_installed(self, site: Path) -> None:
        assert files() == Check(f"g7classify {g7classify.__version__}", "3 files as they were installed")
        assert site.is_dir()

    @pytest.mark.parametrize("name", PARTS)
    def test_changed_in_one_bit(self, site: Path, name: str) -> None:
        content = bytearray((site / name).read_bytes())
        content[0] ^= 1
        (site / name).write_bytes(content)
        assert f"missing or changed: {name};" in files().problem

    def test_gone(self, site: Path) -> None:
        (site / "g7classify" / "_kernel.abi3.so").unlink()
        assert "missing or changed: g7classify/_kernel.abi3.so;" in files().problem

    def test_many_are_not_all_named(self, site: Path) -> None:
        record = site / "g7classify.dist-info" / "RECORD"
        record.write_text(record.read_text() + "".join(f"\ng7classify/{n}.py,sha256=x,1" for n in range(9)))
        assert files().problem.count(".py") == 3
        assert "and 6 more" in files().problem

    def test_another_copy_is_imported(self, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(g7classify, "__file__", str(site / "checkout" / "g7classify" / "__init__.py"))
        assert "were not compared" in files().found
        assert files().problem == ""

    def test_two_versions(self, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(g7classify, "__version__", "99.0.0")
        assert "mixed up" in files().problem
        assert site.is_dir()

    def test_no_metadata(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def none(name: str) -> Any:
            raise metadata.PackageNotFoundError(name)

        monkeypatch.setattr(metadata, "distribution", none)
        monkeypatch.setattr(metadata, "requires", none)
        assert "--force-reinstall" in files().problem
        assert len(installation.versions()) == 1  # Python's


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ("1.25.9", "older than 1.26"),
        ("1.9", "older"),
        ("1", "older"),
        ("what", "older"),
        ("1.26", ""),
        ("1.26.0", ""),
        ("1.26.0rc1", ""),
        ("2.0", ""),
        ("10", ""),
    ],
)
def test_a_dependency_that_is_too_old(monkeypatch: pytest.MonkeyPatch, found: str, problem: str) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["numpy>=1.26", "polars>=99; extra == 'test'"])
    monkeypatch.setattr(metadata, "version", lambda _: found)
    (check,) = (check for check in installation.versions() if check.what == "numpy")
    assert check.found == found
    assert check.problem.startswith(problem)
    assert bool(check.problem) == bool(problem)


def test_a_dependency_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["nowhere-to-be-found>=1"])
    assert problems(installation.versions()) == {"nowhere-to-be-found": "pip install 'nowhere-to-be-found>=1'"}


class TestKernel:
    def test_a_part_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(installation, "find_spec", lambda name: None if name.endswith("_solver") else name)
        assert "only _kernel, _splitter of" in installation.computing().problem

    def test_it_is_there_but_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(installation, "find_spec", lambda name: name)
        monkeypatch.setattr(kernel, "NAME", "numpy")
        monkeypatch.delenv("G7CLASSIFY_KERNEL", raising=False)
        assert "not used" in installation.computing().problem
        monkeypatch.setenv("G7CLASSIFY_KERNEL", "no")  # somebody's wish
        assert installation.computing().problem == ""

    def test_it_computes_something_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        right = kernel.keys

        def wrong(*args: Any, **options: Any) -> Any:
            keys, offsets = right(*args, **options)
            keys[-1] ^= np.uint64(1)
            return keys, offsets

        monkeypatch.setattr(kernel, "keys", wrong)
        assert "twin" in installation.computing().problem


def flipped(content: bytes, at: int) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def raised(number: str) -> Callable[[bytes], bytes]:
    """A file that says another number, with a digest that is right for it."""

    def change(content: bytes) -> bytes:
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        told = json.loads(header["__metadata__"]["g7classify"])["model"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "forged"
            container.write(path, told | {number: told[number] + 1}, load(content))
            return path.read_bytes()

    return change


class TestModels:
    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """One of the shipped models, in a folder that stands in for the shipped one."""
        entry = registry.find("g7-seeds")
        for name in (entry.file, entry.card):
            shutil.copy(registry.root() / name, tmp_path)
        self.vouch(tmp_path / entry.file, asdict(entry))
        monkeypatch.setattr(registry, "root", lambda: tmp_path)
        assert [check.problem for check in installation.models()] == [""]
        return tmp_path / entry.file

    @staticmethod
    def vouch(file: Path, entry: dict[str, Any]) -> None:
        """Write a manifest of one model, which has the file's own size and sha256."""
        content = file.read_bytes()
        entry |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": max(1, len(content))}
        file.with_name("manifest.json").write_text(json.dumps({"default": entry["name"], "models": [entry]}))
        registry.manifest.cache_clear()

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            pytest.param(lambda content: flipped(content, 60), "", id="a bit of the header"),
            pytest.param(lambda content: flipped(content, -1), "", id="a bit of a tensor"),
            pytest.param(lambda content: content[:-1], "", id="cut short"),
            pytest.param(lambda content: content + b"0", "", id="longer"),
            pytest.param(lambda _: b"", "", id="empty"),
            pytest.param(raised("FORMAT"), "FORMAT", id="FORMAT"),
            pytest.param(raised("FEATURES"), "FEATURES", id="FEATURES"),
        ],
    )
    @pytest.mark.parametrize("vouched", [False, True])
    def test_one_that_was_changed(
        self, file: Path, change: Callable[[bytes], bytes], problem: str, vouched: bool
    ) -> None:
        content = change(file.read_bytes())
        file.write_bytes(content)
        if vouched:
            self.vouch(file, asdict(registry.find("g7-seeds")))
        ((name, found),) = problems(installation.models()).items()
        assert name.startswith("g7-seeds@")
        assert problem in found

    def test_a_card_and_a_file_that_are_gone(self, file: Path) -> None:
        file.with_suffix(".md").unlink()
        assert ["card" in problem for problem in problems(installation.models()).values()] == [True]
        file.unlink()
        assert ["cannot read" in problem for problem in problems(installation.models()).values()] == [True]

    def test_no_manifest(self, file: Path) -> None:
        file.with_name("manifest.json").unlink()
        registry.manifest.cache_clear()
        assert "reinstall" in problems(installation.models())["models"]


def test_weights_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "e5.bin"
    other.write_bytes(b"E5S1")
    monkeypatch.setattr(base, "path", lambda: other)
    assert base.REINSTALL in problems(installation.weights())[base.PACKAGE]
