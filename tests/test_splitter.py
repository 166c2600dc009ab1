"""The twins of the splitter agree on every text: code points, bytes and languages.

What they should find is in test_sentences.py. Here both read texts of what rules look at, the golden cases, and the
labelled corpus joined into documents.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from g7classify import _sentences, _tables, characters, languages
from g7classify.characters import LOWER, UPPER, classify
from g7classify.errors import InputTypeError, OptionError, TextError
from g7classify.languages import LANGUAGES

try:
    from g7classify import _splitter
except ImportError:
    _splitter = None  # type: ignore[assignment]

compiled_only = pytest.mark.skipif(_splitter is None, reason="the compiled splitter is not built")


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(_sentences, id="readable"),
        pytest.param(_splitter, id="compiled", marks=compiled_only),
    ],
)
def twin(request: pytest.FixtureRequest) -> Any:
    return request.param


ROOT = Path(__file__).parents[1]
WORDS = sorted({word for language in LANGUAGES for name in _tables._SETS for word in getattr(language, name)})
MARKS = sorted(
    set(
        "".join(_tables._MARKS)
        + characters.SPACES
        + characters.BREAKS
        + characters.STOPS
        + "([{¿¡„‚（【〈《,;:、，；：・%‰-‐‑‒–—―−#+*·§0123456789０９一十ivxabzAZÀéßǅƻſıİΣςΩжЖẞἈ"
        + "\u212a\u212b\u0301\u200b\ufeff\0\ud800\udfff\uffff🏠𠀋\U0010ffffあん漢カｱ﷽한"
    )
)
PIECES = st.one_of(
    st.sampled_from(MARKS),
    st.sampled_from(" .\n"),
    st.sampled_from(
        [". ", ".\n", "。", "\r\n", "\n\n", "! ", "? ", "… ", " - ", ".[1] ", "という", "「", "」", " " * 30]
    ),
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(str.capitalize),
    st.sampled_from(WORDS).map(str.upper),
    st.sampled_from(WORDS).map(lambda word: f"{word}. "),
    st.sampled_from(
        ["1.2.3. ", "(iv) ", "XIV. ", "9.5", "12) ", "z. B. ", "i. d. R. ", "e\xa0g. ", "eBay", "Nom " * 20]
    ),
    st.from_regex(r"[a-zA-ZÉé]{1,12}", fullmatch=True),
    st.characters(),
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)
PLACES = st.integers(-1, len(LANGUAGES) - 1)


def check(texts: list[str], place: int) -> int:
    """Compare all that the twins return, and return how many sentences there are."""
    one, other = _sentences.split_texts(texts, place), _splitter.split_texts(texts, place)
    for field, expected, found in zip(("languages", "first", "spans", "bytes"), one, other, strict=True):
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected), field
    for text in texts[:3]:
        assert _splitter.guess(text) == _sentences.guess(text)
    return len(one[2])


@compiled_only
@given(texts=st.lists(TEXTS, max_size=4), place=PLACES)
@settings(max_examples=400, deadline=None)
@example(texts=["Nr\u212a. 5", "oKt", "İl\u0307 nos. Σ."], place=-1)
@example(texts=["a" * 4095 + " le la"], place=-1)
def test_the_twins_agree(texts: list[str], place: int) -> None:
    check(texts, place)


@given(texts=st.lists(TEXTS.map(lambda text: text.encode("utf-8", "replace").decode()), max_size=4), place=PLACES)
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_a_column_is_split_as_its_texts_are(twin: ModuleType, texts: list[str], place: int, kind: type[Any]) -> None:
    encoded = [text.encode() for text in texts]
    data = b"not read " + b"".join(encoded) + b" nor this"
    offsets = 9 + np.cumsum([0, *map(len, encoded)]).astype(kind)
    for expected, found in zip(twin.split_texts(texts, place), twin.split_utf8(data, offsets, place), strict=True):
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("data", "offsets", "error", "message"),
    [
        (b"ab\xff", np.int32([0, 1, 3]), TextError, r"texts\[1\]: malformed UTF-8 at its byte 1"),
        (b"ab\xed\xa0\x80", np.int32([0, 5]), TextError, r"texts\[0\]: malformed UTF-8 at its byte 2"),
        (b"ab\xf0\x90", np.int64([0, 4]), TextError, r"texts\[0\]: malformed UTF-8 at its byte 2"),
        (b"ab", np.int32([0, 3]), TextError, r"texts\[0\]: offsets 0 to 3"),
        (b"ab", np.int32([-1, 1]), TextError, r"texts\[0\]: offsets -1 to 1"),
        (b"ab", np.int32([]), OptionError, "expected n \\+ 1 of them"),
        (b"ab", np.float32([0, 1]), InputTypeError, "expected one-dimensional int32 or int64"),
        ("ab", np.int32([0, 1]), InputTypeError, "expected contiguous buffers"),
    ],
)
def test_what_is_no_column_of_texts(
    twin: ModuleType, data: Any, offsets: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        twin.split_utf8(data, offsets, -1)


@compiled_only
@given(text=st.text(), place=PLACES)
@settings(max_examples=200, deadline=None)
def test_the_twins_agree_on_any_text(text: str, place: int) -> None:
    check([text], place)


@compiled_only
@pytest.mark.parametrize("place", range(-1, len(LANGUAGES)))
def test_the_twins_agree_on_every_code_point(place: int) -> None:
    chars = [chr(code) for code in range(0x10000)] + [chr(code) for code in range(0x10000, sys.maxunicode, 0x1001)]
    blocks = ["".join(chars[at : at + 64]) for at in range(0, len(chars), 64)]
    check([f"Le{char}. Die" for char in chars[:0x3100]], place)
    check(blocks, place)
    check([". ".join(block) for block in blocks], place)


@compiled_only
@pytest.mark.parametrize("code", [language.code for language in LANGUAGES])
def test_the_twins_agree_on_the_golden_cases(code: str) -> None:
    path = ROOT / "tests" / "data" / "sentences" / f"{code}.json"
    texts = [case["text"] for case in json.loads(path.read_text(encoding="utf-8"))]
    for place in range(-1, len(LANGUAGES)):
        check(texts, place)
        check(["\n\n".join(texts), " ".join(texts), "\n".join(texts), "".join(texts)], place)


@compiled_only
@pytest.mark.skipif(not (ROOT / "seeds" / "labelled").is_dir(), reason="the corpus is not in this checkout")
def test_the_twins_agree_on_the_corpus() -> None:
    for path in sorted((ROOT / "seeds" / "labelled").glob("*.jsonl")):
        rows = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
        documents = [
            joint.join(rows[at : at + size])
            for joint, size in ((" ", 8), ("\n", 12), ("\n\n", 40), ("", 5))
            for at in range(0, len(rows), size)
        ]
        assert check(documents, -1) > len(rows)
        assert check([" ".join(rows)], -1) > len(rows) // 2


@compiled_only
@pytest.mark.parametrize("size", range(1, 40))
def test_the_twins_agree_at_every_end(size: int) -> None:
    # A rule that looks beyond the end of the text would find here what the text before it left.
    text = "Voir l’art. 5 du C. civ. : « Oui ! » dit-il (p. 3).[12] z. B.\r\n- a) 「終。」という XIV. e.g. Fin"
    check([text, *(text[start : start + size] for start in range(len(text)))], -1)


LINE = "the ministers met in the old town hall and agreed on the plan with"
BOUNDS: dict[str, tuple[range, Callable[[int], str]]] = {
    "closing marks": (range(12), lambda n: "Done." + ")" * n + " Next. On"),
    "wide closing marks": (range(12), lambda n: "終。" + "」" * n + "次。"),
    "opening marks": (range(12), lambda n: "The Foo Inc. " + "(" * n + "The"),
    "footnotes": (range(6), lambda n: "Done.[" + "1" * n + "] Next ended." + "1" * n + " Then"),
    "markers": (range(20, 36), lambda n: "So. " + "«" * n + "Article 5. Next"),
    "cited markers": (range(24), lambda n: "So. Article" + " " * n + "5. Next"),
    "tokens": (range(20, 30), lambda n: "So a" + "b" * (n - 5) + ".c.d. Next " + "-" * (n - 5) + "etc. Or"),
    "words": (range(20, 30), lambda n: "Um etc. " + "D" * n + " und am " + " " * (n - 6) + "3. Mann"),
    "compounds": (
        range(26),
        lambda n: "x" * n + " i. d. R. Die " + "z" * (n % 5) + ". z. B. d. p. c. m. La s. a. r. l. Le",
    ),
    "numerals": (range(1, 8), lambda n: "Nach " + "X" * n + ". Die " + "1" * n + ". Der"),
    "vowels": (range(1, 8), lambda n: "Der 4 " + "k" * n + ". Das " + "k" * n + ". Der"),
    "bracketed": (range(394, 406), lambda n: "「" + "国。" * 9 + "国" * (n - 19) + "」と人。次。"),
    "lines": (range(10, 80), lambda n: f"{LINE}\n{LINE[:n]}\n{LINE}:\n{LINE[:n]};\nagreed {LINE}\nRome"),
    "capital lines": (range(10, 80), lambda n: f"{LINE} a\nand {LINE[:n]}x\nRome {LINE[:n]}x\n- and"),
    "wide lines": (range(20, 36), lambda n: "国" * n + "\n" + "人" * 29 + "\n" + "大" * n + "\n・名"),
    "last words": (range(16), lambda n: f"{LINE[:55]} the{' ' * n}\nRome {LINE[:50]} {'x' * n}the\nNext"),
    "lines of a paragraph": (range(6, 16), lambda n: f"{LINE} x\n" + "By:\n" * n + f"{LINE} x\nand it"),
    "long paragraphs": (
        range(985, 1010),
        lambda n: f"{LINE} xxxxx\n" + (f"By {'x' * 88}:\n" * 10) + f"By {'x' * (n - 934)}\nand it",
    ),
    "numbered lines": (range(16), lambda n: f"{LINE} x\n{'1' * (n % 5)}.{'1' * (n % 4)}. {' ' * (n // 4)}october. It"),
    "many hints": (range(1020, 1100), lambda n: "ß" * n + " the" * 300),
    "prefixes": (range(4090, 4100), lambda n: "-" * (n - 4) + " der the the"),
}


@compiled_only
@pytest.mark.parametrize("name", BOUNDS)
def test_the_twins_agree_at_every_bound(name: str) -> None:
    sizes, text = BOUNDS[name]
    for place in range(-1, len(LANGUAGES)):
        check([text(size) for size in sizes], place)


@compiled_only
def test_threads_share_the_tables() -> None:
    texts = ["Le juge est là. " * 300, "Die Polizei. " * 300, "警察。" * 900]
    expected = [found.tobytes() for found in _sentences.split_texts(texts, -1)]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: _splitter.split_texts(texts, -1), range(40)):
            assert [array.tobytes() for array in found] == expected


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("a text", InputTypeError, "expected a sequence of str, got one str"),
        (b"bytes", InputTypeError, "expected a sequence of str, got one bytes"),
        (["a", b"b"], InputTypeError, r"texts\[1\]: expected str, got bytes; decode"),
        (("a", "b", None), InputTypeError, r"texts\[2\]: expected str, got NoneType"),
        (3, InputTypeError, "got int"),
        (iter(["a"]), InputTypeError, "got list_iterator"),
    ],
)
def test_what_is_no_sequence_of_texts(twin: ModuleType, texts: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        twin.split_texts(texts, -1)


class Odd:
    """Two texts, and a length that is another."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __len__(self) -> int:
        return self.length  # an error, if it is negative

    def __iter__(self) -> Iterator[str]:
        return iter(["One. Two.", "Three."])


def test_texts_that_tell_a_wrong_length_are_taken_at_their_items(twin: ModuleType) -> None:
    places, first, spans, _ = twin.split_texts(Odd(0), -1)
    assert (len(places), first.tolist(), len(spans)) == (2, [0, 2, 3], 3)


@compiled_only
def test_texts_that_cannot_tell_their_length_are_refused() -> None:
    with pytest.raises(InputTypeError, match="cannot tell its length"):
        _splitter.split_texts(Odd(-1), -1)


@compiled_only
@pytest.mark.parametrize("place", [-2, len(LANGUAGES)])
def test_a_place_beyond_the_languages(place: int) -> None:
    with pytest.raises(IndexError, match="expected -1 to 5"):
        _splitter.split_texts(["a"], place)
    with pytest.raises(IndexError, match="expected -1 to 5"):
        _splitter.split_utf8(b"a", np.int32([0, 1]), place)


def test_the_words_of_a_hint_are_of_letters() -> None:
    for char in map(chr, range(sys.maxunicode + 1)):
        assert bool(_sentences._WORD.match(char)) == (classify(char) in (UPPER, LOWER))


def test_every_letter_of_a_word_is_found_in_either_case() -> None:
    # The compiled splitter knows the lower case of single code points of its table only.
    held = set("".join(WORDS)).union(*(language.letters for language in LANGUAGES))
    table = _tables.load()[2]
    for code in range(sys.maxunicode + 1):
        small = chr(code).lower()
        found = code < len(table) and table[code] > 0
        # The letter of nᵒ is in no token, so no rule finds it.
        assert found == (len(small) == 1 and small in held - {"ᵒ"}), hex(code)
    assert max(map(len, WORDS)) <= 15
    assert len(held) < 255


def test_spaced_closers_are_closers() -> None:
    assert {char for language in languages.LANGUAGES for char in language.spaced_closers} <= set(characters.CLOSERS)
