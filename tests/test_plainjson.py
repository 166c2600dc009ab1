from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.foreign import Malformed
from g7classify.plainjson import MAX_SEPARATORS, parsed, too_many

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_an_object_is_read_from_text_and_from_bytes(value: dict[str, object]) -> None:
    text = json.dumps(value)
    assert parsed(text, what="it") == parsed(text.encode(), what="it") == value


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "1",
        "null",
        '"{}"',
        "{}{}",
        '{"a":NaN}',
        '{"a":-Infinity}',
        '{"a":' + "9" * 5000 + "}",
        '{"a":' + "[" * 100_000 + "}",
        "\ufeff{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        "{}".encode("utf-8-sig"),
        '{"é":1}'.encode("latin-1"),
        b'{"a":"\xed\xa0\x80"}',
    ],
    ids=lambda content: repr(content)[:30],
)
def test_what_is_no_object_is_refused(content: str | bytes) -> None:
    with pytest.raises(Malformed, match=r"^it is no JSON object$"):
        parsed(content, what="it")


def test_what_json_does_not_know_is_told() -> None:
    with pytest.raises(Malformed) as caught:
        parsed('{"a":-Infinity}', what="it")
    assert str(caught.value.__cause__) == "-Infinity is no JSON"


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', '{"b":{"a":1,"a":2}}', '{"b":[[{"a":1,"\\u0061":2}]]}'])
def test_a_key_given_twice_at_any_level_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match=r"^it holds a key twice$"):
        parsed(text, what="it")


def test_no_text_asks_for_more_memory_than_there_is_for_it() -> None:
    """Objects of one key take 25 times the bytes of their text."""
    value = '{"":0},'
    most = MAX_SEPARATORS // 2 - 2  # a comma and a brace each
    text = '{"a":[' + value * most + "0]}"
    longer = '{"a":[' + value * 3 * most + "0]}"
    tracemalloc.start()
    parsed(text, what="it")
    assert tracemalloc.get_traced_memory()[1] < (32 << 20) + 12 * len(text)
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    with pytest.raises(Malformed, match=f"^it holds more than {MAX_SEPARATORS} commas, brackets and braces$"):
        parsed(longer, what="it")
    assert tracemalloc.get_traced_memory()[1] - before < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("separator", [",", "[", "{"])
def test_commas_brackets_and_braces_are_counted_to_the_last(separator: str) -> None:
    assert not too_many(separator * (MAX_SEPARATORS - 2) + ",[" + "]}:")
    assert too_many(separator * (MAX_SEPARATORS - 2) + ",[{")


def test_a_codebook_of_as_many_labels_as_there_may_be_is_read() -> None:
    label = {"name": "x", "parent": "y", "definition": "One, two, three, four, five, six, seven, eight, nine, ten."}
    label |= {"display_en": "a, b", "display_fr": "c, d", "iccs": ["0101", "0102"], "eurovoc": [1, 2, 3]}
    assert len(parsed(json.dumps({"labels": [label] * 10_000}), what="it")["labels"]) == 10_000
