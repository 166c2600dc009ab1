"""The contract of every kernel: golden keys, a plain reference, and the same sums as one row at a time."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g7classify import _fallback, kernel, text
from g7classify.errors import InputTypeError, TextError

GOLDEN = Path(__file__).parent / "data" / "keys.json"
MASK = 2**64 - 1

texts = st.lists(
    st.text(
        st.one_of(st.sampled_from("aAéß '-.G7漢字かｶﾞ　。\u00ad\u0301\x00\n🙂𠀋"), st.characters(codec="utf-8")),
        max_size=40,
    ),
    max_size=6,
)


def keys_of(
    value: str, *, pairs: bool = True, characters: tuple[int, int] = (3, 5), unspaced: tuple[int, int] = (1, 4)
) -> Counter[int]:
    keys, offsets = kernel.keys([value], pairs=pairs, characters=characters, unspaced=unspaced)
    assert list(offsets) == [0, len(keys)]
    return Counter(int(key) for key in keys)


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


def reference(value: str, *, pairs: bool, characters: tuple[int, int], unspaced: tuple[int, int]) -> Counter[int]:
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
    for word in {token for of, token in tokens if of == text.WORD}:
        found[finish(polynomial(word), _fallback.WORD_KIND)] += 1
        bordered = f" {word} "
        for n in range(characters[0], characters[1] + 1):
            for start in range(len(bordered) - n + 1):
                found[finish(polynomial(bordered[start : start + n]), _fallback.CHARACTERS_KIND + n)] += 1
    if pairs:
        neighbours = {(a, b) for (x, a), (y, b) in pairwise(tokens) if x == y == text.WORD}
        for a, b in neighbours:
            found[finish(polynomial(a) * int(_fallback.PAIR) + polynomial(b), _fallback.PAIR_KIND)] += 1
    grams = {
        token[start : start + n]
        for of, token in tokens
        if of == text.UNSPACED
        for n in range(unspaced[0], unspaced[1] + 1)
        for start in range(len(token) - n + 1)
    }
    for gram in grams:
        found[finish(polynomial(gram), _fallback.UNSPACED_KIND + len(gram))] += 1
    return found


def test_golden_keys_never_change() -> None:
    golden = json.loads(GOLDEN.read_text())
    assert len(golden) >= 12
    for value, expected in golden.items():
        assert sorted(keys_of(value).elements()) == [int(key, 16) for key in expected], value


@settings(max_examples=200)
@given(
    texts, st.booleans(), st.sampled_from([(1, 1), (3, 5), (2, 6), (8, 8)]), st.sampled_from([(1, 4), (2, 2), (1, 8)])
)
def test_keys_are_the_documented_features(
    values: list[str], pairs: bool, characters: tuple[int, int], unspaced: tuple[int, int]
) -> None:
    keys, offsets = kernel.keys(values, pairs=pairs, characters=characters, unspaced=unspaced)
    assert keys.dtype == np.uint64
    assert len(offsets) == len(values) + 1
    for i, value in enumerate(values):
        found = Counter(int(key) for key in keys[offsets[i] : offsets[i + 1]])
        assert found == reference(value, pairs=pairs, characters=characters, unspaced=unspaced), value


@settings(max_examples=100)
@given(texts, st.integers(8, 12))
def test_pool_sums_the_rows_of_the_keys(values: list[str], bits: int) -> None:
    table = np.random.default_rng(bits).integers(-127, 128, (1 << bits, 5)).astype(np.int8)
    options = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4)}
    pooled = kernel.pool(values, table, **options)  # type: ignore[arg-type]
    keys, offsets = kernel.keys(values, **options)  # type: ignore[arg-type]
    assert pooled.shape == (len(values), 5)
    for i in range(len(values)):
        rows = table[(keys[offsets[i] : offsets[i + 1]] >> np.uint64(64 - bits)).astype(np.int64)]
        assert (pooled[i] == rows.sum(axis=0, dtype=np.int64)).all()


def test_many_batches_equal_one_text_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ["Le G7 lutte contre les passeurs.", "", "首脳会議は覚醒剤の密輸を非難した。", "a b a b"] * 5
    table = np.random.default_rng(0).integers(-127, 128, (256, 3)).astype(np.int8)
    options = {"pairs": True, "characters": (3, 5), "unspaced": (1, 4)}
    alone = [kernel.pool([value], table, **options)[0] for value in values]  # type: ignore[arg-type]
    monkeypatch.setattr(_fallback, "BATCH", 40)
    assert (kernel.pool(values, table, **options) == np.array(alone)).all()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L’ÉTAT", "l'etat"), ("Straße", "STRASSE"), ("Ｇ７", "g7"), ("œuvre", "OEUVRE"), ("traf\u00adic", "trafic"),
        ("e\u0301tat", "état"), ("a\x00b", "a b"), ("x\u202ey", "xy"),
    ],
)  # fmt: skip
def test_spellings_of_the_same_are_the_same(one: str, other: str) -> None:
    assert keys_of(one) == keys_of(other)


def test_repeating_a_sentence_adds_only_the_pair_where_it_joins() -> None:
    once, twice = keys_of("police nationale arrête"), keys_of("police nationale arrête police nationale arrête")
    assert sum((twice - once).values()) == 1


def test_nothing_has_no_features() -> None:
    for value in ("", " \n\t", "…!?", "🙂"):
        assert not keys_of(value)
    keys, offsets = kernel.keys([], pairs=True, characters=(3, 5), unspaced=(1, 4))
    assert len(keys) == 0
    assert list(offsets) == [0]


def test_buckets_are_used_evenly() -> None:
    values = [f"{a}{b}{c}" for a in "abcdefghijklmnopqrst" for b in "aeiou" for c in "bcdfglmnprst"]
    keys, _ = kernel.keys(values, pairs=False, characters=(3, 3), unspaced=(1, 1))
    counts = np.bincount((np.unique(keys) >> np.uint64(56)).astype(np.int64), minlength=256)
    expected = counts.sum() / 256
    # Chi-square with 255 degrees of freedom: mean 255, standard deviation 22.6.
    assert ((counts - expected) ** 2 / expected).sum() < 255 + 5 * 22.6


@pytest.mark.parametrize("value", ["one text", b"bytes"])
def test_one_text_for_many_is_refused(value: object) -> None:
    with pytest.raises(InputTypeError):
        kernel.keys(value, pairs=True, characters=(3, 5), unspaced=(1, 4))  # type: ignore[arg-type]


def test_lone_surrogate_is_refused() -> None:
    with pytest.raises(TextError, match="lone surrogate"):
        kernel.pool(["ok", "\udc80"], np.zeros((256, 1), np.int8), pairs=True, characters=(3, 5), unspaced=(1, 4))
