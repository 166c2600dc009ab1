"""One tagger for many threads and processes: what they get is what one thread gets, to the last bit."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
import work

from g7classify import registry
from g7classify.tagger import Tagger

THREADS = 8


@pytest.fixture(scope="module")
def loaded(model_path: Path) -> Tagger:
    return Tagger.load(model_path)


@pytest.fixture(scope="module")
def expected(loaded: Tagger) -> dict[str, str]:
    return work.all_of(loaded)


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns a thousand times more often than Python has them do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hurried")
def test_eight_threads_at_once_while_another_loads_models(
    loaded: Tagger, expected: dict[str, str], model_path: Path
) -> None:
    together, stop = threading.Barrier(THREADS + 1), threading.Event()
    loads = []

    def load() -> None:
        together.wait()
        while not stop.is_set() or len(loads) < 2:
            registry.manifest.cache_clear()
            tagger = Tagger.load() if len(loads) % 2 else Tagger.load(model_path)
            loads.append(tagger.tag("La police.").labels)

    def use(first: int) -> dict[str, str]:
        together.wait()
        return work.all_of(loaded, first=first)

    with ThreadPoolExecutor(THREADS + 1) as pool:
        loading = pool.submit(load)
        found = list(pool.map(use, range(THREADS)))
        stop.set()
        loading.result()
    assert found == [expected] * THREADS
    assert all("actor.agency" in labels for labels in loads)


@pytest.mark.usefixtures("hurried")
def test_threads_may_look_at_one_document_for_the_first_time_at_once(loaded: Tagger) -> None:
    right = loaded.tag(work.TEXTS[0]).to_json()
    for _ in range(50):
        document, together = loaded.tag(work.TEXTS[0]), threading.Barrier(4)

        def look(document: object = document, together: threading.Barrier = together) -> str:
            together.wait()
            return document.to_json()  # type: ignore[attr-defined]

        with ThreadPoolExecutor(4) as pool:
            assert {future.result() for future in [pool.submit(look) for _ in range(4)]} == {right}


def test_asyncio_to_thread(loaded: Tagger, expected: dict[str, str]) -> None:
    async def gathered() -> list[dict[str, str]]:
        return await asyncio.gather(*(asyncio.to_thread(work.all_of, loaded, first=i) for i in range(4)))

    # In a thread of its own: tests in a browser leave a loop in that of pytest.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(gathered())).result() == [expected] * 4


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_pool_of_processes_that_are_given_the_tagger(loaded: Tagger, expected: dict[str, str], method: str) -> None:
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(work.of_pickled, [(loaded, 0), (loaded, 3)])) == [expected] * 2


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="nothing is forked here")
def test_a_pool_of_processes_that_inherit_the_tagger(
    loaded: Tagger, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "inherited", loaded)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        assert list(pool.map(work.of_inherited, range(2))) == [expected] * 2


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_joblib(loaded: Tagger, expected: dict[str, str], backend: str) -> None:
    joblib = pytest.importorskip("joblib")
    parallel = joblib.Parallel(n_jobs=2, backend=backend)
    assert parallel(joblib.delayed(work.all_of)(loaded, first=i) for i in range(2)) == [expected] * 2


RACE = """
import sys, threading
import g7classify  # see the test
sys.setswitchinterval(1e-6)
texts = ["La police arrive. Le ministre parle."] * 40
def explanation(): return g7classify.Explanation.__name__
def tag(): return g7classify.tag(texts[0]).to_json()
def again(): return g7classify.tag(texts[0]).rows()
def explain(): return g7classify.load().explain(texts[0]).to_json()
def many(): return len(list(g7classify.load().tag_many(texts, batch_size=8, n_jobs=2)))
def columns():
    import pyarrow as pa
    from g7classify import arrow, load
    return len(arrow.tag(load(), pa.array(texts)))
def learn(): from g7classify.learn import fit; return fit.train.__name__
def own(): from g7classify import registry; return registry.own()
calls = [explanation, tag, again, explain, many, columns, learn, own]
together, found, failed = threading.Barrier(len(calls)), [], []
def run(call):
    together.wait()
    try:
        found.append(call())
    except BaseException as error:
        failed.append(f"{call.__name__}: {error!r}")
threads = [threading.Thread(target=run, args=(call,)) for call in calls]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found), failed)
"""


def test_first_uses_in_eight_threads_at_once() -> None:
    """What is imported late is imported by whichever thread comes first.

    The package itself is to be imported before: to a thread that imports a part of a package while another thread is in
    the middle of importing the whole, CPython may give one that is half made, of whichever package.
    """
    pytest.importorskip("sklearn", reason="the extra `train` is not installed")
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("8 []", "")
