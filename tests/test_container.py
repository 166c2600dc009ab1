from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from g7classify import container, plainjson
from g7classify.container import Kind, Make, Plan, Shape, Tensors
from g7classify.errors import FormatVersionError, ModelFileError, OptionError, UnreadableFileError
from g7classify.foreign import Malformed

SHAPES = {"b": Shape("I8", (3, 2)), "c": Shape("F16", (5,)), "a": Shape("F32", (2,))}


def tensors_of(shapes: dict[str, Shape]) -> Tensors:
    random = np.random.default_rng(0)
    return {
        name: random.normal(0, 9, shape.sizes).astype(container.DTYPES[shape.dtype]) for name, shape in shapes.items()
    }


def plan(shapes: dict[str, Shape], metadata: dict[str, Any], _: Make) -> Plan[tuple[str, Tensors]]:
    if metadata["note"] == "unsound":
        raise Malformed("its note is unsound")
    return Plan(shapes, lambda tensors: (metadata["note"], tensors))


KIND = Kind("odd", {"FORMAT": 3, "OTHER": 7}, partial(plan, SHAPES))
METADATA = {"kind": "odd", "FORMAT": 3, "OTHER": 7, "note": "é"}


def test_what_was_written_is_read_whatever_the_dtypes(tmp_path: Path) -> None:
    tensors = tensors_of(SHAPES)
    digest = container.write(tmp_path / "m", METADATA, tensors)
    (note, found), sha256 = container.load(tmp_path / "m", KIND)
    assert (note, sha256) == ("é", digest)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        assert np.array_equal(found[name], tensor)
        assert not found[name].flags.writeable
    (note, again), _ = container.load(tmp_path / "m", KIND, sha256=digest)
    assert note == "é"
    assert all(np.array_equal(again[name], tensor) for name, tensor in tensors.items())


def test_the_same_gives_the_same_bytes(tmp_path: Path) -> None:
    one = container.write(tmp_path / "1", METADATA, tensors_of(SHAPES))
    turned = dict(reversed(METADATA.items()))
    assert container.write(tmp_path / "2", turned, dict(reversed(tensors_of(SHAPES).items()))) == one


@pytest.mark.parametrize("sha256", [None, "given"])
def test_another_kind_or_number_is_named(tmp_path: Path, sha256: str | None) -> None:
    for change, error, match in (
        ({"kind": "deep"}, ModelFileError, "kind 'deep', where 'odd' is expected"),
        ({"kind": ["odd"]}, ModelFileError, r"kind \"\['odd'\]\""),
        ({"kind": "x" * 10_000}, ModelFileError, r"x\.\.\.x"),
        ({"FORMAT": 4}, FormatVersionError, "FORMAT is 4, this version of g7classify reads 3"),
        ({"OTHER": 8}, FormatVersionError, "OTHER is 8, this version of g7classify reads 7"),
        ({"OTHER": None}, FormatVersionError, "OTHER is None"),
    ):
        digest = container.write(tmp_path / "m", METADATA | change, tensors_of(SHAPES))
        with pytest.raises(error, match=match) as caught:
            container.load(tmp_path / "m", KIND, sha256=sha256 and digest)
        assert len(str(caught.value)) < 500
    nameless = {key: value for key, value in METADATA.items() if key != "kind"}
    container.write(tmp_path / "m", nameless, tensors_of(SHAPES))
    with pytest.raises(ModelFileError, match="kind 'table'"):
        container.load(tmp_path / "m", KIND)


def test_what_a_plan_or_its_making_refuses_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m"
    container.write(path, METADATA | {"note": "unsound"}, tensors_of(SHAPES))
    with pytest.raises(ModelFileError, match=f"{path} is not a sound .* its note is unsound; get the file again"):
        container.load(path, KIND)

    def refuse(_: Tensors) -> object:
        raise Malformed("its numbers are odd")

    container.write(path, METADATA, tensors_of(SHAPES))
    with pytest.raises(ModelFileError, match="its numbers are odd"):
        container.load(path, Kind("odd", KIND.numbers, lambda *_: Plan(SHAPES, refuse)))


def test_an_error_of_ours_is_not_taken_for_the_file_s(tmp_path: Path) -> None:
    container.write(tmp_path / "m", METADATA, tensors_of(SHAPES))

    def fail(*_: object) -> Plan[object]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        container.load(tmp_path / "m", Kind("odd", KIND.numbers, fail))


def test_a_file_that_promises_more_than_it_holds_is_not_read(tmp_path: Path) -> None:
    container.write(tmp_path / "m", METADATA, tensors_of(SHAPES))
    huge = {**SHAPES, "b": Shape("I8", (1 << 40, 1 << 40))}
    with pytest.raises(ModelFileError, match="its tensor b is"):
        container.load(tmp_path / "m", Kind("odd", KIND.numbers, partial(plan, huge)))


@pytest.mark.parametrize("note", ["x" * container.MAX_HEADER_BYTES, "," * plainjson.MAX_SEPARATORS])
def test_nothing_is_written_that_could_not_be_read(tmp_path: Path, note: str) -> None:
    with pytest.raises(OptionError, match="more than is ever read; shorten the definitions"):
        container.write(tmp_path / "m", METADATA | {"note": note}, tensors_of(SHAPES))
    assert list(tmp_path.iterdir()) == []
    largest = METADATA | {"note": note[: len(note) * 9 // 10]}
    container.write(tmp_path / "m", largest, tensors_of(SHAPES))
    assert container.load(tmp_path / "m", KIND)[0][0] == largest["note"]


@pytest.mark.parametrize("note", [float("nan"), float("inf"), "\ud800"])
def test_nothing_is_written_that_is_no_json(tmp_path: Path, note: object) -> None:
    with pytest.raises(OptionError, match="cannot be written"):
        container.write(tmp_path / "m", METADATA | {"note": note}, tensors_of(SHAPES))
    assert list(tmp_path.iterdir()) == []


def test_another_sha256_than_the_manifest_s(tmp_path: Path) -> None:
    container.write(tmp_path / "m", METADATA, tensors_of(SHAPES))
    with pytest.raises(ModelFileError, match="the manifest says 000"):
        container.load(tmp_path / "m", KIND, sha256="0" * 64)


@pytest.mark.parametrize("vouched", [True, False])
def test_what_becomes_of_a_file_that_was_read_changes_nothing(tmp_path: Path, vouched: bool) -> None:
    path = tmp_path / "m"
    digest = container.write(path, METADATA, tensors_of(SHAPES))
    (_, tensors), _ = container.load(path, KIND, sha256=digest if vouched else None)
    with path.open("r+b") as file:
        file.write(b"\xff" * path.stat().st_size)
        file.truncate(0)
    assert all(np.array_equal(tensors[name], tensor) for name, tensor in tensors_of(SHAPES).items())


@pytest.mark.parametrize("sha256", [None, "0" * 64])
def test_an_empty_file_is_refused(tmp_path: Path, sha256: str | None) -> None:
    (tmp_path / "m").touch()
    with pytest.raises(ModelFileError, match=r"m (is not a sound|has the sha256)"):
        container.load(tmp_path / "m", KIND, sha256=sha256)


def test_the_kind_is_told_by_the_header_alone(tmp_path: Path, model_path: Path) -> None:
    assert container.kind_of(model_path) == container.TABLE
    container.write(tmp_path / "m", METADATA, tensors_of(SHAPES))
    assert container.kind_of(tmp_path / "m") == "odd"
    cut = (tmp_path / "m").read_bytes()[:-20]
    (tmp_path / "m").write_bytes(cut)
    assert container.kind_of(tmp_path / "m") == "odd"
    for content in (b"", b"x" * 100, cut[:40]):
        (tmp_path / "m").write_bytes(content)
        with pytest.raises(ModelFileError, match="not a sound"):
            container.kind_of(tmp_path / "m")
    with pytest.raises(UnreadableFileError):
        container.kind_of(tmp_path)
