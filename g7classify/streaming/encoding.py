"""Batches of rows to bytes of the output, tagged on the way: what threads work on.

An output is a beginning, the bytes of each batch, and an end. docs/streaming.md describes the columns.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

from g7classify import arrow, decision, report, sentences
from g7classify.documents.files import printed
from g7classify.errors import OptionError
from g7classify.labels import short
from g7classify.streaming import footers
from g7classify.streaming.tables import Batch, Table
from g7classify.tagger import Tagger

SCHEMA: Final = "1"
"""Of the columns, as the metadata of Parquet tells it; another number means that old columns changed."""
COLUMNS: Final = ("file", "row", "start", "end", "text", "labels", "probabilities", "in_doubt")
OUTPUTS: Final = (".parquet", ".csv", ".jsonl")
SCORED: Final = 2 * arrow.BATCH_ROWS
"""Sentences that are scored in one call."""


Sentence = tuple[int, int, int, str]
"""Its row in a batch, where it starts and ends there, and its text."""


class Piece(NamedTuple):
    """A batch in the output: its bytes, and what it was."""

    data: Any
    batch: Batch
    nulls: int
    sentences: int


class Encoder(Protocol):
    """Makes the parts of an output; may be called by several threads."""

    beginning: bytes

    def encode(self, batch: Batch) -> Piece:
        """A tagged batch."""

    def end(self, output: BinaryIO, sizes: Sequence[int]) -> bytes:
        """What follows the last batch, of an output that so far holds the beginning and pieces of these sizes."""


def encoder(
    suffix: str, tagger: Tagger, table: Table, keep: Sequence[str], *, language: str | None, whole: bool
) -> Encoder:
    """The encoder of an output with one of the suffixes OUTPUTS.

    Raises:
        OptionError: another suffix, a language without rules, or a column to keep whose name the output uses.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    sentences.split("", language=language)
    if taken := next((name for name in keep if name in COLUMNS), None):
        raise OptionError(f"column {short(taken)} cannot be kept: the output has a column of this name; rename it")
    names = _names(table.files)
    if suffix == ".parquet":
        return ParquetEncoder(tagger, names, {name: table.types.get(name) for name in keep}, language, whole=whole)
    if suffix in (".csv", ".jsonl"):
        if odd := next((name for name in keep if _holds_bytes(table.types.get(name))), None):
            raise OptionError(
                f"column {short(odd)} cannot be kept: it holds bytes, {table.types[odd]}, which {suffix} has no way to "
                "write; leave it out, or write .parquet"
            )
        return TextEncoder(tagger, names, keep, language, whole=whole, as_csv=suffix == ".csv")
    raise OptionError(f"output {short(suffix)}: expected a name that ends in {', '.join(OUTPUTS)}")


def _holds_bytes(kind: Any) -> bool:
    """Whether an Arrow type, or one within it, is of bytes, not text; columns of text files have None."""
    if kind is None:
        return False
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _holds_bytes(kind.value_type)
    of_bytes = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    return any(is_one(kind) for is_one in of_bytes) or any(
        _holds_bytes(kind.field(i).type) for i in range(kind.num_fields)
    )


def _names(files: Sequence[Path]) -> list[str]:
    """A file as it was given; of several, where each lies below the folder that holds all: part-0 may lie in many."""
    if len(files) == 1:
        return [printed(files[0])]
    above = os.path.commonpath([path.parent for path in files])
    return [printed(path.relative_to(above)) for path in files]


class ParquetEncoder:
    """A Parquet file a batch, and a footer of all; see footers.py."""

    beginning = b""

    def __init__(
        self, tagger: Tagger, files: Sequence[str], kept: dict[str, Any], language: str | None, *, whole: bool
    ) -> None:
        pa = arrow.module("Parquet")
        self._tagger = tagger
        self._files = files
        self._options: dict[str, Any] = {"language": language, "whole": whole}
        fields = [pa.field("file", pa.string()), *arrow.sentence_schema()]
        fields += [pa.field(name, kind or pa.string()) for name, kind in kept.items()]
        self._schema = pa.schema(fields, metadata=metadata(tagger))
        self._typed = {name for name, kind in kept.items() if kind is not None}
        self._kept = list(kept)

    def encode(self, batch: Batch) -> Piece:
        """See Encoder."""
        pa = arrow.module("Parquet")
        texts = batch.texts if isinstance(batch.texts, pa.Array) else pa.array(batch.texts, pa.string())
        found = arrow.tag_sentences(self._tagger, texts, **self._options)
        rows = found["row"].combine_chunks()
        file = pa.repeat(pa.scalar(self._files[batch.file], pa.string()), len(rows))
        columns = [file, pa.array(rows.to_numpy() + batch.first), *found.columns[1:]]
        for name, values in batch.kept.items():
            array = values if name in self._typed else pa.array([_text(value) for value in values], pa.string())
            columns.append(array.take(rows))
        table = pa.table(columns, schema=self._schema)
        data = self._written(table) if len(rows) else b""
        return Piece(data, batch, texts.null_count, len(rows))

    def end(self, output: BinaryIO, sizes: Sequence[int]) -> bytes:
        """See Encoder."""
        if not sizes:
            return self._written(self._schema.empty_table()).to_pybytes()  # type: ignore[no-any-return]
        return footers.joined(_footers(output, sizes))

    def _written(self, table: Any) -> Any:
        pa = arrow.module("Parquet")
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        # Dictionaries of what is different in most rows cost time and are given up by the writer in the end.
        few = ["file", "labels.list.element", "in_doubt.list.element"]
        few += [
            field.name for field in self._schema if field.name in self._kept and not pa.types.is_integer(field.type)
        ]
        pq.write_table(
            table,
            sink,
            compression="zstd",
            use_dictionary=few,
            write_statistics=["file", "row", *self._kept],
        )
        return sink.getvalue()


class TextEncoder:
    """CSV with a header, lists joined by ";", or a JSON object a line."""

    def __init__(
        self,
        tagger: Tagger,
        files: Sequence[str],
        keep: Sequence[str],
        language: str | None,
        *,
        whole: bool,
        as_csv: bool,
    ) -> None:
        self._tagger = tagger
        self._files = files
        self._language = language
        self._whole = whole
        self._csv = as_csv
        self.beginning: bytes = _csv([[report.no_formula(name) for name in (*COLUMNS, *keep)]]) if as_csv else b""

    def encode(self, batch: Batch) -> Piece:
        """See Encoder."""
        texts, kept = _listed(batch.texts), {name: _listed(values) for name, values in batch.kept.items()}
        found = self._sentences(texts)
        rows = self._rows(batch, found, kept)
        data = _csv(map(_cells, rows)) if self._csv else _jsonl(rows)
        return Piece(data, batch, texts.count(None), len(found))

    def end(self, output: BinaryIO, sizes: Sequence[int]) -> bytes:  # noqa: ARG002
        """See Encoder."""
        return b""

    def _sentences(self, texts: Sequence[str | None]) -> list[Sentence]:
        where = [i for i, text in enumerate(texts) if text is not None]
        present = [text for text in texts if text is not None]
        if self._whole:
            return [(i, 0, len(text), text) for i, text in zip(where, present, strict=True)]
        splits = sentences.split_many(present, language=self._language)
        first, spans = splits.first.tolist(), splits.spans.tolist()
        return [
            (i, start, end, text[start:end])
            for i, text, own, after in zip(where, present, first, first[1:], strict=False)
            for start, end in spans[own:after]
        ]

    def _rows(self, batch: Batch, found: list[Sentence], kept: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
        """The values of COLUMNS and of those to keep, of each sentence."""
        file = self._files[batch.file]
        tagged = self._tagged([text for *_, text in found])
        for (i, start, end, text), tags in zip(found, tagged, strict=True):
            values = (file, batch.first + i, start, end, text, *tags)
            yield dict(zip(COLUMNS, values, strict=True)) | {name: column[i] for name, column in kept.items()}

    def _tagged(self, texts: list[str]) -> Iterator[tuple[list[str], list[float], list[str]]]:
        """The labels, their probabilities and the labels in doubt of each sentence."""
        tagger, names = self._tagger, self._tagger.labels
        thresholds, band = tagger.thresholds, tagger.band
        for at in range(0, len(texts), SCORED):
            probabilities = tagger.predict_proba(texts[at : at + SCORED])
            tags = decision.ranked(probabilities, decision.decide(probabilities, thresholds, tagger.codebook))
            doubts = decision.listed(decision.in_doubt(probabilities, thresholds, band))
            first, columns, found = (part.tolist() for part in tags)
            doubt_first, doubt_columns = (part.tolist() for part in doubts)
            for i in range(len(probabilities)):
                own, after = first[i], first[i + 1]
                in_doubt = [names[c] for c in doubt_columns[doubt_first[i] : doubt_first[i + 1]]]
                yield [names[c] for c in columns[own:after]], found[own:after], in_doubt


def metadata(tagger: Tagger) -> dict[str, str]:
    """What the metadata of a Parquet output tells."""
    from g7classify import __version__

    about = {
        "schema": SCHEMA,
        "version": __version__,
        "model": tagger.id.name,
        "model_version": tagger.id.version,
        "model_sha256": tagger.id.sha256,
        "operating_point": tagger.operating_point,
    }
    return {f"g7classify.{key}": value for key, value in about.items()}


def _footers(output: BinaryIO, sizes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    start = 0
    for size in sizes:
        output.seek(start + size - footers.TAIL_BYTES)
        length = int.from_bytes(output.read(4), "little")
        output.seek(max(start + size - footers.TAIL_BYTES - length, 0))  # of a part that was changed the length is any
        yield start, output.read(length)
        start += size


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else values.to_pylist()


def _text(value: Any) -> str | None:
    """A value of a kept column as text: numbers, lists and objects as JSON has them."""
    if isinstance(value, float):
        value = _finite(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | list | dict):
        return _json(value)
    return str(value)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    """A value of a kept column with null for NaN and infinity, which JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return {key: _finite(one) for key, one in value.items()} if isinstance(value, dict) else value


def _cells(row: dict[str, Any]) -> list[Any]:
    cells: list[Any] = []
    for name, value in row.items():
        if name in ("labels", "probabilities", "in_doubt"):
            cells.append(report.no_formula(";".join(map(str, value))))
        elif isinstance(value, str):
            cells.append(report.no_formula(value))
        else:
            cells.append(value if type(value) is int else _text(value) or "")
    return cells


def _csv(rows: Any) -> bytes:
    # Quoted throughout, because before Python 3.13 csv leaves a carriage return bare, which then ends the row.
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    return stream.getvalue().encode()


def _jsonl(rows: Iterator[dict[str, Any]]) -> bytes:
    return "".join([_json(row) + "\n" for row in rows]).encode()
