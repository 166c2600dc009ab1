"""Tag a table into another: read, tag, write and note what is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from g7classify import encodings, paths
from g7classify.batching import in_order
from g7classify.errors import DataError, OptionError
from g7classify.labels import several
from g7classify.streaming.checkpoint import Done, Part
from g7classify.streaming.encoding import SCHEMA, encoder
from g7classify.streaming.sources import open_table
from g7classify.streaming.tables import Table
from g7classify.tagger import Tagger, checked


class Told(NamedTuple):
    """How far a run is, those before it that it goes on with included."""

    rows: int
    sentences: int
    nulls: int
    """Rows whose text is null."""
    read: float
    """Share of the input: 0..1."""
    bad: int = 0
    """Rows that were passed over because they cannot be read; they are no nulls."""
    first_bad: tuple[str, ...] = ()
    """What is wrong with the first of them, and where: five at most."""


def tag_table(
    tagger: Tagger,
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    text_column: str = "text",
    keep: Sequence[str] = (),
    whole: bool = False,
    language: str | None = None,
    n_jobs: int = 1,
    resume: bool = False,
    encoding: str = "utf-8",
    skip_bad: bool = False,
    progress: Callable[[Told], object] = lambda _: None,
) -> Told:
    """Tag the texts of a table into a table of their sentences; memory does not grow with the table.

    The output is there when it is complete. Until then a part file beside it holds what is done, also after an error.

    Args:
        tagger: any.
        source: a file that ends in .parquet, .csv, .tsv or .jsonl, or a folder of Parquet files.
        output: a file that ends in .parquet, .csv or .jsonl; what is there is replaced.
        text_column: the column of the texts; rows where it is null are passed over.
        keep: other columns, whose values each sentence of their row gets.
        whole: whether a text is one sentence; otherwise it is split.
        language: ISO 639-1 code whose rules split all texts; guessed for each if not given.
        n_jobs: threads that tag; at least 1.
        resume: whether to go on with the part that an interrupted run left, if there is one.
        encoding: of CSV and JSONL, as Python names it.
        skip_bad: whether rows of CSV and JSONL that cannot be read are passed over, and told of at the end; otherwise
            the first one ends the run. It may differ between a run and the one that goes on with its part.
        progress: called at the start and after every batch.

    Raises:
        InputTypeError: `tagger` or a path is none; `keep` is one str instead of several, or nothing that holds any.
        OptionError: an option outside its range; or a part file that is not, or cannot be, gone on with.
        UnreadableFileError: the source cannot be read, or the output not be written.
        DataError: the source is no table, lacks a column, has a row that cannot be read, or changes on the way.
        EncodingError: it is not of the encoding.
        TextError: a text holds a lone surrogate.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    source, output = paths.checked(source, name="source"), paths.checked(output, name="output")
    tagger = checked(tagger)
    several(keep, name="keep")
    if n_jobs < 1:
        raise OptionError(f"n_jobs: expected 1 or more, got {n_jobs}")
    paths.check_folder(output)
    table = open_table(source, text_column=text_column, keep=keep, encoding=encoding, skip_bad=skip_bad)
    if output.is_dir() or any(paths.same(path, output) for path in table.files):
        raise OptionError(f"output {output}: it is a folder, or an input, which would be lost; write to another file")
    suffix = output.suffix.lower()
    make = encoder(suffix, tagger, table, keep, language=language, whole=whole)
    options = {"text_column": text_column, "keep": list(keep), "whole": whole, "language": language, "output": suffix}
    options["encoding"] = encodings.checked(encoding)
    made_of = _made_of(tagger, table)
    with Part(output, made_of | options, resume=resume) as part:
        done = part.done
        if not part.resumed:
            part.begin(make.beginning)
        progress(_told(done, 0.0))
        for piece in in_order(make.encode, table.batches(done.file, done.row), n_jobs=n_jobs):
            batch, n = piece.batch, len(piece.batch.texts)
            part.append(
                piece.data,
                file=batch.file,
                row=batch.first - 1 + n,
                rows=n,
                sentences=piece.sentences,
                nulls=piece.nulls - len(batch.bad),
                bad=batch.bad,
            )
            progress(_told(done, batch.read))
        if _made_of(tagger, table) != made_of:
            raise DataError(f"{source} changed while it was read; delete {part.path} and begin again")
        part.finish(make.end)
    return _told(done, 1.0)


def _told(done: Done, read: float) -> Told:
    return Told(done.rows, done.sentences, done.nulls, read, done.bad, tuple(done.first_bad))


def _made_of(tagger: Tagger, table: Table) -> dict[str, Any]:
    """What the output depends on, beside options: files as they are now, and who tags."""
    files = [(path, path.stat()) for path in table.files]
    model = tagger.model
    return {
        "schema": SCHEMA,
        "files": [[str(path.resolve()), status.st_size, status.st_mtime_ns] for path, status in files],
        "model": str(tagger.id),
        "model_sha256": tagger.id.sha256,
        "operating_point": tagger.operating_point,
        "escalated": [getattr(model, "budget", None), getattr(model, "capped", None)],
    }
