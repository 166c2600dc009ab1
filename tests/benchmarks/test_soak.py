"""The soak finds what leaks, and nothing where nothing does."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from scipy.signal import lfilter

from benchmarks import soak_jobs
from benchmarks.soak import Soak, figures, jobs, judged, plot, watch
from benchmarks.soak_process import UNTOLD, Held, held
from benchmarks.soak_slope import slope
from benchmarks.soak_texts import KINDS, LONGEST, ROUND_TEXTS, Texts
from g7classify.tagger import Tagger

PER_MILLION = Soak("it", "sentences", 400_000, 1_000_000, 4_096.0, points=40)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """What is there already need not be looked through at each point."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts()


def soaked(work: Callable[[], int], *, leak: int = 0) -> dict[str, Any]:
    return judged(PER_MILLION, watch(work, PER_MILLION.total, points=PER_MILLION.points, say=lambda _: None, leak=leak))


def thousand() -> int:
    return 1_000


def test_the_slope_of_a_line_is_exact() -> None:
    x = np.linspace(0, 3, 200)
    found = slope(x, 5 * x + 1)
    assert found.slope == pytest.approx(5)
    assert found.high - found.low == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.97])
def test_the_interval_holds_what_it_says_of_series_that_remember(memory: float) -> None:
    random = np.random.default_rng(0)
    x = np.arange(200) / 200
    noises = lfilter([1.0], [1.0, -memory], random.normal(size=(1_000, 200)))
    found = [slope(x, 3 * x + noise) for noise in noises]
    assert np.mean([one.low <= 3 <= one.high for one in found]) > 0.9  # .95 of many more


def test_rounds_are_the_same_for_a_seed_and_unlike_each_other(texts: Texts) -> None:
    assert texts.round(3) == Texts().round(3)
    assert texts.round(3) != texts.round(4)
    assert texts.round(3) != Texts(seed=1).round(3)


def test_texts_are_of_all_languages_and_lengths(texts: Texts) -> None:
    every = [text for number in range(30) for text in texts.round(number)]
    lengths = [len(text) for text in every]
    assert texts.languages == ("de", "en", "es", "fr", "it", "ja")
    assert len(every) > 30 * (ROUND_TEXTS - len(KINDS))
    assert min(lengths) == 1
    assert LONGEST * 0.9 < max(lengths) <= LONGEST
    assert set("жمกば") <= {character for text in every for character in text}


def test_what_keeps_nothing_is_flat() -> None:
    assert soaked(thousand)["broken"] == []


def test_sixteen_bytes_a_sentence_are_found() -> None:
    found = soaked(thousand, leak=16)
    assert any("malloc grows" in problem for problem in found["broken"])
    assert found["slopes"]["malloc"]["low"] < 16e6 * 1.2
    assert found["slopes"]["malloc"]["high"] > 16e6


def test_an_object_a_thousand_sentences_is_found() -> None:
    kept: list[list[int]] = []

    def work() -> int:
        kept.append([])
        return thousand()

    assert any("objects grows" in problem for problem in soaked(work)["broken"])


@pytest.mark.skipif(held(threads=1).fds == UNTOLD, reason="the system does not tell of open files")
def test_files_that_stay_open_are_found(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    opened: list[BinaryIO] = []

    def work() -> int:
        if len(opened) < 300:
            opened.append((tmp_path / "a").open("rb"))
        return thousand()

    try:
        assert any("fds changed" in problem for problem in soaked(work)["broken"])
    finally:
        for file in opened:
            file.close()


def test_threads_that_stay_are_found_and_those_that_end_are_waited_for() -> None:
    before = held(threads=1).threads
    ended = threading.Thread(target=lambda: None)
    ended.start()
    assert held(threads=before).threads == before
    stop, rounds = threading.Event(), count()
    stays = threading.Thread(target=stop.wait)

    def work() -> int:
        if next(rounds) == 200:
            stays.start()
        return thousand()

    try:
        assert any("threads changed" in problem for problem in soaked(work)["broken"])
    finally:
        stop.set()
        stays.join()


def test_every_job_does_what_it_says(tagger: Tagger, texts: Texts) -> None:
    assert soak_jobs.typed(tagger, texts)() > ROUND_TEXTS  # documents hold several
    columns = soak_jobs.columns(tagger, texts)
    assert ROUND_TEXTS * 0.99 < columns() <= ROUND_TEXTS  # taken whole
    assert columns() > ROUND_TEXTS
    assert soak_jobs.loads(texts)() == 1
    assert soak_jobs.explanations(tagger, texts)() == 1
    with soak_jobs.documents(texts) as read:
        assert read() == soak_jobs.READ_AGAIN


def test_what_is_recorded_says_what_broke_first_and_can_be_drawn() -> None:
    from matplotlib.figure import Figure

    found = {name: soaked(thousand, leak=16 * (name == "arrow")) for name in ("tag_many", "arrow")}
    found |= dict.fromkeys(("load", "explain", "read"), found["tag_many"])
    recorded = figures(found)
    assert recorded["sentences"] == 2 * PER_MILLION.total
    assert len(recorded["broken"]) >= 1
    assert recorded["arrow_malloc_bytes_per_million_low"] > 4_096
    axes = Figure().add_subplot()
    plot(axes, recorded)
    assert len(axes.lines) == 2


def test_resident_memory_may_swing_in_a_short_run_and_nothing_else_may() -> None:
    done = np.arange(1, 41) * 10_000
    columns = {name: np.full(40, 3) for name in Held._fields} | {"rss": done * 20, "malloc": done * 20}
    series = np.column_stack([done, done, *(columns[name] for name in Held._fields)]).astype(np.int64)
    for swing, names in ((0.0, ["rss", "malloc"]), (16e6, ["malloc"])):
        broken = judged(PER_MILLION._replace(swing=swing), series)["broken"]
        assert [one.split()[1] for one in broken] == names


def test_bounds_are_finest_at_the_full_length() -> None:
    with jobs(100_000_000, None) as every:
        assert [soak.bound for soak, _ in every][:2] == [4_096.0] * 2
        assert every[2][0].total == 1_000
