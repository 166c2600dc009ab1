"""Model files that are damaged or meant to do harm: each is refused by a ModelFileError, and by nothing else."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
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
from g7classify.codebook import Codebook
from g7classify.errors import FormatVersionError, ModelFileError, UnreadableFileError
from g7classify.model import Model

SMALL = Codebook.from_dict(
    {"name": "small", "version": "1", "labels": [{"name": "a"}, {"name": "b"}, {"name": "a.c", "parent": "a"}]}
)


@pytest.fixture(scope="module")
def sound(make_model: Callable[..., Model], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a sound file, small enough to damage every byte of its header."""
    whole = make_model(bits=8)
    small = {name: getattr(whole, name)[:3] for name in ("bias", "slope", "intercept")}
    small["thresholds"] = np.ascontiguousarray(whole.thresholds[:, :3])
    scale, table = np.ascontiguousarray(whole.scale[-4:]), np.ascontiguousarray(whole.table[:, -4:])
    path = tmp_path_factory.mktemp("sound") / "model.safetensors"
    modelfile.write(replace(whole, codebook=SMALL, scale=scale, table=table, **small), path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


refused = partial(forging.refused, modelfile.read)


def test_the_forger_of_these_tests_makes_sound_files(sound: bytes, folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(signed(metadata_of(sound), load(sound)))
    assert modelfile.read(path).info.name == "hand-made"


def test_truncated_at_any_length(sound: bytes, folder: Path) -> None:
    header = header_bytes(sound)
    lengths = {*range(64), *range(64, header, 7), *range(header - 8, header + 8), *range(header, len(sound), 29)}
    for length in sorted(lengths | {len(sound) - 1}):
        refused(folder, sound[:length])


def test_lengthened(sound: bytes, folder: Path) -> None:
    for more in (b"\0", b"x" * 8, sound):
        refused(folder, sound + more)


def test_any_bit_of_the_header_flipped(sound: bytes, folder: Path) -> None:
    """In place, because making a file anew each time took ten times as long."""
    path = folder / "model.safetensors"
    path.write_bytes(sound)
    survivors = []
    with path.open("r+b", buffering=0) as file:
        for at in range(header_bytes(sound)):
            for bit in range(8):
                file.seek(at)
                file.write(bytes([sound[at] ^ 1 << bit]))
                try:
                    modelfile.read(path)
                except ModelFileError:
                    continue
                survivors.append((at, bit))
            file.seek(at)
            file.write(sound[at : at + 1])
    assert survivors == []
    modelfile.read(path)


def test_a_bit_of_the_data_flipped(sound: bytes, folder: Path) -> None:
    for at in [*range(header_bytes(sound), len(sound), 7), len(sound) - 1]:
        damaged = bytearray(sound)
        damaged[at] ^= 1 << at % 8
        refused(folder, bytes(damaged), match="sha256")


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400))
def test_random_bytes(content: bytes, folder: Path) -> None:
    refused(folder, content)


@settings(max_examples=100, deadline=None)
@given(
    header=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["__metadata__", "g7classify", "table", "dtype", "shape", "data_offsets"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_random_headers(header: Any, folder: Path) -> None:
    refused(folder, framed(json.dumps(header).encode(), bytes(16)))


@pytest.mark.parametrize("number", ["FORMAT", "FEATURES"])
@pytest.mark.parametrize("value", [0, 2, -1, 10**30, "1", None, 1.5, [1], {"1": 1}, "x" * 10_000])
def test_another_format_or_features_number(sound: bytes, folder: Path, number: str, value: object) -> None:
    refused(folder, signed(metadata_of(sound) | {number: value}, load(sound)))


@pytest.mark.parametrize("number", ["FORMAT", "FEATURES"])
def test_a_later_format_says_so(sound: bytes, folder: Path, number: str) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(signed(metadata_of(sound) | {number: 2}, load(sound)))
    with pytest.raises(FormatVersionError, match=f"{number} is 2, this version of g7classify reads 1"):
        modelfile.read(path)


@pytest.mark.parametrize("number", ["FORMAT", "FEATURES"])
@pytest.mark.parametrize("value", [True, 1.0])
def test_a_number_that_only_equals_the_right_one(sound: bytes, folder: Path, number: str, value: object) -> None:
    refused(folder, signed(metadata_of(sound) | {number: value}, load(sound)))


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"bands": [1.0, -1.0, 1.0]},
        {"bands": [1.0, 1.0, 1e9]},
        {"bands": [1.0, 1.0]},
        {"bands": [1.0] * 4},
        {"bands": ["1", 1.0, 1.0]},
        {"bands": [None] * 3},
        {"bands": {}},
        {"bands": 1.0},
        {"bands": None},
        {"spec": None},
        {"spec": []},
        {"spec": {"bits": 7}},
        {"spec": {"bits": 40}},
        {"spec": {"bits": 10**400}},
        {"spec": {"bits": 8, "characters": [5, 3]}},
        {"spec": {"bits": 8, "characters": [0, 3]}},
        {"spec": {"bits": 8, "characters": [3, 10**9]}},
        {"spec": {"bits": 8, "unknown": 1}},
        {"spec": {"bits": 9}},
        {"info": {}},
        {"info": {"name": "../../etc/passwd", "version": "1.0.0"}},
        {"info": {"name": "a", "version": "1"}},
        {"info": {"name": "a\n", "version": "1.0.0"}},
        {"info": {"name": "a", "version": "1.0.0", "unknown": 1}},
        {"info": {"name": "a", "version": "1.0.0", "description": "x" * 100_000}},
        {"codebook": {}},
        {"codebook": []},
        {"codebook": {"name": "x", "version": "1", "labels": []}},
        {"codebook": {"name": "x", "version": "1", "labels": [{"name": "a"}]}},
        {"codebook": {"name": "x", "version": "1", "labels": [{"name": "a"}, {"name": "a"}]}},
        {"codebook": {"name": "x", "version": "1", "labels": [{"name": ["a"]}]}},
        {"codebook": {"name": "x", "version": "1", "labels": "abc"}},
        {"codebook": {"name": "x", "version": "1", "labels": [1]}},
    ],
    ids=lambda change: canonical(change)[:50],
)
def test_malformed_metadata(sound: bytes, folder: Path, change: dict[str, Any]) -> None:
    refused(folder, signed(metadata_of(sound) | change, load(sound)))


@pytest.mark.parametrize("missing", ["FORMAT", "FEATURES", "spec", "codebook", "info", "pivot", "bands"])
def test_missing_metadata(sound: bytes, folder: Path, missing: str) -> None:
    metadata = metadata_of(sound)
    del metadata[missing]
    refused(folder, signed(metadata, load(sound)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "1",
        '"text"',
        "{",
        '{"model":1,"sha256":""}',
        '{"model":[],"sha256":""}',
        '{"model":{"FORMAT":NaN,"FEATURES":1},"sha256":""}',
        '{"model":{"FORMAT":' + "9" * 10_000 + ',"FEATURES":1},"sha256":""}',
        "[" * 200_000 + "]" * 200_000,
        '{"model":' + '{"spec":' * 100_000 + "1" + "}" * 100_000 + "}",
    ],
    ids=lambda text: f"{text[:30]}.{len(text)}",
)
def test_metadata_that_is_no_such_json(sound: bytes, folder: Path, text: str) -> None:
    refused(folder, save(load(sound), {"g7classify": text}))


def test_not_a_number_in_the_metadata(sound: bytes, folder: Path) -> None:
    for text in ("NaN", "Infinity", "-Infinity", "1e999"):
        forged = canonical({"model": metadata_of(sound), "sha256": "0" * 64}).replace(
            '"bands":[0.9,', f'"bands":[{text},'
        )
        assert text in forged
        refused(folder, save(load(sound), {"g7classify": forged}))
        forged = canonical({"model": metadata_of(sound), "sha256": "0" * 64}).replace(
            '"macro_f1":0.5', f'"macro_f1":{text}'
        )
        assert text in forged
        refused(folder, save(load(sound), {"g7classify": forged}))


def test_a_lone_surrogate_in_the_metadata(sound: bytes, folder: Path) -> None:
    for name in ("info", "codebook"):
        metadata = metadata_of(sound)
        forged = json.dumps({"model": metadata, "sha256": "0" * 64}).replace("hand-made", "\\ud800")
        forged = forged.replace("fr", "\\ud800", 1) if name == "info" else forged
        refused(folder, save(load(sound), {"g7classify": forged}))
    forged = json.dumps({"model": metadata_of(sound), "sha256": "0" * 64}).replace('"macro_f1"', '"\\ud800"')
    refused(folder, save(load(sound), {"g7classify": forged}))


@pytest.mark.parametrize("digest", ["", "0" * 64, None, 1, ["x"], {"a": {}}])
def test_a_digest_that_is_none_or_wrong(sound: bytes, folder: Path, digest: object) -> None:
    outer = canonical({"model": metadata_of(sound), "sha256": digest})
    refused(folder, save(load(sound), {"g7classify": outer}), match="sha256")


def test_no_metadata(sound: bytes, folder: Path) -> None:
    refused(folder, save(load(sound)), match="no g7classify metadata")
    refused(folder, save(load(sound), {"other": "{}"}), match="no g7classify metadata")


def test_keys_given_twice(sound: bytes, folder: Path) -> None:
    size = header_bytes(sound)
    header, data = sound[8:size].rstrip(b" "), sound[size:]
    bias = header[header.index(b'"bias":') :]
    bias = bias[: bias.index(b"}") + 1]
    refused(folder, framed(header[:-1] + b"," + bias + b"}", data))
    refused(folder, framed(header[:-1] + b',"__metadata__":{}}', data))
    outer = canonical({"model": metadata_of(sound), "sha256": "0" * 64})
    twice = outer[:-1] + ',"model":{"FORMAT":1,"FEATURES":1}}'
    refused(folder, save(load(sound), {"g7classify": twice}))


@pytest.mark.parametrize("name", ["table", *modelfile.VECTORS])
@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.astype(np.float64),
        lambda a: a.astype(np.uint8),
        lambda a: a.astype(np.float16),
        lambda a: a[:-1],
        lambda a: a[:0],
        lambda a: a[None],
        lambda a: np.concatenate([a, a]),
        lambda a: a.reshape(-1)[0],
    ],
    ids=["float64", "uint8", "float16", "short", "empty", "deep", "long", "scalar"],
)
def test_a_tensor_of_another_dtype_or_shape(
    sound: bytes, folder: Path, name: str, change: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]
) -> None:
    tensors = load(sound)
    tensors[name] = np.asarray(change(tensors[name]))
    refused(folder, signed(metadata_of(sound), tensors), match="its tensor")


@pytest.mark.parametrize("name", ["table", *modelfile.VECTORS])
def test_a_missing_or_a_further_tensor(sound: bytes, folder: Path, name: str) -> None:
    tensors = load(sound)
    refused(folder, signed(metadata_of(sound), tensors | {f"{name}2": tensors[name]}), match="its tensors are")
    del tensors[name]
    refused(folder, signed(metadata_of(sound), tensors), match="its tensors are")


@pytest.mark.parametrize("name", modelfile.VECTORS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(sound: bytes, folder: Path, name: str, value: float) -> None:
    tensors = load(sound)
    tensors[name][-1] = value
    refused(folder, signed(metadata_of(sound), tensors), match=name)


@pytest.mark.parametrize(
    ("name", "value"),
    [("scale", 0), ("scale", -1), ("slope", 0), ("slope", -0.1), ("thresholds", -0.1), ("thresholds", 1.1)],
)
def test_numbers_out_of_range(sound: bytes, folder: Path, name: str, value: float) -> None:
    tensors = load(sound)
    tensors[name][-1] = value
    refused(folder, signed(metadata_of(sound), tensors), match=name)


def test_thresholds_that_fall_from_one_operating_point_to_the_next(sound: bytes, folder: Path) -> None:
    tensors = load(sound)
    tensors["thresholds"] = tensors["thresholds"][[0, 2, 1]]
    refused(folder, signed(metadata_of(sound), tensors), match="thresholds falls")


def test_a_negative_norm(sound: bytes, folder: Path) -> None:
    tensors = load(sound)
    tensors["table"][7, -1] = -1
    refused(folder, signed(metadata_of(sound), tensors), match="norm")


@pytest.mark.parametrize("name", modelfile.VECTORS)
def test_huge_finite_numbers_give_probabilities_or_are_refused(sound: bytes, folder: Path, name: str) -> None:
    """Whatever is accepted answers with numbers in 0..1."""
    tensors = load(sound)
    tensors[name][:] = np.finfo(np.float32).max
    path = folder / "model.safetensors"
    path.write_bytes(signed(metadata_of(sound), tensors))
    try:
        model = modelfile.read(path)
    except ModelFileError:
        return
    probabilities = model.probabilities(["la police", "", "x"])
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


@pytest.mark.parametrize("declared", [2**64 - 1, 2**63, 2**40, 2**24 + 1, 10_000_000])
def test_a_huge_declared_header(sound: bytes, folder: Path, declared: int) -> None:
    refused(folder, declared.to_bytes(8, "little") + sound[8:])


def test_tensors_that_overlap_or_reach_beyond_the_file(folder: Path) -> None:
    for offsets in ([0, 2**62], [2**62, 2**63], [0, 4], [8, 0], [-4, 0], [0, 2**70]):
        entry = {"dtype": "F32", "shape": [2], "data_offsets": offsets}
        refused(folder, framed(canonical({"bias": entry, "scale": entry}).encode(), bytes(8)))
    for shape in ([2**62, 4], [2**33, 2**33], [-1], [2**70], ["2"], [2.5]):
        entry = {"dtype": "F32", "shape": shape, "data_offsets": [0, 8]}
        refused(folder, framed(canonical({"bias": entry}).encode(), bytes(8)))


class Mischief:
    """Unpickling it would leave a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_a_pickle_under_another_name_does_not_run(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        refused(folder, pickle.dumps(Mischief(trace), protocol=protocol))
    assert not trace.exists()


def test_other_kinds_of_file(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr("table", bytes(1000))
    refused(folder, (tmp_path / "model.zip").read_bytes())
    refused(folder, b"")
    refused(folder, b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    refused(folder, framed(b"{}"))
    refused(folder, framed(b"[" * 100_000))
    refused(folder, bytes(100))


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.safetensors", tmp_path / "nul\0byte"):
        with pytest.raises(UnreadableFileError, match="cannot read"):
            modelfile.read(path)
