"""A disk that is full, and files that may not grow: the path is named, what was there stays, nothing half is left."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from writers import NAMES, Write

from g7classify import Tagger, registry, shelf
from g7classify.errors import UnreadableFileError
from g7classify.model import Model
from g7classify.streaming import tables, tag_table

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_leaves_what_was_there(name: str, writers: dict[str, Write], mount: Callable[[str], Path]) -> None:
    folder = mount("size=8k" if name == "table.parquet" else "size=16k")
    write = writers[name]
    (folder / name).write_bytes(b"what was there")
    with pytest.raises(UnreadableFileError, match=rf"^cannot write .*mounted/{name}.*: No space left on device$"):
        write(folder)
    assert (folder / name).read_bytes() == b"what was there"
    assert [path.name for path in folder.iterdir()] == [name]
    mount("size=64m")
    write(folder)
    assert (folder / name).read_bytes() != b"what was there"
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_stream_goes_on_when_there_is_room_again(
    suffix: str,
    tagger: Tagger,
    rows: Path,
    tmp_path: Path,
    mount: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 50)
    folder = mount("size=40k")
    output = folder / f"out{suffix}"
    with pytest.raises(UnreadableFileError, match="No space left on device"):
        tag_table(tagger, rows, output)
    # What was noted counts, unless there was no room to note even that.
    assert {path.name for path in folder.iterdir()} <= {f"{output.name}.part", f"{output.name}.part.json"}
    mount("size=64m")
    tag_table(tagger, rows, output, resume=True)
    tag_table(tagger, rows, tmp_path / f"whole{suffix}")
    assert output.read_bytes() == (tmp_path / f"whole{suffix}").read_bytes()


def test_a_full_disk_leaves_the_models_that_were_added(
    model_path: Path, mount: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mount("size=64m")
    monkeypatch.setenv("G7CLASSIFY_MODELS", str(folder))
    registry.add(model_path, name="first@1.0.0")
    used = sum(path.stat().st_size for path in folder.iterdir())
    mount(f"size={used + 20_000}")
    with pytest.raises(
        UnreadableFileError, match=r"cannot change the models in .*mounted: No space left on device; free"
    ):
        registry.add(model_path, name="second@1.0.0")
    assert [entry.name for entry in shelf.models()] == ["first"]
    assert [path.name for path in folder.glob("*.safetensors")] == ["first-1.0.0.safetensors"]
    assert Tagger.load("first").tag("La police").sentences


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of that kind")
def test_a_limit_of_file_size(model: Model, tmp_path: Path) -> None:
    import resource

    from g7classify import modelfile

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(UnreadableFileError, match=r"cannot write .*m\.safetensors: File too large"):
            modelfile.write(model, tmp_path / "m.safetensors")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert os.listdir(tmp_path) == []  # noqa: PTH208


@FULL
@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["explain", "La police"], ["tag", "{rows}"]])
def test_standard_output_that_is_full(command: Callable[..., object], rows: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = command(*(argument.format(rows=rows) for argument in arguments), stdout=full)
    assert (done.returncode, done.stderr) == (1, b"error: cannot write standard output: No space left on device\n")  # type: ignore[attr-defined]


@FULL
def test_an_output_that_is_a_full_device(command: Callable[..., object], rows: Path) -> None:
    done = command("tag", rows, "-f", "csv", "-o", "/dev/full")
    assert (done.returncode, done.stderr) == (1, b"error: cannot write /dev/full: No space left on device\n")  # type: ignore[attr-defined]
