"""The work on a text grows with its size and no faster, whatever it holds; it is counted, not timed.

`make linear` does the same for a megabyte and searches for worse texts; benchmarks/linear_time.py says what is counted.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import numpy as np
import pytest

from benchmarks import counted, linear_texts, linear_time
from g7classify import Tagger, _sentences, modelfile, registry

SIZE = 1 << 14
gcc_only = pytest.mark.skipif(not counted.is_possible(), reason="counting takes Linux and gcc")


@pytest.fixture(scope="module")
def instruments() -> counted.Counted:
    return counted.Counted()


@pytest.mark.source
@gcc_only
def test_no_text_costs_much_more_than_ordinary_text(instruments: counted.Counted) -> None:
    model = modelfile.read(registry.path(registry.find("g7-mini")))
    figures, broken = linear_time.measure(instruments, instruments.entries(model), SIZE)
    assert not broken, {name: figures["times"][name.split(":")[0]] for name in broken}
    assert len(figures["times"]) >= 50


@pytest.mark.source
@gcc_only
def test_what_is_counted_is_what_is_done(instruments: counted.Counted) -> None:
    model = modelfile.read(registry.path(registry.find("g7-mini")))
    prepared = instruments.entries(model)
    text = linear_texts.ordinary(SIZE)
    assert instruments.blocks(lambda: lambda _: None, text) == 0
    for name, prepare in prepared.items():
        assert instruments.blocks(prepare, text) > len(text), name  # a block a code point at least
    assert np.array_equal(prepared["scores"]()(text), model.scores([text]))


def lines_run(function: Any, *arguments: Any) -> int:
    """How many lines of Python a call runs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "name", ["initials", "lines of a clause", "letters apart", "stops and brackets", "numbered items"]
)
def test_the_readable_splitter_is_linear(name: str) -> None:
    small, large = (linear_texts.adversarial(size)[name] for size in (2_000, 8_000))
    assert lines_run(_sentences.split_texts, [large], -1) <= linear_time.LINEAR * lines_run(
        _sentences.split_texts, [small], -1
    )


@pytest.mark.parametrize("name", ["words of six letters", "ideographs"])
def test_explaining_is_linear(name: str) -> None:
    tagger = Tagger.load("g7-mini")

    def explain(text: str) -> Any:
        return tagger.explain(text, labels=[tagger.labels[0]])

    explain("a")  # what is imported late is not to be counted
    small, large = (linear_texts.adversarial(size)[name] for size in (2_000, 8_000))
    fewer, more = lines_run(explain, small), lines_run(explain, large)
    assert 2 * fewer < more <= linear_time.LINEAR * fewer
