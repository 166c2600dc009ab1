"""Each of these files was taken for a sound one, or refused in a message that broke its rules, until it was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forging import framed, header_bytes, metadata_of, refused, signed
from safetensors.numpy import load

from g7classify import cascade, modelfile, vectorfile
from g7classify.deep import file as deep_file
from g7classify.errors import FormatVersionError, ModelFileError

FORMATS = Path(__file__).parents[1] / "data" / "formats"
READERS: dict[str, Callable[[Path], Any]] = {
    "table-1": modelfile.read,
    "deep-1-grams": deep_file.read,
    "cascade-1": cascade.load,
    "vectors-1": vectorfile.read,
}


def sound(name: str) -> bytes:
    return (FORMATS / f"{name}.safetensors").read_bytes()


def with_header(name: str, change: Callable[[str], str | bytes]) -> bytes:
    content = sound(name)
    end = header_bytes(content)
    header = content[8:end].decode()
    changed = change(header)
    assert changed != header
    return framed(changed.encode() if isinstance(changed, str) else changed, content[end:])


def with_metadata(name: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    content = sound(name)
    model = metadata_of(content)
    change(model)
    return signed(model, load(content))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"dtype":', '"dtype":"F64","dtype":'),
        ('"shape":', '"shape":[1],"shape":'),
        ('{"g7classify":', '{"g7classify":"{}","g7classify":'),
    ],
)
def test_a_key_twice_below_the_top_of_the_header(name: str, old: str, new: str, tmp_path: Path) -> None:
    refused(READERS[name], tmp_path, with_header(name, lambda text: text.replace(old, new, 1)), match="a key twice")


@pytest.mark.parametrize("name", READERS)
def test_a_key_twice_below_the_top_of_the_metadata(name: str, tmp_path: Path) -> None:
    changed = with_header(name, lambda text: text.replace('\\"rows\\":12', '\\"rows\\":13,\\"rows\\":12'))
    refused(READERS[name], tmp_path, changed, match="metadata holds a key twice")


@pytest.mark.parametrize("name", READERS)
def test_metadata_beside_ours(name: str, tmp_path: Path) -> None:
    """Nothing vouches for them."""
    changed = with_header(name, lambda text: text.replace('{"g7classify":', '{"format":"pt","g7classify":'))
    refused(READERS[name], tmp_path, changed, match="metadata beside g7classify's: \\['format'")


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("number", ["0.0", "false", "-0.0", "0e0"])
def test_numbers_of_the_header_that_only_equal_the_right_ones(name: str, number: str, tmp_path: Path) -> None:
    changed = with_header(name, lambda text: text.replace('"data_offsets":[0,', f'"data_offsets":[{number},'))
    refused(READERS[name], tmp_path, changed, match="its tensor")


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_a_header_in_another_encoding(name: str, encoding: str, tmp_path: Path) -> None:
    changed = with_header(name, lambda text: text.encode(encoding))
    refused(READERS[name], tmp_path, changed, match="its header is no JSON object")


def spec_of(model: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = model["spec"] if "spec" in model else model["grams"]["spec"]
    return found


@pytest.mark.parametrize("name", ["table-1", "deep-1-grams", "vectors-1"])
@pytest.mark.parametrize(
    "change",
    [
        {"bits": "8"},
        {"bits": 8.0},
        {"pairs": 1},
        {"pairs": "yes"},
        {"repeats": 0},
        {"characters": ["3", 5]},
        {"characters": [True, 5]},
        {"unspaced": [1.0, 4]},
    ],
    ids=str,
)
def test_a_spec_of_other_types(name: str, change: dict[str, Any], tmp_path: Path) -> None:
    changed = with_metadata(name, lambda model: spec_of(model).update(change))
    refused(READERS[name], tmp_path, changed, match="its metadata is malformed")


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "change",
    [
        {"rows": "12"},
        {"rows": 12.0},
        {"rows": True},
        {"rows": 10**13},
        {"metrics": {"macro_f1": "0.5"}},
        {"metrics": {"macro_f1": True}},
        {"metrics": {"macro_f1": 10**400}},
        {"version": "١.٢.٣"},
        {"version": "9" * 1000 + ".0.0"},
    ],
    ids=lambda change: str(change)[:30],
)
def test_info_of_other_types_or_forms(name: str, change: dict[str, Any], tmp_path: Path) -> None:
    changed = with_metadata(name, lambda model: model["info"].update(change))
    refused(READERS[name], tmp_path, changed, match="its metadata is malformed")


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("key", ["\x1b[2J", "x" * 100_000, "\u202eatadatem", "a\nb"], ids=lambda key: repr(key)[:20])
def test_a_key_that_would_command_the_terminal_or_fill_it(name: str, key: str, tmp_path: Path) -> None:
    for changed in (
        with_metadata(name, lambda model: model.update({key: 1})),
        with_metadata(name, lambda model: model["info"]["metrics"].update({key: "x"})),
    ):
        refused(READERS[name], tmp_path, changed, match="its metadata is malformed")
        with pytest.raises(ModelFileError) as caught:
            READERS[name](tmp_path / "model.safetensors")
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("number", [10**400, 10**4000, -(10**4000)], ids=["400", "4000", "-4000"])
def test_a_number_of_thousands_of_digits(number: int, tmp_path: Path) -> None:
    for name in ("table-1", "deep-1-grams", "vectors-1"):
        for change in ({"bits": number}, {"characters": [number, number]}, {"unspaced": [1, number]}):
            changed = with_metadata(name, lambda model, change=change: spec_of(model).update(change))
            refused(READERS[name], tmp_path, changed)
    for name, key in (("deep-1-grams", "longest"), ("cascade-1", "budgets"), ("vectors-1", "width")):
        changed = with_metadata(name, lambda model, key=key: model.update({key: number}))
        refused(READERS[name], tmp_path, changed)


def test_another_features_number_of_a_deep_model_names_the_file(tmp_path: Path) -> None:
    changed = with_metadata("deep-1-grams", lambda model: model["grams"].update(FEATURES=2))
    refused(deep_file.read, tmp_path, changed, match="FEATURES is 2, this version of g7classify reads 1")
    with pytest.raises(FormatVersionError):
        deep_file.read(tmp_path / "model.safetensors")


@pytest.mark.parametrize("name", ["table_sha256", "deep_sha256"])
@pytest.mark.parametrize("value", ["", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", "x" * 100_000, "٣" * 64])
def test_a_cascade_of_models_without_a_digest(name: str, value: str, tmp_path: Path) -> None:
    changed = with_metadata("cascade-1", lambda model: model.update({name: value}))
    refused(cascade.load, tmp_path, changed, match="expected 64 hexadecimal digits")


def test_a_cascade_of_too_few_budgets_names_the_file(tmp_path: Path) -> None:
    for number in (0, 1, -1):
        changed = with_metadata("cascade-1", lambda model, number=number: model.update(budgets=number))
        refused(cascade.load, tmp_path, changed, match="budgets: expected 2 to 100")


def test_the_forgery_of_these_tests_is_sound_without_a_change(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    for name, read in READERS.items():
        path.write_bytes(with_metadata(name, lambda model: model["info"].update(rows=13)))
        read(path)
        header = json.loads(sound(name)[8 : header_bytes(sound(name))])
        path.write_bytes(with_header(name, lambda _, header=header: json.dumps(header)))
        read(path)
