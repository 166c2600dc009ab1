from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from benchmarks import release_contents as contents
from benchmarks import release_suites as suites
from benchmarks.release_build import Release, run
from g7classify.installation import COMPILED

MODEL = b"weights"
ENTRY = {
    "name": "tiny", "version": "1.0.0", "file": "tiny-1.0.0.safetensors", "bytes": len(MODEL), "languages": ["fr"],
    "sha256": hashlib.sha256(MODEL).hexdigest(), "recipe_sha256": "", "data_sha256": {}, "metrics": {}, "card": "",
}  # fmt: skip
MANIFEST = json.dumps({"default": "tiny", "models": [ENTRY]}).encode()
TRACKED = {"g7classify/__init__.py", "g7classify/_kernel.c", "models/manifest.json", "models/tiny-1.0.0.safetensors"}
TAGS = {True: "cp311-abi3-manylinux_2_17_x86_64", False: "py3-none-any"}
Change = Callable[[dict[str, bytes]], object]


@pytest.fixture(autouse=True)
def _tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "tracked", lambda: TRACKED)


def wheel(folder: Path, change: Change = lambda _: None, *, kernel: bool = True) -> Path:
    """A wheel that is as it ought to be, but for a change."""
    files = dict.fromkeys(contents.of_wheel(kernel=kernel), b"")
    files["g7classify/models/manifest.json"] = MANIFEST
    files["g7classify/models/tiny-1.0.0.safetensors"] = MODEL
    files[f"{contents.STEM}.dist-info/WHEEL"] = f"Wheel-Version: 1.0\nTag: {TAGS[kernel]}\n".encode()
    change(files)
    path = folder / "some.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("kernel", [True, False])
def test_a_wheel_as_it_ought_to_be(tmp_path: Path, kernel: bool) -> None:
    path = wheel(tmp_path, kernel=kernel)
    assert contents.wheel(path, kernel=kernel) == ""
    assert contents.wheel(path, kernel=not kernel) != ""  # one without a kernel is never taken for one with


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        *((lambda files, name=name: files.pop(f"g7classify/{name}.abi3.so"), f"lacks .*{name}") for name in COMPILED),
        (lambda files: files.pop("g7classify/models/tiny-1.0.0.safetensors"), "lacks .*tiny"),
        (lambda files: files.pop(f"{contents.STEM}.dist-info/licenses/NOTICE"), "lacks .*NOTICE"),
        (lambda files: files.update({"tests/test_init.py": b""}), "should not hold tests/test_init.py"),
        (lambda files: files.update({"g7classify/_kernel.c": b""}), "should not hold .*_kernel.c"),
        (lambda files: files.update({"g7classify/models/tiny-1.0.0.safetensors": b"Weights"}), "not what the manifest"),
        (lambda files: files.update({f"{contents.STEM}.dist-info/WHEEL": b"Tag: cp311-abi3-linux_x86_64\n"}), "tags"),
        (lambda files: files.update({f"{contents.STEM}.dist-info/WHEEL": b""}), "tags"),
    ],
)
def test_a_wheel_that_is_not(tmp_path: Path, change: Change, problem: str) -> None:
    with pytest.raises(AssertionError, match=problem):
        assert contents.wheel(wheel(tmp_path, change), kernel=True) == ""


def test_an_sdist(tmp_path: Path) -> None:
    def packed(names: set[str], *, owner: str) -> Path:
        path = tmp_path / "some.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name in names:
                member = tarfile.TarInfo(name)
                member.uname = owner
                archive.addfile(member, io.BytesIO())
        return path

    names = contents.of_sdist() | {f"{contents.STEM}/g7classify.egg-info/SOURCES.txt"}
    assert contents.sdist(packed(names, owner="")) == ""
    assert "who built it" in contents.sdist(packed(names, owner="somebody"))
    assert "lacks" in contents.sdist(packed(names - {f"{contents.STEM}/setup.py"}, owner=""))
    assert "should not hold" in contents.sdist(packed(names | {f"{contents.STEM}/tests/test_init.py"}, owner=""))


def test_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "sdist", lambda _: "")
    path = wheel(tmp_path)
    release = Release(path, path, path)
    assert contents.check(release)["sizes below PyPI's limit"] == ""
    monkeypatch.setattr(contents, "LARGEST", 10)
    assert path.name in contents.check(release)["sizes below PyPI's limit"]


def test_results_are_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="a" name="passes"/><testcase classname="a" name="fails"><failure/>'
        '</testcase><testcase classname="b" name="breaks"><error/></testcase><testcase><skipped message="needs the '
        'source tree"/></testcase><testcase><skipped message="no Java"/></testcase></testsuite></testsuites>'
    )
    assert suites.counted(report) == {
        "passed": 1,
        "failed": ["a::fails", "b::breaks"],
        "skipped_of_source_tree": 1,
        "skipped_otherwise": 1,
    }


def test_no_compiler_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in (
        "gcc",
        "gcc-12",
        "x86_64-linux-gnu-gcc",
        "x86_64-linux-gnu-gcc-12",
        "g++",
        "cc",
        "clang-14",
        "clang++-14",
        "sh",
        "gccgo",
    ):
        (folder / name).touch()
    monkeypatch.setenv("PATH", os.pathsep.join((str(folder), str(tmp_path / "nowhere"))))
    found = suites.without_compilers(tmp_path / "programs")
    assert {path.name for path in Path(found).iterdir()} == {"sh", "gccgo"}


def test_a_command_that_fails_tells_what_it_said(tmp_path: Path) -> None:
    assert run(["sh", "-c", "echo $SAID"], tmp_path, {"SAID": "hello"}) == "hello\n"
    with pytest.raises(click.ClickException, match=r"status 3\nwhy"):
        run(["sh", "-c", "echo why >&2; exit 3"], tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_the_umask_is_the_command_s(tmp_path: Path) -> None:
    run(["sh", "-c", "echo > closed"], tmp_path, umask=0o077)
    assert (tmp_path / "closed").stat().st_mode & 0o777 == 0o600
