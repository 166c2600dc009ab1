"""No lock is held over work: others go on meanwhile, and a process that is forked meanwhile does not wait for ever."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from interrupted import at_every_line
from numpy.typing import NDArray

import g7classify
from g7classify import decision, default, kernel, locks, sentences
from g7classify.deep import model as deep_model
from g7classify.locks import ProcessLock
from g7classify.model import Model
from g7classify.tagger import Tagger

LONG = "La police arrive et le ministre parle de sanctions " * 40_000  # 2 MB
TRIES = 100
PATIENCE = 60.0  # seconds that only what hangs takes


class Halted:
    """Does what a function does, but lets one thread wait in the middle of it until `go_on` is set."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.thread: threading.Thread | None = None
        self.inside, self.go_on = threading.Event(), threading.Event()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if threading.current_thread() is self.thread:
            self.inside.set()
            assert self.go_on.wait(PATIENCE)
        return self._function(*arguments, **options)

    def run(self, call: Callable[[], Any]) -> None:
        """Have a thread call something, and wait until it is in the middle of it."""
        self.thread = threading.Thread(target=call)
        self.thread.start()
        assert self.inside.wait(PATIENCE)

    def end(self) -> None:
        self.go_on.set()
        if self.thread is not None:
            self.thread.join(PATIENCE)


@pytest.fixture
def halt(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any, str], Halted]]:
    made: list[Halted] = []

    def halt(owner: Any, name: str) -> Halted:
        made.append(Halted(getattr(owner, name)))
        monkeypatch.setattr(owner, name, made[-1])
        return made[-1]

    yield halt
    for one in made:
        one.end()


def lets_go(call: Callable[[], object], *, tries: int) -> bool:
    """Whether this thread ever runs while another is in the middle of a call, though Python has none take turns.

    Only a call that lets go of the GIL lets this thread run before it is done. The system need not wake this thread in
    time, so it is tried again; of a call that keeps the GIL, no try succeeds.
    """
    return any(_overtakes(call) for _ in range(tries))


def _overtakes(call: Callable[[], object]) -> bool:
    before = sys.getswitchinterval()
    start, began, done = threading.Lock(), [], threading.Event()

    def run() -> None:
        start.acquire()
        began.append(None)
        call()
        done.set()

    start.acquire()
    thread = threading.Thread(target=run)
    thread.start()
    sys.setswitchinterval(1_000)
    try:
        start.release()
        while not began:
            time.sleep(0)  # lets go of the GIL
        return not done.is_set()
    finally:
        sys.setswitchinterval(before)
        thread.join()


compiled = pytest.mark.skipif(kernel.NAME != "c", reason="of what is compiled")


@compiled
@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.scores([LONG]),
        lambda model: model.scores_utf8(LONG.encode(), np.array([0, len(LONG)])),
        lambda _: kernel.keys([LONG], pairs=True, characters=(3, 5), unspaced=(1, 4), repeats=False),
        lambda _: sentences.split_many([LONG], language="fr"),
    ],
    ids=["scores", "scores_utf8", "keys", "split"],
)
def test_the_kernel_lets_go_of_the_gil(model: Model, call: Callable[[Model], object]) -> None:
    assert lets_go(lambda: call(model), tries=TRIES)


@compiled
def test_what_does_not_let_go_of_the_gil_is_told_apart(model: Model) -> None:
    assert not lets_go(lambda: [model.scores(["La police."]) for _ in range(1_000)], tries=20)  # too short for it
    assert not lets_go(lambda: sum(range(100_000)), tries=20)


class SlowScorer:
    """The probabilities of a model, but of a text that says so not before it is told to go on."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.inside, self.go_on = threading.Event(), threading.Event()

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if any("slow" in text for text in texts):
            self.inside.set()
            assert self.go_on.wait(PATIENCE)
        return self._model.probabilities(texts)


@pytest.mark.parametrize("path", ["tag", "tag_many", "predict_proba"])
def test_others_tag_while_one_is_in_the_middle_of_it(model: Model, path: str) -> None:
    scorer = SlowScorer(model)
    tagger = Tagger(model, scorer=scorer)
    paths: dict[str, Callable[[str], object]] = {
        "tag": tagger.tag,
        "tag_many": lambda text: list(tagger.tag_many([text] * 3, n_jobs=2)),
        "predict_proba": lambda text: tagger.predict_proba([text]),
    }
    thread = threading.Thread(target=paths[path], args=("slow",))
    thread.start()
    assert scorer.inside.wait(PATIENCE)
    try:
        for quick in paths.values():
            quick("La police.")
        assert tagger.tag("La police.").labels == ("actor", "actor.agency")
        assert thread.is_alive()
    finally:
        scorer.go_on.set()
        thread.join()


def test_others_look_at_sentences_while_one_makes_some(tagger: Tagger, halt: Callable[[Any, str], Halted]) -> None:
    first, second = tagger.tag("La police."), tagger.tag("La police.")
    halted = halt(decision, "ranked")
    halted.run(lambda: first.sentences)
    assert second.labels == ("actor", "actor.agency")
    assert first.labels == ("actor", "actor.agency")  # even at the same ones
    assert not halted.go_on.is_set()


def test_whoever_has_a_tagger_does_not_wait_for_one_that_is_loaded(
    tagger: Tagger, model_path: Path, halt: Callable[[Any, str], Halted]
) -> None:
    default._tagger.cache_clear()
    halted = halt(default.Tagger, "load")
    halted.run(lambda: g7classify.tag("La police."))
    assert tagger.tag("La police.").labels
    assert Tagger.load(model_path).tag("La police.").labels
    halted.end()


# ---- Fork. ----

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
multithreaded = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def forked(call: Callable[[], bool]) -> str:
    """What becomes of a call in a forked process: "right", "wrong", or "hung" if it does not end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = b"wrong"
        try:
            if call():
                said = b"right"
        finally:
            os.write(writing, said)
            os._exit(0)
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], PATIENCE)
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = os.read(reading, 10)
    os.close(reading)
    return said.decode() if ready else "hung"


@forks
@multithreaded
def test_a_fork_while_another_thread_makes_sentences(tagger: Tagger, halt: Callable[[Any, str], Halted]) -> None:
    document = tagger.tag("La police.")
    halted = halt(decision, "ranked")
    halted.run(lambda: document.sentences)
    assert forked(lambda: tagger.tag("La police.").labels == ("actor", "actor.agency")) == "right"
    assert forked(lambda: document.labels == ("actor", "actor.agency")) == "right"


@forks
@multithreaded
def test_a_fork_while_another_thread_loads_the_default_model(halt: Callable[[Any, str], Halted]) -> None:
    default._tagger.cache_clear()
    halted = halt(default.Tagger, "load")
    halted.run(lambda: g7classify.tag("La police."))
    assert forked(lambda: "actor.agency" in g7classify.tag("La police.").labels) == "right"


@forks
@multithreaded
@pytest.mark.usefixtures("encoders")
def test_a_fork_while_another_thread_makes_a_deep_model_ready(
    make_deep: Callable[..., Any], halt: Callable[[Any, str], Halted]
) -> None:
    model = make_deep()
    halted = halt(deep_model, "encoder_of")
    halted.run(lambda: model.scores(["police"]))
    assert forked(lambda: model.scores(["police"]).shape == (1, 38)) == "right"


@forks
@multithreaded
def test_forks_in_the_middle_of_tag_many_in_other_threads(tagger: Tagger) -> None:
    texts = ["La police arrive. Le ministre parle de sanctions! " * 60] * 20
    right = tagger.tag(texts[0]).to_json()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            for document in tagger.tag_many(texts, batch_size=4, n_jobs=2):
                document.to_json()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        found = [
            forked(lambda: [one.to_json() for one in tagger.tag_many(texts, batch_size=4, n_jobs=2)] == [right] * 20)
            for _ in range(10)
        ]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert found == ["right"] * 10


@forks
@multithreaded
def test_a_lock_is_of_one_process() -> None:
    lock = ProcessLock()

    def enter() -> bool:
        with lock.own():
            return True

    with lock.own():
        assert forked(enter) == "right"
        entered = threading.Thread(target=enter)
        entered.start()
        entered.join(0.05)
        assert entered.is_alive()  # other threads wait
    entered.join()


def test_whoever_is_interrupted_leaves_a_lock_free() -> None:
    lock = ProcessLock()
    struck = 0
    for interruption in at_every_line(locks):
        try:
            with interruption, lock.own():
                pass
        except KeyboardInterrupt:
            struck += 1
        assert not lock.own().locked()
    assert struck


def test_all_locks_of_ours_are_of_one_process() -> None:
    """That of cached_property is one for all instances before Python 3.12."""
    package = Path(g7classify.__file__).parent
    found = {
        path.relative_to(package).as_posix(): re.findall(r"\b(?:R?Lock|Condition|Semaphore|cached_property)\(?", text)
        for path in package.rglob("*.py")
        if (text := path.read_text(encoding="utf-8"))
    }
    assert {name for name, uses in found.items() if set(uses) & {"Lock(", "RLock(", "Condition(", "Semaphore("}} == {
        "locks.py"
    }
    assert not [path for path in package.rglob("*.py") if "import cached_property" in path.read_text(encoding="utf-8")]
