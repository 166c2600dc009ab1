"""Arrow columns of text to Arrow columns of tags, without a Python object a row.

Frames, databases and clusters hand over their text as Arrow; with a table (`Model`) it is scored where it lies. A deep
model and a cascade take Python's strings, which costs little beside what they do. A cascade's budget is for each
`BATCH_ROWS` texts.

This module needs pyarrow, the extra `parquet`, and says so when it is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, extras, sentences
from g7classify.errors import InputTypeError, TextError
from g7classify.model import Model

if TYPE_CHECKING:
    import pyarrow as pa

    from g7classify.tagger import Tagger

BATCH_ROWS: Final = 4096
"""Texts, or sentences, that are scored in one call: the probabilities of 38 labels then stay in the second cache."""
BATCH_BYTES: Final = 1 << 20
"""Texts of so many bytes make a batch, however few they are."""
MOST_BYTES: Final = (1 << 31) - 1
"""Of one text that is to be split: what an Arrow string can hold."""


class _Found(NamedTuple):
    """What was found in n texts: of text i, rows first[i] to first[i + 1]."""

    tags: decision.Ranked
    doubt_first: NDArray[np.int64]
    doubt_columns: NDArray[np.int64]


def tag(tagger: Tagger, column: Any) -> pa.Array[Any]:
    """The tags of each text of a column, each taken whole as one sentence.

    Args:
        tagger: any.
        column: a pyarrow Array or ChunkedArray of n strings: string, large_string, string_view or a dictionary of them.

    Returns:
        n lists of structs of `label`, a string, and `probability`, a 32-bit float in 0..1 rounded to six digits: the
        tags that `predict` gives, most probable first. Null where the text is.

    Raises:
        InputTypeError: the column holds something else.
        TextError: a text is not UTF-8.
        MissingExtraError: pyarrow is not installed.
    """
    pa = module()
    names = pa.array(tagger.labels, pa.string())
    kind = pa.list_(pa.struct({"label": pa.string(), "probability": pa.float32()}))
    made = []
    for at, texts in _batches(column):
        tags = _found(tagger, texts.drop_null(), at).tags
        values = pa.StructArray.from_arrays(
            [names.take(pa.array(tags.columns)), pa.array(tags.probabilities, pa.float32())],
            fields=list(kind.value_type),
        )
        made.append(_lists(tags.first, values, texts))
    return pa.chunked_array(made, kind).combine_chunks() if len(made) != 1 else made[0]


def parts(tags: pa.ListArray[Any]) -> tuple[pa.ListArray[Any], pa.ListArray[Any]]:
    """What `tag` gave as two columns: n lists of labels, and n lists of their probabilities; null where it is."""
    pa = module()
    structs, null = tags.values, tags.is_null() if tags.null_count else None
    offsets = pa.array(tags.offsets.to_numpy())  # anew: pyarrow takes no part of an array beside a mask
    labels, probabilities = (
        pa.ListArray.from_arrays(offsets, structs.field(name), mask=null) for name in ("label", "probability")
    )
    return labels, probabilities


def probabilities(tagger: Tagger, column: Any) -> NDArray[np.float32]:
    """The probabilities (n, k) in 0..1 of n texts, each taken whole as one sentence; NaN where a text is null.

    Args:
        tagger: any.
        column: as in `tag`.

    Raises:
        InputTypeError, TextError, MissingExtraError: as `tag` does.
    """
    made = [np.empty((0, len(tagger.labels)), np.float32)]
    for at, texts in _batches(column):
        found = np.full((len(texts), len(tagger.labels)), np.nan, np.float32)
        told = texts.is_valid().to_numpy(zero_copy_only=False)
        try:
            found[told] = _probabilities(tagger, texts.drop_null())
        except TextError as error:
            raise TextError(f"of the texts from row {at} on, {error}") from None
        made.append(found)
    return np.concatenate(made)


def tag_sentences(tagger: Tagger, column: Any, *, language: str | None = None, whole: bool = False) -> pa.Table:
    """The sentences of the texts of a column, and their tags: one row a sentence, in order.

    A text that is null has no row, nor has white space unless texts are taken whole.

    Args:
        tagger: any.
        column: as in `tag`; none of its texts may be longer than MOST_BYTES.
        language: ISO 639-1 code whose rules split all texts; guessed for each text if not given.
        whole: whether each text is taken as one sentence.

    Returns:
        Columns `row` (int64, of the text in the column, from 0 on), `start` and `end` (int32, half-open, in characters
        of the text), `text` (string), `labels` (list of string, most probable first), `probabilities` (list of 32-bit
        floats, of these labels) and `in_doubt` (list of string: the labels, tagged or not, that are close to their
        threshold).

    Raises:
        InputTypeError: the column holds something else.
        TextError: a text is not UTF-8, or is too long.
        OptionError: a language without rules.
        MissingExtraError: pyarrow is not installed.
    """
    pa = module()
    sentences.split("", language=language)  # refused also if there is no text
    names = pa.array(tagger.labels, pa.string())
    schema = sentence_schema()
    made = []
    for at, texts in _batches(column):
        rows, spans, pieces = _split(texts.drop_null(), at, language, whole=whole)
        if texts.null_count:
            rows = np.flatnonzero(texts.is_valid())[rows]
        found = _found(tagger, pieces, at)
        tags = found.tags
        columns = [
            pa.array(rows + at),
            pa.array(spans[:, 0].astype(np.int32)),
            pa.array(spans[:, 1].astype(np.int32)),
            pieces,
            _lists(tags.first, names.take(pa.array(tags.columns))),
            _lists(tags.first, pa.array(tags.probabilities, pa.float32())),
            _lists(found.doubt_first, names.take(pa.array(found.doubt_columns))),
        ]
        made.append(pa.record_batch(columns, schema=schema))
    return pa.Table.from_batches(made, schema)


def sentence_schema() -> pa.Schema:
    """The columns of `tag_sentences`."""
    pa = module()
    return pa.schema(
        {
            "row": pa.int64(),
            "start": pa.int32(),
            "end": pa.int32(),
            "text": pa.string(),
            "labels": pa.list_(pa.string()),
            "probabilities": pa.list_(pa.float32()),
            "in_doubt": pa.list_(pa.string()),
        }
    )


def module(reader: str = "an Arrow column") -> Any:
    """The module pyarrow, which a column or a file needs.

    Raises:
        MissingExtraError: it is not installed.
    """
    with extras.needed("parquet", by=reader):
        import pyarrow as pa
    return pa


def _batches(column: Any) -> Iterator[tuple[int, pa.Array[Any]]]:
    """Arrays of string or large_string, not too large, and the row that each begins with."""
    pa = module()
    if isinstance(column, pa.Array):
        chunks = [column]
    elif isinstance(column, pa.ChunkedArray):
        chunks = column.chunks
    else:
        raise InputTypeError(
            f"column: expected a pyarrow Array or ChunkedArray, got {type(column).__name__}; use pyarrow.array(texts)"
        )
    at = 0
    for chunk in chunks:
        texts = _strings(chunk)
        ends = _offsets(texts)
        start = 0
        while start < len(texts):
            most = int(np.searchsorted(ends, ends[start] + BATCH_BYTES, "right")) - 1
            stop = min(max(most, start + 1), start + BATCH_ROWS, len(texts))
            yield at + start, texts[start:stop]
            start = stop
        at += len(texts)


def _strings(chunk: Any) -> Any:
    pa = module()
    kind = chunk.type.value_type if pa.types.is_dictionary(chunk.type) else chunk.type
    if pa.types.is_string(kind) or pa.types.is_null(kind):
        return chunk.cast(pa.string())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return chunk.cast(pa.large_string())
    raise InputTypeError(f"column: expected strings, got {chunk.type}")


def _offsets(texts: Any) -> NDArray[Any]:
    """Where the n texts of an array begin and end in its data: (n + 1,)."""
    pa = module()
    kind = np.dtype(np.int64 if pa.types.is_large_string(texts.type) else np.int32)
    offsets = texts.buffers()[1]
    if not len(texts) or offsets is None:
        return np.zeros(len(texts) + 1, kind)
    return np.frombuffer(offsets, kind, len(texts) + 1, texts.offset * kind.itemsize)


def _found(tagger: Tagger, texts: Any, at: int) -> _Found:
    """What is found in texts without nulls; `at` is the row of the column that they are told to be from."""
    thresholds, band, codebook = tagger.thresholds, tagger.band, tagger.codebook
    parts = []
    for start in range(0, max(len(texts), 1), 2 * BATCH_ROWS):  # a batch of texts seldom has more sentences
        try:
            probabilities = _probabilities(tagger, texts[start : start + 2 * BATCH_ROWS])
        except TextError as error:
            raise TextError(f"of the texts from row {at} on, {error}") from None
        tags = decision.ranked(probabilities, decision.decide(probabilities, thresholds, codebook))
        doubt = decision.in_doubt(probabilities, thresholds, band)
        parts.append(_Found(tags, *decision.listed(doubt)))
    if len(parts) == 1:
        return parts[0]
    return _Found(
        decision.Ranked(
            _joined([part.tags.first for part in parts]),
            np.concatenate([part.tags.columns for part in parts]),
            np.concatenate([part.tags.probabilities for part in parts]),
        ),
        _joined([part.doubt_first for part in parts]),
        np.concatenate([part.doubt_columns for part in parts]),
    )


def _joined(firsts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.append(0, np.concatenate([np.diff(first) for first in firsts]).cumsum())


def _probabilities(tagger: Tagger, texts: Any) -> NDArray[np.float32]:
    if isinstance(tagger.scorer, Model):
        return tagger.scorer.probabilities_utf8(texts.buffers()[2] or b"", _offsets(texts).data)
    try:
        return tagger.predict_proba(texts.to_pylist())
    except UnicodeDecodeError as error:
        raise TextError(f"one is not UTF-8: {error}") from None


def _split(
    texts: Any, at: int, language: str | None, *, whole: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], Any]:
    """The row in `texts`, without nulls, of each sentence, its span in code points, and the sentences as an array."""
    pa = module()
    offsets, data = _offsets(texts), texts.buffers()[2]
    if np.diff(offsets).max(initial=0) > MOST_BYTES:
        raise TextError(f"of the texts from row {at} on, one is longer than {MOST_BYTES} bytes; divide it")
    if whole:
        import pyarrow.compute

        spans = np.zeros((len(texts), 2), np.int64)
        spans[:, 1] = pyarrow.compute.utf8_length(texts)
        return np.arange(len(texts)), spans, texts.cast(pa.string())
    try:
        found = sentences.split_column(data or b"", offsets.data, language=language)
    except TextError as error:
        raise TextError(f"of the texts from row {at} on, {error}") from None
    rows = np.repeat(np.arange(len(texts)), np.diff(found.first))
    # An array of sentence, gap, sentence, gap ...; of these the even ones.
    edges = np.append(found.bytes + offsets[rows, None], 0)
    edges[-1] = edges[-2:].max()
    both = pa.Array.from_buffers(pa.large_string(), 2 * len(rows), [None, pa.py_buffer(edges), data])
    return rows, found.spans, both.take(pa.array(np.arange(0, 2 * len(rows), 2))).cast(pa.string())


def _lists(first: NDArray[np.int64], values: Any, texts: Any = None) -> Any:
    """Lists of values; with texts, null where one of them is, which the lists do not count."""
    pa = module()
    if texts is None or not texts.null_count:
        return pa.ListArray.from_arrays(pa.array(first.astype(np.int32)), values)
    null = texts.is_null().to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(texts) + 1, np.int32)
    offsets[1:] = first[np.cumsum(~null)]
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(null))
