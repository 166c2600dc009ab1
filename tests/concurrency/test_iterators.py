"""What tag_many gives is an iterator like others: of one thread at a time, which may be left half way."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from g7classify.tagger import Tagger


def texts(count: int) -> Iterator[str]:
    for i in range(count):
        yield f"La police {i}."


def wait_for(threads: int) -> None:
    """Those that were told to end; one that never does is a failure by the time limit of whoever runs this."""
    for _ in range(6_000):
        if threading.active_count() <= threads:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{threading.active_count()} threads, expected {threads}")


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_two_threads_that_take_turns_get_each_document_once(tagger: Tagger, n_jobs: int) -> None:
    documents, lock = tagger.tag_many(texts(300), batch_size=7, n_jobs=n_jobs), threading.Lock()
    found: list[str] = []

    def take() -> None:
        while True:
            with lock:
                document = next(documents, None)
            if document is None:
                return
            found.append(document.text)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(texts(300))


def test_a_second_thread_in_the_middle_of_it_is_refused_and_harms_nothing(tagger: Tagger) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> Iterator[str]:
        inside.set()
        assert go_on.wait(60)
        yield from texts(10)

    documents, found = tagger.tag_many(slow()), []
    thread = threading.Thread(target=lambda: found.extend(documents))
    thread.start()
    assert inside.wait(60)
    with pytest.raises(ValueError, match="already executing"):
        next(documents)
    go_on.set()
    thread.join()
    assert [document.text for document in found] == list(texts(10))


@pytest.mark.parametrize("n_jobs", [1, 4])
@pytest.mark.parametrize("way", ["closed", "dropped"])
def test_one_that_is_left_half_way_leaves_no_thread(tagger: Tagger, n_jobs: int, way: str) -> None:
    before = threading.active_count()
    documents = tagger.tag_many(texts(10_000), batch_size=3, n_jobs=n_jobs)
    assert [next(documents).text for _ in range(5)] == list(texts(5))
    if way == "closed":
        documents.close()  # type: ignore[attr-defined]  # a generator
        assert list(documents) == []
    del documents
    gc.collect()
    wait_for(before)


@pytest.mark.parametrize("n_jobs", [1, 4])
def test_an_error_of_the_texts_comes_after_what_was_before_it_and_leaves_no_thread(tagger: Tagger, n_jobs: int) -> None:
    before = threading.active_count()

    def failing() -> Iterator[str]:
        yield from texts(20)
        raise LookupError("no more")

    documents = tagger.tag_many(failing(), batch_size=3, n_jobs=n_jobs)
    found = [next(documents).text for _ in range(20)]
    with pytest.raises(LookupError, match="no more"):
        next(documents)
    assert found == list(texts(20))
    assert list(documents) == []
    wait_for(before)


def test_one_that_is_suspended_when_the_process_ends_does_not_keep_it() -> None:
    code = "import g7classify; d = g7classify.load().tag_many(['La police.'] * 999, batch_size=2, n_jobs=3); next(d)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
