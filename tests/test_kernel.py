"""The contract of every kernel: golden keys, a plain reference, the sums of one row at a time; and that they agree.

Each test runs on every kernel that there is. What only a compiled kernel can get wrong is at the end.
"""

from __future__ import annotations

import json
import sys
import threading
from array import array
from collections import Counter, UserList
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from g7classify import _fallback, _tables, calibration, kernel, text
from g7classify.codebook import CODEBOOK
from g7classify.errors import InputTypeError, OptionError, TextError

try:
    from g7classify import _kernel
except ImportError:
    _kernel = None  # type: ignore[assignment]

compiled_only = pytest.mark.skipif(_kernel is None, reason="the compiled kernel is not built")

DATA = Path(__file__).parent / "data"
MASK = 2**64 - 1

texts = st.lists(
    st.text(
        st.one_of(st.sampled_from("aAéß '-.G7漢字かｶﾞ　。\u00ad\u0301\x00\n🙂𠀋"), st.characters(codec="utf-8")),
        max_size=40,
    ),
    max_size=6,
)


OPTIONS: dict[str, Any] = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4), "repeats": False}


@pytest.fixture(
    scope="module",
    params=[pytest.param(_fallback, id="numpy"), pytest.param(_kernel, id="c", marks=compiled_only)],
)
def engine(request: pytest.FixtureRequest) -> ModuleType:
    found: ModuleType = request.param
    return found


def keys_of(engine: ModuleType, value: str, *, repeats: bool = False) -> Counter[int]:
    keys, offsets = engine.keys([value], **(OPTIONS | {"repeats": repeats}))
    assert list(offsets) == [0, len(keys)]
    return Counter(int(key) for key in keys)


def rows(*, bits: int = 10, columns: int = 39, seed: int = 0) -> NDArray[np.int8]:
    """A table whose norm column, the last, is not negative."""
    table = np.random.default_rng(seed).integers(-128, 128, (1 << bits, columns)).astype(np.int8)
    table[:, -1] &= 127
    return table


def table_of(engine: ModuleType, table: NDArray[np.int8], **options: Any) -> Any:
    columns = table.shape[1]
    scale = np.linspace(0.01, 0.02, columns, dtype=np.float32)
    bias = np.linspace(-3, 3, columns - 1, dtype=np.float32)
    return engine.Table(table, scale, bias, pivot=0.5, **(OPTIONS | options))


def column(values: list[bytes]) -> tuple[bytes, NDArray[np.int32]]:
    """Data and offsets of an Arrow column."""
    return b"".join(values), np.cumsum([0, *map(len, values)]).astype(np.int32)


def outcome(function: Callable[[], Any]) -> Any:
    """What a call gives: an array as bytes, or its error."""
    try:
        return function().tobytes()
    except (TypeError, ValueError) as error:
        return type(error), str(error)


def canonical(value: str) -> str:
    """The canonical form, one code point at a time."""
    out = []
    for char in value:
        code = ord(char)
        if code > 0xFFFF:
            out.append(char)
        else:
            out += [chr(c) for c in text.FOLDED[text.OFFSETS[code] : text.OFFSETS[code + 1]]]
    return "".join(out)


def kind(char: str) -> int:
    code = ord(char)
    if code > 0xFFFF:
        return text.UNSPACED if code >> 16 in (2, 3) else text.SEPARATOR
    return int(text.CLASSES[code])


def polynomial(chars: str) -> int:
    value = 0
    for char in chars:
        value = (value * int(_fallback.P) + ord(char)) & MASK
    return value


def finish(value: int, of: int) -> int:
    value = (value + of * int(_fallback.KIND)) & MASK
    return ((value ^ (value >> 32)) * int(_fallback.FINISH)) & MASK


def reference(
    value: str, *, pairs: bool, characters: tuple[int, int], unspaced: tuple[int, int], repeats: bool
) -> Counter[int]:
    """The features as the documentation of _fallback states them, with none of its arrays."""
    tokens: list[tuple[int, str]] = []
    previous = text.SEPARATOR
    for char in canonical(value):
        now = kind(char)
        if now != text.SEPARATOR:
            if now == previous:
                tokens[-1] = (now, tokens[-1][1] + char)
            else:
                tokens.append((now, char))
        previous = now
    found: Counter[int] = Counter()
    counted: Callable[[list[Any]], Iterable[Any]] = list if repeats else set
    for word in counted([token for of, token in tokens if of == text.WORD]):
        found[finish(polynomial(word), _fallback.WORD_KIND)] += 1
        bordered = f" {word} "
        for n in range(characters[0], characters[1] + 1):
            for start in range(len(bordered) - n + 1):
                found[finish(polynomial(bordered[start : start + n]), _fallback.CHARACTERS_KIND + n)] += 1
    if pairs:
        neighbours = [(a, b) for (x, a), (y, b) in pairwise(tokens) if x == y == text.WORD]
        for a, b in counted(neighbours):
            found[finish(polynomial(a) * int(_fallback.PAIR) + polynomial(b), _fallback.PAIR_KIND)] += 1
    grams = [
        token[start : start + n]
        for of, token in tokens
        if of == text.UNSPACED
        for n in range(unspaced[0], unspaced[1] + 1)
        for start in range(len(token) - n + 1)
    ]
    for gram in counted(grams):
        found[finish(polynomial(gram), _fallback.UNSPACED_KIND + len(gram))] += 1
    return found


@pytest.mark.parametrize(("name", "repeats"), [("keys.json", False), ("keys_repeats.json", True)])
def test_golden_keys_never_change(engine: ModuleType, name: str, repeats: bool) -> None:
    golden = json.loads((DATA / name).read_text())
    assert len(golden) >= 12
    for value, expected in golden.items():
        found = keys_of(engine, value, repeats=repeats)
        assert sorted(found.elements()) == [int(key, 16) for key in expected], value


@settings(max_examples=200)
@given(
    texts,
    st.booleans(),
    st.sampled_from([(1, 1), (3, 5), (2, 6), (8, 8)]),
    st.sampled_from([(1, 4), (2, 2), (1, 8)]),
    st.booleans(),
)
def test_keys_are_the_documented_features(
    engine: ModuleType,
    values: list[str],
    pairs: bool,
    characters: tuple[int, int],
    unspaced: tuple[int, int],
    repeats: bool,
) -> None:
    options: dict[str, Any] = {"pairs": pairs, "characters": characters, "unspaced": unspaced, "repeats": repeats}
    keys, offsets = engine.keys(values, **options)
    assert keys.dtype == np.uint64
    assert len(offsets) == len(values) + 1
    for i, value in enumerate(values):
        found = Counter(int(key) for key in keys[offsets[i] : offsets[i + 1]])
        assert found == reference(value, **options), value


@settings(max_examples=100)
@given(texts, st.integers(4, 12), st.booleans())
def test_pool_sums_the_rows_of_the_keys(engine: ModuleType, values: list[str], bits: int, repeats: bool) -> None:
    columns, options = bits - 3, OPTIONS | {"repeats": repeats}
    table = rows(bits=bits, columns=columns)
    pooled = engine.pool(values, table, **options)
    keys, offsets = engine.keys(values, **options)
    assert pooled.shape == (len(values), columns)
    assert pooled.dtype == np.int64
    for i in range(len(values)):
        of_text = table[(keys[offsets[i] : offsets[i + 1]] >> np.uint64(64 - bits)).astype(np.int64)]
        assert (pooled[i] == of_text.sum(axis=0, dtype=np.int64)).all()


def test_many_batches_equal_one_text_at_a_time(engine: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    values = ["Le G7 lutte contre les passeurs.", "", "首脳会議は覚醒剤の密輸を非難した。", "a b a b"] * 5
    table = rows(bits=8, columns=3)
    alone = [engine.pool([value], table, **OPTIONS)[0] for value in values]
    monkeypatch.setattr(_fallback, "BATCH", 40)
    assert (engine.pool(values, table, **OPTIONS) == np.array(alone)).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L’ÉTAT", "l'etat"), ("Straße", "STRASSE"), ("Ｇ７", "g7"), ("œuvre", "OEUVRE"), ("traf\u00adic", "trafic"),
        ("e\u0301tat", "état"), ("a\x00b", "a b"), ("x\u202ey", "xy"),
    ],
)  # fmt: skip
def test_spellings_of_the_same_are_the_same(engine: ModuleType, one: str, other: str) -> None:
    assert keys_of(engine, one) == keys_of(engine, other)


def test_repeating_a_sentence_adds_only_the_pair_where_it_joins(engine: ModuleType) -> None:
    once = keys_of(engine, "police nationale arrête")
    twice = keys_of(engine, "police nationale arrête police nationale arrête")
    assert sum((twice - once).values()) == 1


def test_with_repeats_what_comes_again_counts_again(engine: ModuleType) -> None:
    once = keys_of(engine, "police 警察", repeats=True)
    assert once == keys_of(engine, "police 警察")
    thrice = keys_of(engine, "police 警察 police 警察 police 警察", repeats=True)
    assert thrice == Counter({key: 3 * count for key, count in once.items()})


def test_nothing_has_no_features(engine: ModuleType) -> None:
    for value in ("", " \n\t", "…!?", "🙂"):
        assert not keys_of(engine, value)
    keys, offsets = engine.keys([], **OPTIONS)
    assert len(keys) == 0
    assert list(offsets) == [0]


def test_buckets_are_used_evenly(engine: ModuleType) -> None:
    values = [f"{a}{b}{c}" for a in "abcdefghijklmnopqrst" for b in "aeiou" for c in "bcdfglmnprst"]
    keys, _ = engine.keys(values, pairs=False, characters=(3, 3), unspaced=(1, 1), repeats=False)
    counts = np.bincount((np.unique(keys) >> np.uint64(56)).astype(np.int64), minlength=256)
    expected = counts.sum() / 256
    # Chi-square with 255 degrees of freedom: mean 255, standard deviation 22.6.
    assert ((counts - expected) ** 2 / expected).sum() < 255 + 5 * 22.6


@pytest.mark.parametrize("value", ["one text", b"bytes", bytearray(b"bytes")])
def test_one_text_for_many_is_refused(engine: ModuleType, value: object) -> None:
    with pytest.raises(InputTypeError, match="expected a sequence of str, got one"):
        engine.keys(value, **OPTIONS)


@pytest.mark.parametrize("value", [3, None, (text for text in ["a generator"])])
def test_what_is_no_sequence_is_refused(engine: ModuleType, value: object) -> None:
    with pytest.raises(InputTypeError, match=f"expected a sequence of str, got {type(value).__name__}"):
        engine.keys(value, **OPTIONS)


def test_a_sequence_that_cannot_tell_its_length_is_refused(engine: ModuleType) -> None:
    class Endless(UserList[str]):
        def __len__(self) -> int:
            raise OverflowError

    with pytest.raises((InputTypeError, OverflowError)):
        engine.keys(Endless(["one"]), **OPTIONS)


def test_what_is_no_text_is_named(engine: ModuleType) -> None:
    table = rows()
    for call in (
        lambda values: engine.keys(values, **OPTIONS),
        lambda values: engine.pool(values, table, **OPTIONS),
        lambda values: table_of(engine, table).scores(values),
    ):
        with pytest.raises(TextError, match=r"texts\[1\]: lone surrogate U\+DC80 at offset 2"):
            call(["ok", "ab\udc80"])
        with pytest.raises(InputTypeError, match=r"texts\[2\]: expected str, got bytes; decode it first"):
            call(("ok", "ok", b"bytes"))


@pytest.mark.parametrize("name", ["characters", "unspaced"])
@pytest.mark.parametrize("low_high", [(0, 3), (3, 2), (1, 9), (-1, -1)])
def test_ranges_that_no_kernel_has_are_refused(engine: ModuleType, name: str, low_high: tuple[int, int]) -> None:
    options = OPTIONS | {name: low_high}
    for call in (
        lambda: engine.keys(["a"], **options),
        lambda: engine.pool(["a"], rows(), **options),
        lambda: table_of(engine, rows(), **options),
    ):
        with pytest.raises(OptionError, match=rf"{name}: expected 1 <= low <= high <= 8, got \({low_high[0]}, "):
            call()


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (3, 3), (1000, 3), (4, 0)])
def test_tables_of_another_shape_are_refused(engine: ModuleType, shape: tuple[int, int]) -> None:
    with pytest.raises(OptionError, match=rf"table: expected \(2\*\*b, D\) .*got \({shape[0]}, {shape[1]}\)"):
        engine.pool(["a"], np.zeros(shape, np.int8), **OPTIONS)


def test_arrays_of_another_type_are_refused(engine: ModuleType) -> None:
    good = rows(columns=3)
    scale, bias = np.ones(3, np.float32), np.zeros(2, np.float32)
    for table in (good.astype(np.uint8), good[:, :2], good[0], good.astype(np.int16)):
        with pytest.raises(InputTypeError, match="table: expected a contiguous array of int8 with 2 dimensions"):
            engine.Table(table, scale, bias, pivot=0.5, **OPTIONS)
    with pytest.raises(InputTypeError, match="scale: expected a contiguous array of float32"):
        engine.Table(good, scale.astype(np.float64), bias, pivot=0.5, **OPTIONS)
    with pytest.raises(InputTypeError, match="bias: expected a contiguous array of float32"):
        engine.Table(good, scale, bias[None], pivot=0.5, **OPTIONS)
    with pytest.raises(OptionError, match="scale: expected 3 values, got 2"):
        engine.Table(good, scale[:2], bias, pivot=0.5, **OPTIONS)
    with pytest.raises(OptionError, match="bias: expected 2 values, got 3"):
        engine.Table(good, scale, scale, pivot=0.5, **OPTIONS)


def test_arrays_at_odd_addresses_are_refused(engine: ModuleType) -> None:
    """No processor but some takes them, and C does not allow them."""
    odd = np.zeros(3 * 4 + 1, np.uint8)[1:].view(np.float32)
    with pytest.raises(InputTypeError, match=r"slope: expected a contiguous array of float32 .* aligned"):
        engine.calibrate(np.zeros((1, 3), np.float32), odd, np.zeros(3, np.float32), np.full(3, -1))
    parents = np.zeros(3 * 8 + 1, np.uint8)[1:].view(np.int64)
    with pytest.raises(InputTypeError, match=r"parents: expected a contiguous array of int64 .* aligned"):
        engine.calibrate(np.zeros((1, 3), np.float32), np.zeros(3, np.float32), np.zeros(3, np.float32), parents)


def test_texts_may_be_a_set(engine: ModuleType) -> None:
    texts = {"police nationale", "警察"}
    assert set(engine.keys(texts, **OPTIONS)[0]) == set(engine.keys(list(texts), **OPTIONS)[0])
    assert (engine.pool(texts, rows(), **OPTIONS) == engine.pool(list(texts), rows(), **OPTIONS)).all()


# ---- scores ----


@settings(max_examples=50)
@given(texts)
def test_scores_are_scaled_sums_over_their_norm(engine: ModuleType, values: list[str]) -> None:
    table = rows(columns=5)
    scale, bias = np.array([0.5, 1, 2, 3, 0.25], np.float32), np.array([-1, 0, 1, 2], np.float32)
    scores = engine.Table(table, scale, bias, pivot=0.5, **OPTIONS).scores(values)
    assert scores.dtype == np.float32
    pooled = engine.pool(values, table, **OPTIONS)
    expected = pooled[:, :4] * scale[:4] / (0.5 + np.sqrt(np.maximum(pooled[:, 4:] * 0.25, 1e-12))) + bias
    assert scores.shape == (len(values), 4)
    assert np.allclose(scores, expected, rtol=1e-6)


def test_a_text_without_features_has_the_bias(engine: ModuleType) -> None:
    table = table_of(engine, rows(columns=3))
    assert table.scores(["", "…"]).tolist() == [[-3, 3], [-3, 3]]
    assert table.scores([]).shape == (0, 2)


def test_sums_beyond_32_bits_of_bytes_are_exact(engine: ModuleType) -> None:
    letters = 6_000_000
    table = np.full((2, 2), 127, np.int8)
    table[:, 0] = -128
    # The word, and the n-grams for n = 3, 4, 5 of two borders and the letters.
    count = 1 + sum(letters + 2 - n + 1 for n in (3, 4, 5))
    assert count * 255 > 2**32
    assert engine.pool(["a" * letters, "b"], table, **OPTIONS).tolist() == [[-128 * count, 127 * count], [-256, 254]]


# ---- Arrow columns ----

utf8 = st.lists(
    st.one_of(
        st.text(max_size=12).map(lambda value: value.encode("utf-8", "surrogatepass")),
        st.binary(max_size=6),
        st.lists(
            st.sampled_from(
                [
                    b"a",
                    b"\xc3\xa9",
                    b"\xe2\x82\xac",
                    b"\xf0\x9f\x98\x80",
                    b"\xc3",
                    b"\xe2\x82",
                    b"\xf0\x9f",
                    b"\x80",
                    b"\xff",
                    b"\xf5",
                    b"\xc0\x80",
                    b"\xe0\x80\x80",
                    b"\xed\xa0\x80",
                    b"\xf4\x90\x80\x80",
                ]
            ),
            max_size=5,
        ).map(b"".join),
    ),
    max_size=6,
)


@settings(max_examples=300)
@given(utf8, st.booleans())
@example([b"", b"0123456789abcdef\xc3"], False)
@example([b"police police \xe8\xad\xa6\xe8\xad\xa6"], True)
def test_a_column_has_the_scores_of_its_texts_or_is_refused(
    engine: ModuleType, values: list[bytes], repeats: bool
) -> None:
    table = table_of(engine, rows(), repeats=repeats)
    data, offsets = column(values)
    decoded = []
    for i, value in enumerate(values):
        try:
            decoded.append(value.decode())
        except UnicodeDecodeError as error:
            with pytest.raises(TextError, match=rf"texts\[{i}\]: malformed UTF-8 at its byte {error.start} "):
                table.scores_utf8(data, offsets)
            return
    expected = table.scores(decoded)
    assert (table.scores_utf8(data, offsets) == expected).all()
    assert (table.scores_utf8(bytearray(data), offsets.astype(np.int64)) == expected).all()


def test_null_is_an_empty_text(engine: ModuleType) -> None:
    table = table_of(engine, rows())
    data, offsets = column([b"police", b"\xff not read", b"", "警察".encode()])
    bits = bytes([0b0100_1000, 0b0000_0010])  # of texts 3, 6 and 9: here of 0 and 3
    scores = table.scores_utf8(data, offsets, bits, first=6)
    assert (scores == table.scores(["police", "", "", "警察"])).all()


def test_a_slice_of_a_column(engine: ModuleType) -> None:
    table = table_of(engine, rows())
    data, offsets = column([b"never", b"police", "arrêté".encode()])
    assert (table.scores_utf8(data, offsets[1:]) == table.scores(["police", "arrêté"])).all()
    assert (table.scores_utf8(memoryview(data), array("q", [5, 11])) == table.scores(["police"])).all()


@pytest.mark.parametrize(
    "offsets", [[0, 4], [0, 2, 1], [-1, 2], [2, -1], [-(2**31), 3], [0, 2**31 - 1], [4, 4], [3, 0]]
)
def test_offsets_that_leave_the_data_are_refused(engine: ModuleType, offsets: list[int]) -> None:
    table = table_of(engine, rows())
    for dtype in (np.int32, np.int64):
        with pytest.raises(TextError, match=r"texts\[\d\]: offsets .*expected 0 <= start <= stop <= 3"):
            table.scores_utf8(b"abc", np.array(offsets, dtype))
    with pytest.raises(TextError, match="offsets"):
        table.scores_utf8(b"abc", np.array([0, 2**62], np.int64))


def test_what_is_no_column_is_refused(engine: ModuleType) -> None:
    table = table_of(engine, rows())
    good = np.array([0, 3], np.int32)
    for bad in (
        np.array([0, 3], np.uint32),
        np.array([0, 3], np.int16),
        np.array([0.0, 3]),
        np.array([[0, 3]]),
        b"\0\3\0\0",
    ):
        with pytest.raises(InputTypeError, match="offsets: expected one-dimensional int32 or int64"):
            table.scores_utf8(b"abc", bad)
    for data, offsets in (
        ("abc", good),
        (b"abc", [0, 3]),
        (memoryview(b"aabbcc")[::2], good),
        (b"abc", np.arange(4)[::2]),
    ):
        with pytest.raises(InputTypeError, match="expected contiguous buffers"):
            table.scores_utf8(data, offsets)
    with pytest.raises(OptionError, match=r"offsets: expected n \+ 1"):
        table.scores_utf8(b"abc", good[:0])
    for first in (-1, 8, sys.maxsize):
        with pytest.raises(OptionError, match="first"):
            table.scores_utf8(b"abc", good, b"\xff", first=first)
    assert table.scores_utf8(b"abc", good[:1]).shape == (0, 38)
    assert table.scores_utf8(b"abc", good, b"\xff", first=7).shape == (1, 38)


def test_a_column_of_pyarrow(engine: ModuleType) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = table_of(engine, rows())
    values = ["police", None, "arrêté", "", "警察"] * 5
    for kind in (pyarrow.string(), pyarrow.large_string()):
        chunk = pyarrow.array(values, kind)[3:]
        validity, offsets, data = chunk.buffers()
        ends = np.frombuffer(offsets, np.int32 if kind == pyarrow.string() else np.int64)
        ends = ends[chunk.offset : chunk.offset + len(chunk) + 1]
        scores = table.scores_utf8(data, ends, validity, first=chunk.offset)
        assert (scores == table.scores([value or "" for value in values[3:]])).all()


# ---- twins ----


@compiled_only
@settings(max_examples=300)
@given(
    texts,
    st.booleans(),
    st.sampled_from([(1, 1), (3, 5), (2, 6), (8, 8)]),
    st.sampled_from([(1, 4), (2, 2), (1, 8)]),
    st.booleans(),
)
def test_twins_agree_to_the_last_bit(
    values: list[str], pairs: bool, characters: tuple[int, int], unspaced: tuple[int, int], repeats: bool
) -> None:
    options: dict[str, Any] = {"pairs": pairs, "characters": characters, "unspaced": unspaced, "repeats": repeats}
    table = rows()
    one, other = (engine.keys(values, **options) for engine in (_fallback, _kernel))
    assert (one[1] == other[1]).all()
    for start, stop in pairwise(one[1]):
        assert (np.sort(one[0][start:stop]) == np.sort(other[0][start:stop])).all()
    assert (_fallback.pool(values, table, **options) == _kernel.pool(values, table, **options)).all()
    scores = [table_of(engine, table, **options).scores(values) for engine in (_fallback, _kernel)]
    assert scores[0].tobytes() == scores[1].tobytes()


@compiled_only
@settings(max_examples=300)
@given(
    st.binary(max_size=24),
    st.lists(st.integers(-2, 26), max_size=6),
    st.one_of(st.none(), st.binary(max_size=2)),
    st.integers(-1, 9),
)
def test_twins_agree_on_any_buffers(data: bytes, offsets: list[int], validity: bytes | None, first: int) -> None:
    table = rows()
    for dtype in (np.int32, np.int64):
        ends = np.array(offsets, dtype)
        one, other = (
            outcome(partial(table_of(engine, table).scores_utf8, data, ends, validity, first=first))
            for engine in (_fallback, _kernel)
        )
        assert one == other


def hostile() -> Iterator[tuple[str, str]]:
    size = 300_000
    random = np.random.default_rng(0)
    yield "one word", "a" * size
    yield "one word of letters that fold to three", "½" * (size // 4)
    yield "distinct words", " ".join(np.base_repr(i, 36) for i in range(size // 5))
    yield "one word again and again", "mot " * (size // 4)
    yield "one ideograph", "漢" * size
    yield "distinct ideographs", "".join(map(chr, random.integers(0x4E00, 0x9FFF, size // 2)))
    yield "rare ideographs", "".join(map(chr, random.integers(0x20000, 0x2A000, size // 4)))
    yield "letters, ideographs in turn", "a漢" * (size // 2)
    yield "marks", "\u0301" * size
    yield "nothing but spaces", " " * size
    # Polynomials modulo 2**64 over two letters: Thue-Morse words of 2**11 letters and their complements are equal.
    thue_morse = "".join("ab"[i.bit_count() % 2] for i in range(2048))
    yield "different words of one hash", f"{thue_morse} x {thue_morse.translate(str.maketrans('ab', 'ba'))}"


@compiled_only
@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in hostile()])
def test_twins_agree_on_hostile_texts(value: str, repeats: bool) -> None:
    table, options = rows(columns=9), OPTIONS | {"repeats": repeats}
    values = ["avant", value, "après"]
    assert (_fallback.pool(values, table, **options) == _kernel.pool(values, table, **options)).all()


# ---- what only a compiled kernel can get wrong ----


def test_words_that_have_one_hash_keep_their_own_sums(engine: ModuleType) -> None:
    """They were found by lattice reduction; whoever plants one in a text must not change the tags of the other."""
    planted, word = "ccaaaebaaaaaaaahaa", "aaacfaaacaeccfbabq"
    values = np.array([list(map(ord, planted)), list(map(ord, word))], np.uint64)
    hashes = _fallback.hash_tokens(values.ravel(), np.array([18, 18]))
    assert hashes[0] == hashes[1]
    table = table_of(engine, rows())
    alone = [table_of(engine, rows()).scores([value])[0] for value in (planted, word)]
    assert (alone[0] != alone[1]).any()
    assert (table.scores([planted, word, planted]) == [alone[0], alone[1], alone[0]]).all()


@compiled_only
def test_more_words_than_any_cache_holds() -> None:
    table = rows(bits=12)
    values = [f"{np.base_repr(i * 7919, 36)} {np.base_repr(i % 97, 36)}" for i in range(60_000)]
    expected = table_of(_fallback, table).scores(values)
    made = table_of(_kernel, table)
    assert (made.scores(values) == expected).all()
    assert (made.scores(values[::-1]) == expected[::-1]).all()


@compiled_only
def test_tables_do_not_share_their_sums() -> None:
    for seed in range(20):
        table = rows(seed=seed)  # likely where the one before it lay
        assert (table_of(_kernel, table).scores(["police"]) == table_of(_fallback, table).scores(["police"])).all()


@compiled_only
def test_a_table_keeps_what_it_was_made_of() -> None:
    table = rows()
    made = table_of(_kernel, table)
    before = made.scores(["police", "avant"])
    table[:] = 0
    assert (made.scores(["police", "avant"]) == before).all()


@compiled_only
def test_an_error_leaves_nothing_behind() -> None:
    table = table_of(_kernel, rows())
    clean = table.scores(["après"])
    for data in (b"avant avant \xff", b"avant", b"\xff"):
        with pytest.raises(TextError):
            table.scores_utf8(data + b"\xff", np.array([0, len(data), len(data) + 1], np.int32))
    assert (table.scores(["après"]) == clean).all()


def test_threads_share_a_table(engine: ModuleType) -> None:
    table = table_of(engine, rows())
    batches = [[f"mot{i * 37 % 1000} police 警察{i} {'x' * (i % 40)}" for i in range(j, 600 + j)] for j in range(8)]
    expected = [table.scores(batch) for batch in batches]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            for scores, right in zip(threads.map(table.scores, batches), expected, strict=True):
                assert scores.tobytes() == right.tobytes()


@compiled_only
def test_other_threads_run_meanwhile() -> None:
    """With a switch interval of minutes, this thread runs during the call only if the call lets it."""
    table = table_of(_kernel, rows())
    interval = sys.getswitchinterval()
    sys.setswitchinterval(600)
    try:
        for attempt in range(10):  # the system may wake this thread too late; a longer call gives it more time
            values = [f"mot{i} " * 5 for i in range(5_000 << attempt)]
            started, finished = threading.Event(), threading.Event()

            def work(
                values: list[str] = values, started: threading.Event = started, finished: threading.Event = finished
            ) -> None:
                started.set()
                table.scores(values)
                finished.set()

            thread = threading.Thread(target=work)
            thread.start()
            started.wait()
            meanwhile = not finished.is_set()
            thread.join()
            if meanwhile:
                return
        pytest.fail("the call kept the lock of the interpreter")
    finally:
        sys.setswitchinterval(interval)


# ---- choice ----


def test_the_kernel_in_use_is_one_of_the_two() -> None:
    source = {"c": _kernel, "numpy": _fallback}[kernel.NAME]
    assert (kernel.keys, kernel.pool, kernel.Table) == (source.keys, source.pool, source.Table)


def test_the_environment_chooses_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G7CLASSIFY_KERNEL", "no")
    assert not kernel.compiled()
    monkeypatch.setenv("G7CLASSIFY_KERNEL", "perhaps")
    with pytest.raises(OptionError, match="perhaps"):
        kernel.compiled()


@pytest.mark.parametrize("name", ["_kernel", "_splitter"])
@pytest.mark.parametrize("kind", ["absent", "stale"])
def test_a_kernel_that_cannot_be_used_is_left(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for built, number, value in (("_kernel", "FEATURES", _fallback.FEATURES), ("_splitter", "RULES", _tables.RULES)):
        other = ModuleType(f"g7classify.{built}")
        setattr(other, number, value + (built == name))
        vars(other)["INTERFACE"] = _fallback.INTERFACE
        absent = built == name and kind == "absent"
        monkeypatch.setitem(sys.modules, other.__name__, None if absent else other)  # type: ignore[arg-type]
        monkeypatch.delattr(other.__name__, raising=False)
    monkeypatch.delenv("G7CLASSIFY_KERNEL", raising=False)
    assert not kernel.compiled()
    monkeypatch.setenv("G7CLASSIFY_KERNEL", "yes")
    with pytest.raises(ImportError, match="install again" if kind == "absent" else "FEATURES"):
        kernel.compiled()


@pytest.mark.parametrize(
    ("interface", "expected"),
    [
        (_fallback.INTERFACE, "no NAME, Table, calibrate, keys, pool, guess, split_texts, split_utf8; install again"),
        (None, f"INTERFACE 1 and RULES {_tables.RULES}, expected"),  # it had no such number
    ],
)
def test_a_kernel_that_was_built_before_it_had_all_names_is_left(
    interface: int | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for built, number, value in (("_kernel", "FEATURES", _fallback.FEATURES), ("_splitter", "RULES", _tables.RULES)):
        older = ModuleType(f"g7classify.{built}")
        setattr(older, number, value)
        if interface is not None:
            vars(older)["INTERFACE"] = interface
        monkeypatch.setitem(sys.modules, older.__name__, older)
        monkeypatch.setattr(older.__name__, older, raising=False)
    monkeypatch.delenv("G7CLASSIFY_KERNEL", raising=False)
    assert not kernel.compiled()
    monkeypatch.setenv("G7CLASSIFY_KERNEL", "yes")
    with pytest.raises(ImportError, match=expected):
        kernel.compiled()


class TestCalibrate:
    @pytest.fixture
    def parts(self) -> tuple[NDArray[np.float32], ...]:
        chance = np.random.default_rng(3)
        k = len(CODEBOOK)
        scores = (chance.standard_normal((500, k)) * 30).astype(np.float32)
        return scores, chance.random(k).astype(np.float32), chance.standard_normal(k).astype(np.float32)

    def test_is_the_curve_then_the_highest_of_a_family(
        self, engine: ModuleType, parts: tuple[NDArray[np.float32], ...]
    ) -> None:
        scores, slope, intercept = parts
        expected = CODEBOOK.raised(calibration.calibrate(scores, slope, intercept))
        engine.calibrate(scores, slope, intercept, CODEBOOK.parents)
        assert (scores == expected).all()

    @pytest.mark.parametrize("n", [0, 1, 7])
    def test_any_number_of_rows(self, engine: ModuleType, parts: tuple[NDArray[np.float32], ...], n: int) -> None:
        scores, slope, intercept = parts
        whole = scores.copy()
        engine.calibrate(whole, slope, intercept, CODEBOOK.parents)
        part = scores[:n].copy()
        engine.calibrate(part, slope, intercept, CODEBOOK.parents)
        assert (part == whole[:n]).all()

    def test_arrays_that_do_not_fit_are_refused(
        self, engine: ModuleType, parts: tuple[NDArray[np.float32], ...]
    ) -> None:
        scores, slope, intercept = parts
        frozen = scores.copy()
        frozen.flags.writeable = False
        for arrays, error in (
            ((scores.astype(np.float64), slope, intercept, CODEBOOK.parents), InputTypeError),
            ((scores[0], slope, intercept, CODEBOOK.parents), InputTypeError),
            ((scores[:, ::2], slope, intercept, CODEBOOK.parents), InputTypeError),
            ((scores, slope, intercept, CODEBOOK.parents.astype(np.int32)), InputTypeError),
            ((scores, slope[1:], intercept, CODEBOOK.parents), OptionError),
            ((scores, slope, intercept, CODEBOOK.parents + 40), OptionError),
            ((scores, slope, intercept, CODEBOOK.parents - 1), OptionError),
            ((frozen, slope, intercept, CODEBOOK.parents), OptionError),
        ):
            with pytest.raises(error):
                engine.calibrate(*arrays)
