"""Arrow columns of every kind and shape, with nulls and with bytes that are no UTF-8: as `tag` has them, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from choices import Choices
from seeding import TEXTS
from small import TAGGER

from g7classify import arrow
from g7classify.errors import InputTypeError, TextError

SMOKE, LONGEST = 2000, 250
TYPES = (pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string()), pa.null(),
         pa.binary(), pa.int32(), pa.list_(pa.string()))  # fmt: skip
WORDS = (b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xe8\xad")


def seeds() -> list[bytes]:
    found = []
    for i, text in enumerate(TEXTS):
        parts = [part.encode()[:40] for part in (text, text[4:], "", text[::-1])]
        found.append(bytes([i, i * 16]) + b"".join(bytes([len(part)]) + part for part in parts))
    return [data[:LONGEST] for data in found]


def one_input(data: bytes) -> None:
    choices = Choices(data)
    kind, shape = choices.one_of(TYPES), choices.below(256)
    values: list[bytes | None] = []
    while choices:
        length = choices.below(256)
        values.append(None if length == 255 else choices.take(length))
    column, texts = built(kind, shape, values)
    ask = (tags, sentences, probabilities)[(shape >> 5) % 3]
    try:
        ask(column, texts, shape)
    except (TextError, InputTypeError):
        assert texts is None, "text was refused"


def tags(column: Any, texts: list[str | None] | None, _shape: int) -> None:
    """The labels that predict gives."""
    found = arrow.tag(TAGGER, column)
    found.validate(full=True)
    assert texts is not None, "what is no text was tagged"
    expected = iter(TAGGER.predict([text for text in texts if text is not None]))
    for text, own in zip(texts, found.to_pylist(), strict=True):
        if text is None:
            assert own is None
        else:
            held = {name for name, holds in zip(TAGGER.labels, next(expected), strict=True) if holds}
            assert {tag["label"] for tag in own} == held
            assert all(0 <= tag["probability"] <= 1 for tag in own)


def sentences(column: Any, texts: list[str | None] | None, shape: int) -> None:
    """Sentences that stand where it is said, and every visible character in one of them."""
    found = arrow.tag_sentences(TAGGER, column, whole=bool(shape & 8), language="ja" if shape & 16 else None)
    for name in found.column_names:
        found[name].validate(full=True)
    if texts is None:  # of an empty column of another kind nothing is looked at
        assert len(found) == 0
        return
    read = [""] * len(texts)
    for row in found.to_pylist():
        assert (texts[row["row"]] or "")[row["start"] : row["end"]] == row["text"]
        read[row["row"]] += row["text"]
    assert ["".join((text or "").split()) for text in texts] == ["".join(text.split()) for text in read]


def probabilities(column: Any, texts: list[str | None] | None, _shape: int) -> None:
    """Those that predict_proba gives."""
    found = arrow.probabilities(TAGGER, column)
    assert texts is not None, "what is no text was tagged"
    expected = iter(TAGGER.predict_proba([text for text in texts if text is not None]))
    for text, own in zip(texts, found, strict=True):
        assert np.isnan(own).all() if text is None else np.array_equal(own, next(expected))


def built(kind: Any, shape: int, values: list[bytes | None]) -> tuple[Any, list[str | None] | None]:
    """A column, and the texts in it; None if there is something in it that is no text."""
    try:
        texts = [None if value is None else value.decode() for value in values]
    except UnicodeDecodeError:
        texts = None
    if kind in (pa.null(), pa.int32(), pa.list_(pa.string())):
        return pa.nulls(len(values), kind), [None] * len(values) if kind == pa.null() else None
    held = pa.array(values, pa.large_binary() if kind == pa.large_string() else pa.binary())
    if kind == pa.binary():
        return held, None
    if pa.types.is_dictionary(kind):
        if texts is None:
            return held, None
        held = pa.array(texts).dictionary_encode()
    elif kind == pa.string_view():
        if texts is None:
            return held, None
        held = pa.array(texts, kind)
    else:  # without a look at the bytes, as a reader of files makes it
        held = pa.Array.from_buffers(kind, len(held), held.buffers(), held.null_count)
    start, stop = shape & 1, len(held) - (shape >> 1 & 1)
    held, texts = held[start:stop], texts_between(values, start, stop)
    if shape & 4:
        middle = len(held) // 2
        return pa.chunked_array([held[:middle], held[:0], held[middle:]], held.type), texts
    return held, texts


def texts_between(values: list[bytes | None], start: int, stop: int) -> list[str | None] | None:
    try:
        return [None if value is None else value.decode() for value in values[start : max(stop, start)]]
    except UnicodeDecodeError:
        return None
