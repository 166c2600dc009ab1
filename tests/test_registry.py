from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import g7classify
from g7classify import folders, modelfile, registry
from g7classify.deep import file
from g7classify.deep import model as deep_model
from g7classify.deep.model import DeepModel
from g7classify.errors import (
    InputTypeError,
    MissingExtraError,
    ModelFileError,
    OptionError,
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


class TestOwn:
    @pytest.fixture
    def mine(self, tmp_path: Path, make_model: Callable[..., Model], monkeypatch: pytest.MonkeyPatch) -> Path:
        """Two versions of a model of the user's own, and the file of the newer one."""
        monkeypatch.setenv(folders.MODELS, str(tmp_path / "own"))
        path = tmp_path / "mine.safetensors"
        for version in ("0.9.0", "0.10.0"):
            modelfile.write(make_model(bits=8, name="mine", version=version), path)
            registry.add(path)
        return path

    def test_is_loaded_by_name_or_version_or_path(self, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert [str(entry.id) for entry in registry.own()] == ["mine@0.10.0", "mine@0.9.0"]
        assert str(g7classify.load("mine").id) == "mine@0.10.0"
        tagger = g7classify.load("mine@0.9.0")
        assert tagger.tag("police").labels == g7classify.load(mine).tag("police").labels
        assert pickle.loads(pickle.dumps(tagger)).id == tagger.id
        monkeypatch.chdir(mine.parent)
        Path("plain").write_bytes(mine.read_bytes())
        assert g7classify.load("./plain").id == g7classify.load("mine.safetensors").id
        with pytest.raises(UnknownModelError, match=r"There is: .*mine@0\.10\.0, mine@0\.9\.0"):
            g7classify.load("plain")

    @pytest.mark.usefixtures("root")
    @pytest.mark.parametrize("name", ["tiny", "tiny@9.9.9", "g7-mine"])
    def test_takes_no_name_of_what_is_or_may_be_shipped(self, mine: Path, name: str) -> None:
        with pytest.raises(OptionError, match="of shipped models; give it another with --name"):
            registry.add(mine, name=name)

    @pytest.mark.parametrize("name", ["Mine", "", "mine@", "mine@1", "mine@1.0.0@2", "../mine", "a" * 61])
    def test_takes_no_name_that_is_none(self, mine: Path, name: str) -> None:
        with pytest.raises(OptionError):
            registry.add(mine, name=name)

    @pytest.mark.usefixtures("mine")
    def test_a_shipped_name_comes_first(self, root: Path) -> None:
        entries = json.loads((root / "manifest.json").read_text())["models"]
        other = entries[1] | {"name": "mine", "version": "0.10.0"}
        change(root, models=[*entries, other])
        assert registry.path(registry.find("mine")).parent == root

    def test_what_is_no_model_file_is_not_added(self, mine: Path) -> None:
        before = registry.own()
        mine.write_bytes(mine.read_bytes()[:-1])
        with pytest.raises(ModelFileError):
            registry.add(mine)
        with pytest.raises(UnreadableFileError):
            registry.add(mine.with_name("missing.safetensors"))
        with pytest.raises(ModelFileError, match="a cascade"):
            registry.add(registry.root() / "g7-cascade-0.1.0.safetensors")
        assert registry.own() == before

    @pytest.mark.usefixtures("mine")
    def test_only_one_of_one_s_own_is_removed(self) -> None:
        with pytest.raises(OptionError, match=r"several mine: say which of mine@0\.10\.0, mine@0\.9\.0"):
            registry.remove("mine")
        with pytest.raises(OptionError, match="is shipped"):
            registry.remove("g7-base")
        with pytest.raises(UnknownModelError):
            registry.remove("others")
        registry.remove("mine@0.10.0")
        assert str(registry.remove("mine").id) == "mine@0.9.0"

    def test_info(self, mine: Path) -> None:
        by_path, by_name = registry.info(mine), registry.info("mine")
        assert by_path.info == by_name.info
        assert by_path.sha256 == by_name.sha256 == registry.sha256(mine)
        assert (by_name.kind, by_name.bytes, by_name.card) == ("table", mine.stat().st_size, None)
        assert by_name.path == folders.models() / "mine-0.10.0.safetensors"
        assert registry.info(str(mine)) == by_path
        assert registry.info().info.name == registry.find().name
        with pytest.raises(InputTypeError):
            registry.info(1)  # type: ignore[arg-type]

    @pytest.mark.usefixtures("mine")
    def test_verify(self) -> None:
        assert {one.name: one.problem for one in registry.verify()} == dict.fromkeys(
            [
                *(str(entry.id) for entry in (*registry.models(), *registry.own())),
                "g7-cascade-0.1.0.safetensors",
                str(registry.vectors().id),
            ],
            "",
        )
        file = registry.path(registry.find("mine@0.9.0"))
        file.write_bytes(registry.path(registry.find("mine")).read_bytes())
        (wrong,) = registry.verify(["mine@0.9.0"])
        assert "sha256 is" in wrong.problem
        assert "version is '0.10.0', not '0.9.0'" in wrong.problem
        file.unlink()
        found = {one.name: one.problem for one in registry.verify()}
        assert "cannot read" in found["mine@0.9.0"]
        assert found["mine@0.10.0"] == ""
