"""Folders and files that may not be written or read: the path and the reason are told, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from writers import NAMES, Write

import g7classify
from g7classify import Tagger, registry
from g7classify.errors import UnreadableFileError
from g7classify.streaming import tag_table


@pytest.mark.parametrize("name", NAMES)
def test_a_read_only_file_system(name: str, writers: dict[str, Write], mount: Callable[[str], Path]) -> None:
    folder = mount("size=1m")
    write = writers[name]
    (folder / name).write_bytes(b"what was there")
    mount("ro")
    with pytest.raises(UnreadableFileError, match=rf"^cannot write .*mounted/{name}.*: Read-only file system$"):
        write(folder)
    assert (folder / name).read_bytes() == b"what was there"
    mount("rw")
    assert [path.name for path in folder.iterdir()] == [name]


def test_models_that_cannot_be_added_or_removed(
    model_path: Path, mount: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("G7CLASSIFY_MODELS", str(mount("size=64m")))
    registry.add(model_path, name="first@1.0.0")
    mount("ro")
    for change in (lambda: registry.add(model_path, name="second@1.0.0"), lambda: registry.remove("first@1.0.0")):
        with pytest.raises(
            UnreadableFileError, match=r"cannot change the models in .*mounted: Read-only file system; "
        ):
            change()
    assert Tagger.load("first").tag("La police").sentences  # reading takes no lock
    mount("rw")


def test_files_of_somebody_else(
    tagger: Tagger, model_path: Path, rows: Path, open_folder: Path, nobody: Callable[[Callable[[], object]], None]
) -> None:
    folder = open_folder / "folder"
    folder.mkdir(mode=0o755)
    content = {"a.txt": b"La police.", "a.jsonl": rows.read_bytes(), "a.safetensors": model_path.read_bytes()}
    for name, data in content.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o600)

    def refused() -> None:
        for read in (
            lambda: g7classify.read(folder / "a.txt"),
            lambda: tag_table(tagger, folder / "a.jsonl", folder / "out.csv"),
            lambda: g7classify.load(folder / "a.safetensors"),
            lambda: g7classify.Codebook.read(folder / "a.txt.toml"),
        ):
            with pytest.raises(UnreadableFileError, match=r"folder/a\..*(Permission denied|No such file)"):
                read()
        with pytest.raises(UnreadableFileError, match=r"^cannot write .*folder/out: Permission denied$"):
            g7classify.atomic.write_bytes(folder / "out", b"")

    nobody(refused)
    assert sorted(path.name for path in folder.iterdir()) == sorted(content)
