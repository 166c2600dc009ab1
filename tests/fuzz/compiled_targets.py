"""What libFuzzer's inputs go to: the functions of the compiled modules, and what must hold of their results.

It is imported by the program that compiled.py builds, in which `_kernel`, `_splitter` and `_solver` are instrumented.
A target takes any bytes. An exception that it lets out, a report of a sanitizer and a slow input are findings.
"""

from __future__ import annotations

import operator
import re
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import _kernel
import _solver
import _splitter
import numpy as np
from compiled_inputs import Input, Odd, array_in, column_in, column_of, exact, texts_in

from g7classify import _fallback, _sentences
from g7classify.arguments import texts_of_utf8
from g7classify.characters import BREAK, classify
from g7classify.errors import G7ClassifyError, TextError
from g7classify.languages import LANGUAGES
from g7classify.learn import _descent
from g7classify.text import check_texts

SURROGATE = re.compile("[\ud800-\udfff]")
CHANCE = np.random.RandomState(0)
COLUMNS = (3, 39, 9)  # 39 is unrolled in the kernel
TABLES = [
    CHANCE.randint(-128, 128, (1 << bits, d)).astype(np.int8) for bits, d in zip((6, 10, 1), COLUMNS, strict=True)
]
for _table in TABLES:
    _table[:, -1] = CHANCE.randint(1, 128, len(_table))  # the norm's column is positive
OPTIONS: tuple[dict[str, Any], ...] = (
    {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": False},
    {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": True},
    {"pairs": False, "characters": (1, 8), "unspaced": (1, 8), "repeats": False},
    {"pairs": True, "characters": (2, 2), "unspaced": (2, 3), "repeats": True},
    {"pairs": False, "characters": (8, 8), "unspaced": (8, 8), "repeats": False},
)


def vectors(rows: Any) -> tuple[Any, Any]:
    """A scale and a bias for a table."""
    columns = rows.shape[1]
    return np.linspace(0.01, 0.02, columns, dtype=np.float32), np.linspace(-1, 1, columns - 1, dtype=np.float32)


KEPT = [
    (rows, options, _kernel.Table(rows, *vectors(rows), pivot=0.5, **options)) for rows in TABLES for options in OPTIONS
]


def is_for_twins(data: bytes, share: int = 256) -> bool:
    """Whether an input goes through the readable twins too, which take a millisecond or more: one in so many does."""
    return zlib.crc32(data) % share == 0


def outcome(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What a function returns, or the class and the message of the error of ours that it raises."""
    try:
        return function(*arguments, **options)
    except G7ClassifyError as error:
        return type(error), str(error)


def same(first: Any, second: Any) -> bool:
    """Whether two outcomes are alike, to the last bit."""
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return first.shape == second.shape and first.dtype == second.dtype and first.tobytes() == second.tobytes()
    return bool(first == second)


def has_surrogate(texts: Sequence[str]) -> bool:
    """Whether there is half of a pair that UTF-16 makes."""
    return any(map(SURROGATE.search, texts))


def strings(data: bytes) -> None:
    """Keys, sums and scores of list[str], of strings of every width."""
    source = Input(data)
    rows, options, table = source.pick(KEPT)
    texts = texts_in(source.byte(), source.rest())
    if has_surrogate(texts):
        expected = outcome(check_texts, texts)
        assert expected[0] is TextError
        assert outcome(_kernel.keys, texts, **options) == expected
        assert outcome(_kernel.pool, texts, rows, **options) == expected
        assert outcome(table.scores, texts) == expected
        return
    keys, offsets = _kernel.keys(texts, **options)
    assert offsets[0] == 0
    assert offsets[-1] == len(keys)
    assert (np.diff(offsets) >= 0).all()
    assert same((keys, offsets), _kernel.keys(tuple(texts), **options))
    scores = table.scores(texts)
    assert same(scores, table.scores(texts))  # once with a cold cache of words, once with a warm one
    encoded, ends = column_of(texts)
    assert same(scores, table.scores_utf8(exact(encoded), ends))
    if len(data) % 16 == 0:  # a new cache of some megabytes is made each time
        sums = np.array(
            [rows[keys[a:b] >> np.uint64(65 - len(rows).bit_length())].sum(0, np.int64) for a, b in pairwise(offsets)]
        )
        assert same(sums, _kernel.pool(texts, rows, **options))
    if is_for_twins(data):
        other, other_offsets = _fallback.keys(texts, **options)
        assert same(offsets, other_offsets)
        for a, b in pairwise(offsets.tolist()):
            assert same(np.sort(keys[a:b]), np.sort(other[a:b]))
        twin = _fallback.Table(rows, *vectors(rows), pivot=0.5, **options)
        assert same(scores, twin.scores(texts))


def columns(data: bytes) -> None:
    """Scores of Arrow columns: wrong offsets, validity and bytes are refused as the readable twin refuses them."""
    _, choice, values, offsets, validity, first = column_in(data)
    _, _, table = KEPT[choice % len(KEPT)]
    found = outcome(table.scores_utf8, values, offsets, validity, first=first)
    texts = outcome(texts_of_utf8, values, offsets, validity, first=first)
    assert same(found, table.scores(texts) if isinstance(texts, list) else texts), (found, texts)


def check_splits(texts: Sequence[str], place: int, found: tuple[Any, Any, Any, Any]) -> None:
    """Sentences lie in order and apart, neither begin nor end with space, and leave only space between them."""
    places, first, spans, in_bytes = found
    assert len(places) == len(texts) == len(first) - 1
    assert first[0] == 0
    assert first[-1] == len(spans) == len(in_bytes)
    for i, text in enumerate(texts):
        assert places[i] == (_splitter.guess(text) if place < 0 else place)
        kinds = {char: classify(char) <= BREAK for char in set(text)}
        blank = [kinds[char] for char in text]
        done = bytes_done = 0
        for (start, end), (start_byte, end_byte) in zip(
            spans[first[i] : first[i + 1]].tolist(), in_bytes[first[i] : first[i + 1]].tolist(), strict=True
        ):
            assert done <= start < end <= len(text)
            assert all(blank[done:start])
            assert not blank[start]
            assert not blank[end - 1]
            bytes_done += len(text[done:start].encode("utf-8", "surrogatepass"))
            assert start_byte == bytes_done
            bytes_done += len(text[start:end].encode("utf-8", "surrogatepass"))
            assert end_byte == bytes_done
            done = end
        assert all(blank[done:])


def splits(data: bytes) -> None:
    """Sentences of list[str], lone surrogates among them, and of the same texts as a column."""
    source = Input(data)
    place = source.byte() % (len(LANGUAGES) + 1) - 1
    texts = texts_in(source.byte(), source.rest())
    found = _splitter.split_texts(texts, place)
    check_splits(texts, place, found)
    if not has_surrogate(texts):
        encoded, ends = column_of(texts, "i8")
        assert same(found, _splitter.split_utf8(exact(encoded), ends, place))
    if is_for_twins(data):
        assert same(found, _sentences.split_texts(texts, place)), texts


def split_columns(data: bytes) -> None:
    """Sentences of Arrow columns: wrong ones are refused as the readable twin refuses them."""
    _, choice, values, offsets, _, _ = column_in(data)
    place = choice % (len(LANGUAGES) + 1) - 1
    found = outcome(_splitter.split_utf8, values, offsets, place)
    texts = outcome(texts_of_utf8, values, offsets, None, first=0)
    assert same(found, _splitter.split_texts(texts, place) if isinstance(texts, list) else texts), (found, texts)


def arrays(data: bytes) -> None:
    """Tables, scales, biases and calibrations of any bits, well and wrongly made: refused, or as the readable twin."""
    source = Input(data)
    options = source.pick(OPTIONS) | {}
    if source.byte() == 1:
        options[source.pick(("characters", "unspaced"))] = source.pick(
            ((0, 3), (4, 3), (1, 9), (-1, -1), (2**31 - 1,) * 2)
        )
    buckets, d = source.pick((2, 4, 1, 3, 64, 0)), source.byte() % 18
    rows = array_in(source, "i1", (buckets, d))
    scale, bias = array_in(source, "f4", (d,)), array_in(source, "f4", (max(d - 1, 0),))
    pivot = float(np.frombuffer(source.take(8), "<f8")[0])
    n, k = source.byte() % 5, source.byte() % 18
    scores, slope = array_in(source, "f4", (n, k)), array_in(source, "f4", (k,))
    intercept, parents = array_in(source, "f4", (k,)), array_in(source, "i8", (k,))
    if isinstance(parents, np.ndarray) and parents.dtype == np.int64 and parents.flags.writeable and source.byte() % 4:
        parents %= max(k, 1) + 1
        parents -= 1
    texts = texts_in(0, source.rest())
    modelled = np.isfinite([pivot, *finite(scale), *finite(bias)]).all()  # as modelfile.py asks
    engines = (_kernel, _fallback) if is_for_twins(data, 64) else (_kernel, _kernel)
    with np.errstate(all="ignore"):
        # One of the two, as either makes a cache of some megabytes.
        function = pooled if zlib.adler32(data) % 4 == 0 else scored
        found, expected = (outcome(function, engine, texts, rows, options, scale, bias, pivot) for engine in engines)
        assert alike(found, expected) or not modelled, (found, expected)
        results = [calibrated(engine, scores, slope, intercept, parents) for engine in engines]
        assert alike(*results) or has_nan(results[1][1]), results  # which is the larger, a NaN or a number?


def pooled(engine: Any, texts: Any, rows: Any, options: dict[str, Any], *_: Any) -> Any:
    """What `pool` returns."""
    return engine.pool(texts, rows, **options)


def scored(engine: Any, texts: Any, rows: Any, options: dict[str, Any], scale: Any, bias: Any, pivot: float) -> Any:
    """What a Table returns that is made for it."""
    return engine.Table(rows, scale, bias, pivot=pivot, **options).scores(texts)


def calibrated(engine: Any, scores: Any, *arrays: Any) -> tuple[Any, Any]:
    """What comes of `calibrate`, and the scores that it has changed: a copy, where they can be changed."""
    if isinstance(scores, np.ndarray) and scores.flags.c_contiguous and scores.flags.aligned and scores.flags.writeable:
        scores = scores.copy()
    return outcome(engine.calibrate, scores, *arrays), scores


def has_nan(array: Any) -> bool:
    """Whether it is an array that holds one."""
    return isinstance(array, np.ndarray) and array.dtype.kind in "fc" and bool(np.isnan(array).any())


def alike(first: Any, second: Any) -> bool:
    """Whether two outcomes are the same number for number; which NaN a NaN is does not matter."""
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(map(alike, first, second))
    if isinstance(first, np.ndarray) and isinstance(second, np.ndarray):
        return first.shape == second.shape and np.array_equal(first, second, equal_nan=first.dtype.kind in "fc")
    return type(first) is type(second) and (first is second or bool(np.all(first == second)))


def finite(array: Any) -> list[float]:
    """The numbers of an array, if it is one of floats."""
    return (
        array.astype(float, casting="unsafe").ravel().tolist()
        if isinstance(array, np.ndarray) and array.dtype.kind == "f"
        else []
    )


def sequence(kind: int, items: list[Any], other: Any, fault: int) -> Any:
    """Items as one of several kinds of sequence, or what is none."""
    words = [str(item) for item in items]
    made: tuple[Any, ...] = (items, tuple(items), iter(items), set(words), dict.fromkeys(words), other, np.array(words))
    return made[kind % 8] if kind % 8 < len(made) else Odd(list(items), fault % 8)


def objects(data: bytes) -> None:
    """What is no list of strings: refused as the readable twin refuses it, or an error of the object's own."""
    source = Input(data)
    options, fault, place = source.pick(OPTIONS), source.byte(), source.byte() - 2
    others: tuple[Any, ...] = (None, 7, b"bytes", bytearray(b"x"), ["x"], 1.5, "text", type("S", (str,), {})("sub"))
    items: list[Any] = list(texts_in(source.byte(), source.take(64)))
    for _ in range(source.byte() % 4):
        items.insert(source.byte() % (len(items) + 1), source.pick(others))
    kind, other = source.byte(), source.pick(others)
    results = []
    others_too = ((_sentences, _fallback),) if is_for_twins(data, 32) else ()
    for split, engine in ((_splitter, _kernel), *others_too):
        for function, arguments, named in (
            (engine.keys, (), options),
            (engine.pool, (TABLES[0],), options),
            (split.split_texts, (place % len(LANGUAGES) - 1,), {}),
        ):
            try:
                result = function(sequence(kind, items, other, fault), *arguments, **named)
                results.append(result[1] if function is engine.keys else result)  # keys are in no order
            except (G7ClassifyError, ZeroDivisionError, TypeError, MemoryError, OverflowError) as error:
                results.append(type(error))
    if others_too and not (
        kind % 8 == 7 and fault % 8
    ):  # of an object that breaks its promises anything may come but a crash
        assert alike(tuple(results[:3]), tuple(results[3:])), results
    for wrong in (len(LANGUAGES), -2, 2**31 - 1):
        try:
            _splitter.split_texts([], wrong)
        except IndexError:
            continue
        raise AssertionError(wrong)
    assert isinstance(other, str) == isinstance(outcome(_splitter.guess, other), int)


def solver(data: bytes) -> None:
    """Epochs of training on arrays of any bits: refused if a place lies outside its array, or as the readable twin."""
    source = Input(data)
    n, d, k, r = source.byte() % 5, source.byte() % 6, 8 * (source.byte() % 3), source.byte() % 5
    lengths = [source.byte() % 4 for _ in range(n)]
    m = sum(lengths)
    starts = np.cumsum([0, *lengths]).astype(np.int32)
    buckets = np.array([source.byte() for _ in range(m)], np.int32) % max(d, 1)
    order = np.array([source.byte() for _ in range(r)], np.int32) % max(n, 1)
    harm = source.byte()
    for bit, array in enumerate((starts, buckets, order)):
        if harm >> bit & 1 and len(array):
            any_bits = int(np.frombuffer(source.take(4), "<i4")[0])
            array[source.byte() % len(array)] = source.pick((any_bits, -1, d, d + 1, n, n + 1, m, m + 1))
    given: list[Any] = [starts, buckets, array_in(source, "f4", (m,)), order]
    given += [array_in(source, "f4", shape) for shape in ((n, k), (n,), (d + 1, k), (n, k))]
    if source.byte() == 1:
        given[source.byte() % 8] = array_in(source, "i4", (source.byte() % 9,))
    copies = [array.copy() if isinstance(array, np.ndarray) and array.flags.c_contiguous else array for array in given]
    try:
        _solver.descend(*given, bool(harm & 8))
    except (ValueError, TypeError, BufferError):
        return
    if any(
        getattr(array, "dtype", None) != kind
        for array, kind in zip(given, ("i4", "i4", "f4", "i4", *["f4"] * 4), strict=True)
    ):
        return  # of the right width, but not numbers of the kind that the twin computes with
    if any(len(set(buckets[a:b].tolist())) < b - a for a, b in pairwise(starts.tolist())):
        return  # a row has a bucket once
    if is_for_twins(data, 8) and all(map(operator.attrgetter("flags.writeable"), copies[6:])):
        with np.errstate(all="ignore"):
            _descent.descend(*copies, bool(harm & 8))
        assert alike(tuple(given[6:]), tuple(copies[6:])), (given, copies)
