from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import g7classify
from g7classify import modelfile, registry
from g7classify.deep import file
from g7classify.deep import model as deep_model
from g7classify.deep.model import DeepModel
from g7classify.errors import (
    InputTypeError,
    MissingExtraError,
    ModelFileError,
    UnknownModelError,
    UnreadableFileError,
)
from g7classify.model import Model

VERSIONS = [("other", "1.0.0"), ("tiny", "0.9.0"), ("tiny", "0.10.0"), ("tiny", "0.2.11")]


def entry_of(path: Path, name: str, version: str, **more: Any) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "name": name,
        "version": version,
        "file": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "languages": ["fr", "en"],
        "recipe_sha256": "0" * 64,
        "data_sha256": {"fr.jsonl": "1" * 64},
        "metrics": {"subtype_macro_f1": 0.5},
        "card": f"{name}-{version}.md",
        **more,
    }


@pytest.fixture
def root(tmp_path: Path, make_model: Callable[..., Model], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of four small models that stands in for the shipped one."""
    entries = []
    for name, version in VERSIONS:
        path = tmp_path / f"{name}-{version}.safetensors"
        modelfile.write(make_model(bits=8, name=name, version=version), path)
        entries.append(entry_of(path, name, version))
    (tmp_path / "manifest.json").write_text(json.dumps({"default": "tiny", "models": entries}))
    monkeypatch.setattr(registry, "root", lambda: tmp_path)
    return tmp_path


def change(root: Path, **values: Any) -> None:
    path = root / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    registry.manifest.cache_clear()


@pytest.mark.usefixtures("root")
class TestFind:
    def test_models_are_listed_by_name_newest_first(self) -> None:
        assert [str(entry.id) for entry in registry.models()] == [
            "other@1.0.0",
            "tiny@0.10.0",
            "tiny@0.9.0",
            "tiny@0.2.11",
        ]

    @pytest.mark.parametrize(
        ("name", "version"), [("tiny", "0.10.0"), ("tiny@0.9.0", "0.9.0"), ("other", "1.0.0"), (None, "0.10.0")]
    )
    def test_a_name_is_its_newest_version(self, name: str | None, version: str) -> None:
        assert registry.find(name).version == version

    @pytest.mark.parametrize("name", ["tinny", "tiny@0.9.1", "TINY", "", "x" * 10_000, "../tiny", "tiny@"])
    def test_an_unknown_name_lists_what_there_is(self, name: str) -> None:
        with pytest.raises(UnknownModelError, match=r"tiny@0\.10\.0, tiny@0\.9\.0") as caught:
            registry.find(name)
        assert len(str(caught.value)) < 500

    def test_a_near_miss_gets_a_hint(self) -> None:
        with pytest.raises(UnknownModelError, match="did you mean 'tiny'"):
            registry.find("tinny")

    @pytest.mark.parametrize("name", [b"tiny", 1])
    def test_a_name_is_a_str(self, name: Any) -> None:
        with pytest.raises(InputTypeError):
            registry.find(name)

    def test_read(self) -> None:
        model, found = registry.read("tiny@0.9.0")
        assert (model.info.name, model.info.version) == ("tiny", "0.9.0")
        assert found == registry.find("tiny@0.9.0").id

    def test_load(self) -> None:
        assert str(g7classify.load().id) == "tiny@0.10.0"
        assert str(g7classify.load("other").id) == "other@1.0.0"


def test_a_file_that_is_not_the_one_in_the_manifest(root: Path) -> None:
    (root / "tiny-0.10.0.safetensors").write_bytes((root / "tiny-0.9.0.safetensors").read_bytes())
    with pytest.raises(ModelFileError, match="the manifest says"):
        registry.read("tiny")
    assert registry.read("tiny@0.9.0")


class TestKinds:
    @pytest.fixture
    def both(self, root: Path, make_deep: Callable[..., DeepModel]) -> Path:
        """A deep model beside the tables."""
        path = root / "deep-1.0.0.safetensors"
        file.write(make_deep(name="deep", version="1.0.0"), path)
        entries = json.loads((root / "manifest.json").read_text())["models"]
        change(root, models=[*entries, entry_of(path, "deep", "1.0.0", kind="deep")])
        return root

    @pytest.mark.usefixtures("both", "encoders")
    def test_each_is_read_by_its_own_reader(self) -> None:
        assert {entry.name: entry.kind for entry in registry.models()} == {
            "deep": "deep", "other": "table", "tiny": "table",
        }  # fmt: skip
        assert isinstance(registry.read("tiny")[0], Model)
        model, found = registry.read("deep")
        assert isinstance(model, DeepModel)
        assert found == registry.find("deep").id
        tagger = g7classify.load("deep")
        assert tagger.id == found
        assert "actor.agency" in tagger.tag("La police est là.").labels

    @pytest.mark.usefixtures("encoders")
    def test_a_kind_that_is_not_the_file_s(self, both: Path) -> None:
        entries = json.loads((both / "manifest.json").read_text())["models"]
        for number, kind, other in ((0, "deep", "table"), (-1, "table", "deep")):
            changed = [dict(entry) for entry in entries]
            changed[number]["kind"] = kind
            change(both, models=changed)
            with pytest.raises(ModelFileError, match=f"kind '{other}', where '{kind}' is expected"):
                registry.read(changed[number]["name"])

    @pytest.mark.usefixtures("both")
    def test_what_is_missing_is_named_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deep_model, "find_spec", lambda _: None)
        with pytest.raises(MissingExtraError, match=r"onnxruntime, onnx, .*pip install 'g7classify\[deep\]'"):
            g7classify.load("deep")
        assert g7classify.load("tiny").tag("police").labels


def test_a_missing_file(root: Path) -> None:
    (root / "tiny-0.10.0.safetensors").unlink()
    with pytest.raises(UnreadableFileError, match=r"tiny-0\.10\.0"):
        registry.read("tiny")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", "../tiny.safetensors"),
        ("file", "/etc/tiny.safetensors"),
        ("file", "tiny.pickle"),
        ("sha256", "0"),
        ("bytes", 0),
        ("version", "1.0"),
        ("name", "Tiny"),
        ("card", "card.exe"),
        ("kind", "forest"),
        ("kind", None),
        ("kind", ["table"]),
        ("more", 1),
    ],
)
def test_a_malformed_entry(root: Path, field: str, value: object) -> None:
    entries = json.loads((root / "manifest.json").read_text())["models"]
    change(root, models=[entries[0] | {field: value}, *entries[1:]])
    with pytest.raises(ModelFileError, match="reinstall"):
        registry.models()


def test_a_manifest_that_contradicts_itself(root: Path) -> None:
    change(root, default="absent")
    with pytest.raises(ModelFileError, match="default"):
        registry.models()
    entries = json.loads((root / "manifest.json").read_text())["models"]
    change(root, default="tiny", models=[*entries, entries[0]])
    with pytest.raises(ModelFileError, match="twice"):
        registry.models()


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"default": "tiny"}', "[" * 100_000])
def test_no_manifest_at_all(root: Path, content: str) -> None:
    (root / "manifest.json").write_text(content)
    registry.manifest.cache_clear()
    with pytest.raises(ModelFileError, match="malformed"):
        registry.models()
    (root / "manifest.json").unlink()
    registry.manifest.cache_clear()
    with pytest.raises(UnreadableFileError, match="reinstall"):
        registry.models()
