"""The folder of the user's own models: what is in it, whoever wrote it, and whatever befalls those who change it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from g7classify import atomic, folders, modelfile, registry, shelf
from g7classify.errors import ModelFileError, OptionError, UnknownModelError, UnreadableFileError
from g7classify.model import Model


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is not there yet."""
    folder = tmp_path / "user" / "models"
    monkeypatch.setenv(folders.MODELS, str(folder))
    return folder


@pytest.fixture
def mine(tmp_path: Path, make_model: Callable[..., Model]) -> Path:
    path = tmp_path / "mine.safetensors"
    modelfile.write(make_model(bits=8, name="mine"), path)
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.name != shelf.LOCK)


FILES = ["manifest.json", "mine-0.1.0.safetensors"]


def test_without_a_folder_there_is_no_model(own: Path) -> None:
    assert shelf.models() == ()
    assert not own.exists()


def test_what_was_added_is_there_until_it_is_removed(own: Path, mine: Path) -> None:
    entry = registry.add(mine)
    assert registry.own() == (entry,)
    assert left(own) == FILES
    assert (own / entry.file).read_bytes() == mine.read_bytes()
    assert entry.sha256 == registry.sha256(mine)
    assert registry.remove("mine") == entry
    assert registry.own() == ()
    assert left(own) == ["manifest.json"]


def test_the_same_model_is_added_once_and_another_of_its_name_not_at_all(
    own: Path, mine: Path, make_model: Callable[..., Model]
) -> None:
    entry = registry.add(mine)
    assert registry.add(mine) == entry
    modelfile.write(make_model(bits=8, name="mine", seed=1), mine)
    with pytest.raises(OptionError, match=r"another mine@0\.1\.0 is there already"):
        registry.add(mine)
    assert registry.own() == (entry,)
    assert registry.sha256(own / entry.file) == entry.sha256
    assert str(registry.add(mine, name="mine@0.2.0").id) == "mine@0.2.0"
    assert len(registry.own()) == 2


def test_a_card_comes_along_and_goes(own: Path, mine: Path) -> None:
    mine.with_suffix(".md").write_text("# mine\n", encoding="utf-8")
    assert registry.add(mine).card == "mine-0.1.0.md"
    assert (own / "mine-0.1.0.md").read_text(encoding="utf-8") == "# mine\n"
    entry = registry.add(mine, name="other@2.0.0")
    told = (own / entry.card).read_text(encoding="utf-8")
    assert told.startswith("# mine\n")
    assert f"other@2.0.0, a copy of mine@0.1.0, sha256 `{registry.sha256(mine)}`" in told
    registry.remove("mine")
    assert left(own) == ["manifest.json", "other-2.0.0.md", "other-2.0.0.safetensors"]


def test_a_card_that_is_none(own: Path, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MAX_BYTES", 100)
    mine.with_suffix(".md").write_bytes(b"#" * 101)
    with pytest.raises(OptionError, match="more than 100 bytes"):
        registry.add(mine)
    mine.with_suffix(".md").unlink()
    mine.with_suffix(".md").mkdir()
    with pytest.raises(UnreadableFileError, match="cannot read the card"):
        registry.add(mine)
    assert not own.exists()


def test_a_deep_model_needs_nothing_to_be_kept(own: Path, deep_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from g7classify.deep import model

    monkeypatch.setattr(model, "find_spec", lambda _: None)
    entry = registry.add(deep_path)
    assert entry.kind == "deep"
    assert registry.sha256(own / entry.file) == registry.sha256(deep_path)
    assert [one.problem for one in registry.verify([entry.name])] == [""]


ADD = "import sys; from g7classify import registry; [registry.add(path) for path in sys.argv[1:]]"


def test_processes_that_add_at_once_lose_nothing(own: Path, tmp_path: Path, make_model: Callable[..., Model]) -> None:
    whole = make_model(bits=8)
    paths: list[list[str]] = [[], [], []]
    for i in range(24):
        path = tmp_path / f"m{i}.safetensors"
        modelfile.write(replace(whole, info=replace(whole.info, name=f"m{i}")), path)
        paths[i % 3].append(str(path))
    # Each is given the first of the others' models too, which it may find there or not.
    running = [
        subprocess.Popen([sys.executable, "-c", ADD, *part, *(other[0] for other in paths)], stderr=subprocess.PIPE)
        for part in paths
    ]
    for process in running:
        assert process.communicate()[1] == b""
        assert process.returncode == 0
    assert {entry.name for entry in registry.own()} == {f"m{i}" for i in range(24)}
    assert [one for one in registry.verify([entry.name for entry in registry.own()]) if one.problem] == []
    assert len(left(own)) == 25


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_one_that_is_killed_while_it_changes_stops_nobody(own: Path, mine: Path) -> None:
    code = (
        "import sys, time; from g7classify import atomic, registry, shelf\n"
        "def hang(*_): print('in', flush=True); time.sleep(60)\n"
        "shelf._write = hang\nregistry.add(sys.argv[1])"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(mine)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "PATIENCE_S", 0.1)
        with pytest.raises(UnreadableFileError, match="another process has been changing"):
            registry.add(mine)
    process.kill()
    process.communicate()
    assert registry.own() == ()
    registry.add(mine)
    assert left(own) == FILES


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", ["mine-0.1.0.safetensors", "mine-0.1.0.md", "manifest.json"])
def test_what_fails_midway_leaves_nothing(
    own: Path, mine: Path, name: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.with_suffix(".md").write_text("# mine", encoding="utf-8")
    replacing = atomic.replace

    def fail(temporary: Path, target: Path) -> None:
        if target.name == name:
            raise error
        replacing(temporary, target)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "replace", fail)
        expected = UnreadableFileError if isinstance(error, OSError) else KeyboardInterrupt
        with pytest.raises(expected, match=r"cannot change the models in .*: No space left" if error.args else None):
            registry.add(mine)
    assert left(own) == []
    assert str(registry.add(mine).id) == "mine@0.1.0"


def test_an_interrupt_when_all_is_done_leaves_all(own: Path, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = shelf._write

    def late(*given: Any) -> None:
        write(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(shelf, "_write", late)
    with pytest.raises(KeyboardInterrupt):
        registry.add(mine)
    assert left(own) == FILES
    assert [one.problem for one in registry.verify(["mine"])] == [""]


@pytest.mark.parametrize("options", ["size=16k", "ro"])
def test_a_full_or_read_only_file_system(
    options: str,
    mount: Callable[[str], Path],
    make_model: Callable[..., Model],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = mount(options)
    path = tmp_path_factory.mktemp("big") / "mine.safetensors"
    modelfile.write(make_model(bits=12, name="mine"), path)
    monkeypatch.setenv(folders.MODELS, str(folder / "models"))
    with pytest.raises(UnreadableFileError, match=r"(No space left|Read-only).*G7CLASSIFY_MODELS"):
        registry.add(path)
    assert registry.own() == ()
    assert [one.name for one in folder.rglob("*") if one.is_file() and one.name != shelf.LOCK] == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(own: Path, mine: Path) -> None:
    registry.add(mine)
    own.chmod(0o555)
    try:
        with pytest.raises(UnreadableFileError, match="cannot change the models"):
            registry.remove("mine")
        with pytest.raises(UnreadableFileError):
            registry.add(mine, name="other")
        assert registry.read("mine")[1].name == "mine"
    finally:
        own.chmod(0o755)
    assert left(own) == FILES


def test_a_file_where_the_folder_is_to_be(tmp_path: Path, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(folders.MODELS, str(mine / "models"))
    with pytest.raises(UnreadableFileError, match=r"cannot change the models.*set G7CLASSIFY_MODELS"):
        registry.add(mine)
    for wrong in (str(mine), "nul\0byte"):
        monkeypatch.setattr(folders, "models", lambda wrong=wrong: Path(wrong))
        with pytest.raises(UnreadableFileError, match="cannot read the manifest"):
            registry.own()
        with pytest.raises(UnreadableFileError, match="cannot change the models"):
            registry.add(mine)
    assert [path.name for path in tmp_path.iterdir()] == [mine.name]


class TestManifest:
    @pytest.fixture
    def entry(self, own: Path, mine: Path) -> dict[str, Any]:
        registry.add(mine)
        values: dict[str, Any] = json.loads((own / "manifest.json").read_text(encoding="utf-8"))["models"][0]
        return values

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"{", b"[]", b"null", b"{}", b'{"models": null}', b'{"models": [null]}', b'{"models": [], "more": 1}',
            b"\xff", b"[" * 100_000, b'{"models": ' + b"[" * 100_000, b'{"models": [{"name": "\\ud800"}]}', b"\0" * 50,
            pytest.param(b" " * (1 << 24) + b'{"models": []}', id="huge"),
        ],
    )  # fmt: skip
    def test_that_is_none(self, own: Path, mine: Path, content: bytes) -> None:
        own.mkdir(parents=True)
        (own / "manifest.json").write_bytes(content)
        for use in (registry.own, lambda: registry.add(mine), lambda: registry.find("mine"), registry.verify):
            with pytest.raises(
                ModelFileError, match=r"manifest\.json is malformed: .*correct it, or delete it"
            ) as caught:
                use()
            assert len(str(caught.value)) < 800
        assert left(own) == ["manifest.json"]
        assert registry.read("g7-seeds")[1].name == "g7-seeds"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("file", "../mine-0.1.0.safetensors"),
            ("file", "/etc/mine-0.1.0.safetensors"),
            ("file", "other-0.1.0.safetensors"),
            ("file", "mine-0.1.0.pickle"),
            ("card", "../../mine-0.1.0.md"),
            ("card", "other.md"),
            ("card", None),
            ("sha256", "0"),
            ("sha256", "A" * 64),
            ("bytes", "7"),
            ("bytes", 0),
            ("bytes", True),
            ("version", "9" * 5000 + ".0.0"),
            ("version", "٠.١.٠"),
            ("name", "Mine"),
            ("name", "mine/../.."),
            ("kind", "cascade"),
            ("languages", "fr"),
            ("metrics", {"f1": "x"}),
            ("metrics", {"f1": float("nan")}),
            ("data_sha256", {"rows": "x"}),
            ("data_sha256", {"rows": 1}),
            ("more", 1),
        ],
    )
    def test_a_malformed_entry(self, own: Path, entry: dict[str, Any], field: str, value: object) -> None:
        (own / "manifest.json").write_text(json.dumps({"models": [entry | {field: value}]}), encoding="utf-8")
        with pytest.raises(ModelFileError, match="malformed") as caught:
            registry.own()
        assert len(str(caught.value)) < 800

    def test_a_model_that_stands_twice(self, own: Path, entry: dict[str, Any]) -> None:
        (own / "manifest.json").write_text(json.dumps({"models": [entry, entry]}), encoding="utf-8")
        with pytest.raises(ModelFileError, match="twice"):
            registry.own()

    def test_does_not_grow_beyond_what_is_read(
        self, own: Path, entry: dict[str, Any], mine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shelf, "MAX_BYTES", len((own / "manifest.json").read_bytes()) + 100)
        with pytest.raises(OptionError, match="remove models that are not used"):
            registry.add(mine, name="second")
        assert [one.name for one in registry.own()] == [entry["name"]]
        assert left(own) == FILES

    def test_a_right_sha256_spares_a_hostile_file_no_check(self, own: Path, entry: dict[str, Any]) -> None:
        file = own / entry["file"]
        content = file.read_bytes().replace(b'\\"bands\\":[', b'\\"bandz\\":[')
        file.write_bytes(content)
        changed = entry | {"sha256": registry.sha256(file)}
        (own / "manifest.json").write_text(json.dumps({"models": [changed]}), encoding="utf-8")
        with pytest.raises(ModelFileError, match="not a sound g7classify model file"):
            registry.read("mine")

    def test_another_file_than_the_manifest_s(
        self, own: Path, entry: dict[str, Any], make_model: Callable[..., Model]
    ) -> None:
        file = own / entry["file"]
        modelfile.write(make_model(bits=8, name="mine", seed=1), file)
        with pytest.raises(ModelFileError, match=r"the manifest says mine@0\.1\.0 .*models remove"):
            registry.read("mine")
        modelfile.write(make_model(bits=8, name="other"), file)
        changed = entry | {"sha256": registry.sha256(file)}
        (own / "manifest.json").write_text(json.dumps({"models": [changed]}), encoding="utf-8")
        with pytest.raises(ModelFileError, match=r"holds other@0\.1\.0"):
            registry.read("mine")
        file.unlink()
        with pytest.raises(UnreadableFileError):
            registry.read("mine")
        registry.remove("mine")
        with pytest.raises(UnknownModelError):
            registry.read("mine")
