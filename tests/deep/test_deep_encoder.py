from __future__ import annotations

import hashlib
import importlib
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import carrier
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("onnx", reason="the extra `deep` is not installed")
pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")
pytest.importorskip("tokenizers", reason="the extra `deep` is not installed")

from g7classify import folders
from g7classify.deep import base, encoder, graph
from g7classify.deep.base import Weights
from g7classify.deep.encoder import Encoder
from g7classify.deep.tokens import Tokeniser
from g7classify.errors import InputTypeError, MissingExtraError, OptionError, TextError

LONGEST = 24
TEXTS = [f"{'many words ' * (i % 4)}{i}" for i in range(60)]
some_texts = st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=12)


def make(weights: Weights, *, threads: int | None = 2, longest: int = LONGEST) -> Encoder:
    return Encoder(weights, carrier.adapters(weights.shape, rank=4, seed=1), longest=longest, threads=threads)


@pytest.fixture(scope="module")
def reader(tiny: Weights) -> Encoder:
    return make(tiny)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv(folders.CACHE, str(tmp_path))
    return tmp_path


def test_gives_the_vectors_of_the_adapted_encoder_in_order(reader: Encoder, tiny: Weights) -> None:
    tokens = Tokeniser(tiny.pieces)(TEXTS, longest=LONGEST)
    adapters = carrier.adapters(tiny.shape, rank=4, seed=1)
    expected = [carrier.vector(tiny, adapters, tokens.select(np.array([i])).numbers) for i in range(len(TEXTS))]
    found = reader.vectors(TEXTS)
    assert found.shape == (60, 32)
    assert found.dtype == np.float32
    assert carrier.cosines(found, np.stack(expected)).min() > 0.9998
    shuffled = np.random.default_rng(0).permutation(60)
    np.testing.assert_allclose(reader.vectors([TEXTS[i] for i in shuffled]), found[shuffled], atol=1e-5)


@given(some_texts)
def test_a_text_does_not_depend_on_the_others(reader: Encoder, texts: list[str]) -> None:
    together = reader.vectors(texts)
    assert np.isfinite(together).all()
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(reader.vectors([text])[0], vector, atol=1e-5)


def test_windows_and_batches_do_not_show(reader: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reader.vectors(TEXTS)
    monkeypatch.setattr(encoder, "WINDOW", 7)
    monkeypatch.setattr(encoder, "BATCH", 30)
    np.testing.assert_allclose(reader.vectors(TEXTS), whole, atol=1e-5)


def test_no_text_has_no_vector(reader: Encoder) -> None:
    assert reader.vectors([]).shape == (0, 32)


def test_an_empty_text_has_one(reader: Encoder) -> None:
    assert np.isfinite(reader.vectors(["", " "])).all()


def test_a_long_text_is_cut(reader: Encoder) -> None:
    long, cut = reader.vectors(["x" * 10_000, "x" * LONGEST])
    np.testing.assert_allclose(long, cut, atol=1e-5)


def test_refuses_what_is_no_text(reader: Encoder) -> None:
    with pytest.raises(TextError, match=r"texts\[1\]: lone surrogate"):
        reader.vectors(["a", "b\ud800"])
    with pytest.raises(InputTypeError):
        reader.vectors("a")
    with pytest.raises(InputTypeError, match=r"texts\[0\]"):
        reader.vectors([b"a"])  # type: ignore[list-item]


@pytest.mark.parametrize(("longest", "threads"), [(4, 1), (33, 1), (24, 0), (24, -1)])
def test_refuses_options_out_of_range(tiny: Weights, longest: int, threads: int) -> None:
    with pytest.raises(OptionError, match=r"longest: expected 5 to 32|threads: expected 1 or more"):
        make(tiny, longest=longest, threads=threads)


@pytest.mark.parametrize("threads", [1, 3, None])
def test_threads_do_not_show(tiny: Weights, reader: Encoder, threads: int | None) -> None:
    np.testing.assert_allclose(make(tiny, threads=threads).vectors(TEXTS), reader.vectors(TEXTS), atol=1e-5)


def test_threads_may_share_it(reader: Encoder) -> None:
    whole = reader.vectors(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: reader.vectors(TEXTS), range(12)):
            np.testing.assert_allclose(found, whole, atol=1e-5)


def test_exact_kernels_give_the_same(tiny: Weights, reader: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "_quick_is_exact", lambda: False)
    np.testing.assert_allclose(make(tiny).vectors(TEXTS), reader.vectors(TEXTS), atol=1e-3)


def test_is_built_once(tiny: Weights, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make(tiny).vectors(TEXTS)
    (kept,) = folder.iterdir()
    with monkeypatch.context() as patch:
        patch.delattr(graph, "build")
        np.testing.assert_array_equal(make(tiny).vectors(TEXTS), first)
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    np.testing.assert_array_equal(make(tiny).vectors(TEXTS), first)
    assert kept.read_bytes() != content


def test_other_adapters_another_base_and_builder_are_built_anew(
    tiny: Weights, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tiny)
    Encoder(tiny, carrier.adapters(tiny.shape, rank=4, seed=2), longest=LONGEST)
    assert len(list(folder.iterdir())) == 2
    make(Weights("1" * 64, tiny.shape, tiny.pieces, tiny.tensors))
    assert len(list(folder.iterdir())) == 3
    monkeypatch.setattr(graph, "BUILDER", graph.BUILDER + 1)
    make(tiny)
    assert len(list(folder.iterdir())) == 4


def test_reads_where_nothing_can_be_kept(
    tiny: Weights, reader: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(folders.CACHE, str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="cannot be kept"):
        found = make(tiny).vectors(TEXTS)
    np.testing.assert_array_equal(found, reader.vectors(TEXTS))


def read_at_once(path: Path, barrier: Barrier, found: Path) -> None:
    weights = base.read(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    barrier.wait(60)
    np.save(found, make(weights, threads=1).vectors(TEXTS))


def test_processes_may_build_at_once(
    tiny_path: Path, reader: Encoder, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    outputs = [tmp_path_factory.mktemp("found") / "vectors.npy" for _ in range(2)]
    processes = [context.Process(target=read_at_once, args=(tiny_path, barrier, output)) for output in outputs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    for output in outputs:
        np.testing.assert_allclose(np.load(output), reader.vectors(TEXTS), atol=1e-5)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("package", "module"), [("onnxruntime", "encoder"), ("onnx", "graph"), ("tokenizers", "tokens")]
)
def test_names_the_package_that_is_missing(package: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"g7classify.deep.{module}")
    with pytest.raises(MissingExtraError, match=rf"needs {package}, .*pip install 'g7classify\[deep\]'"):
        importlib.import_module(f"g7classify.deep.{module}")


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 120))
def test_every_sentence_is_in_one_batch(lengths: list[int], tokens: int) -> None:
    given_lengths = np.array(lengths, dtype=np.int64)
    batches = encoder.plan(given_lengths, tokens=tokens)
    assert sorted(np.concatenate([np.zeros(0, dtype=np.int64), *batches]).tolist()) == list(range(len(lengths)))
    for rows in batches:
        assert len(rows) == 1 or len(rows) * given_lengths[rows].max() <= tokens
    longest = [int(given_lengths[rows].max()) for rows in batches]
    assert longest == sorted(longest, reverse=True)
