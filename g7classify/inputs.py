"""Texts from files: documents (one text a file) or tables (one text a row); folders and patterns of files.

A byte order mark is dropped, so offsets count from the character after it. Line ends of plain text are kept.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from g7classify import encodings
from g7classify.documents import FORMATS as DOCUMENTS
from g7classify.documents import Text
from g7classify.documents.files import SUFFIXES, decoded, opened, printed
from g7classify.documents.reader import TABLES, Reader
from g7classify.errors import DataError, G7ClassifyError, OptionError
from g7classify.labels import short
from g7classify.paths import same
from g7classify.results import Source
from g7classify.text import check_text

FORMATS: Final = (*DOCUMENTS, "jsonl")
Failure = tuple[str, G7ClassifyError]  # a file, as it is printed, and what is wrong with it


def found(paths: Iterable[str | os.PathLike[str]], *, but: Path | None = None) -> list[str]:
    """The files that paths mean: a folder those in it and below that are read, a pattern those that match.

    What begins with a dot is left out of folders, and links to folders are not followed. A folder or a pattern that
    means nothing stays itself, and is an error when its turn to be read comes.

    Args:
        paths: files, folders, patterns such as `reports/**/*.pdf`; "-" is standard input. Files need not exist.
        but: left out of folders and of what matches.
    """
    files: list[str] = []
    for given in paths:
        path = os.fspath(given)
        several = []
        if _is_folder(path):
            several = sorted(_below(path))
        elif glob.has_magic(path) and not os.path.lexists(path):
            several = [match for match in sorted(glob.glob(path, recursive=True)) if not _is_folder(match)]  # noqa: PTH207
        files += [file for file in several if but is None or not same(Path(file), but)] or [path]
    return files


_READ: Final = (*SUFFIXES, *sorted(TABLES))


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except ValueError:  # NUL
        return False


def _below(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in _READ:
                yield str(Path(parent, name))


def texts(
    paths: Iterable[str | os.PathLike[str]],
    *,
    input_format: str | None = None,
    text_field: str = "text",
    encoding: str = "utf-8",
    advance: Callable[[int], object] = lambda _: None,
    failed: Callable[[Failure], object] | None = None,
) -> Iterator[Text]:
    """The texts of files, in order.

    Args:
        paths: files; "-" is standard input.
        input_format: one of FORMATS; told from each file if not given, see g7classify.read.
        text_field: the column or field of a table that holds the text; rows where it is null are passed over.
        encoding: of plain text, CSV and JSONL, as Python names it.
        advance: called with the number of bytes read, again and again.
        failed: called with a file and what is wrong with it; its other texts are then left out. Raised if not given.

    Raises:
        OptionError: an unknown format or encoding.
        UnreadableFileError: a file is missing, a folder, or may not be read.
        EncodingError: a text file is not of the encoding.
        DataError: a table lacks the column; a row cannot be read or, in JSONL, lacks the field; a document is
            unreadable.
        TextError: a text of a row holds a lone surrogate.
        MissingExtraError: what reads a document or a Parquet file is not installed.
    """
    if input_format is not None and input_format not in FORMATS:
        raise OptionError(f"input format {input_format!r}: expected one of {', '.join(FORMATS)}")
    encoding = encodings.checked(encoding)
    with Reader() as reader:
        for path in paths:
            try:
                kind = input_format or Path(path).suffix.lower().removeprefix(".")
                if kind == "jsonl":
                    with opened(path) as file:
                        yield from _lines(file, printed(path), text_field, encoding, advance)
                elif f".{kind}" in TABLES:
                    yield from _rows(Path(path), text_field, encoding, advance)
                else:
                    text = reader.read(path, input_format=input_format, encoding=encoding)
                    advance(size_bytes([path]))
                    yield text
            except G7ClassifyError as error:
                if failed is None:
                    raise
                failed((printed(path), error))


def size_bytes(paths: Iterable[str | os.PathLike[str]]) -> int:
    """The size of all files together; standard input, pipes and what cannot be read count as nothing."""
    total = 0
    for path in paths:
        try:
            total += 0 if path == "-" else Path(path).stat().st_size
        except (OSError, ValueError):  # told when its turn comes; ValueError: a path with NUL
            continue
    return total


def _rows(path: Path, text_field: str, encoding: str, advance: Callable[[int], object]) -> Iterator[Text]:
    """The rows of a table of another kind than JSONL; those without a text are passed over."""
    from g7classify.streaming.sources import open_table

    size, told = size_bytes([path]), 0
    for batch in open_table(path, text_column=text_field, encoding=encoding).batches(0, 0):
        texts = batch.texts if isinstance(batch.texts, list) else batch.texts.to_pylist()
        for number, text in enumerate(texts, batch.first):
            if text is not None:
                yield Text(check_text(text, name=f"{path}:{number}"), Source(printed(path), row=number))
        advance(int(size * batch.read) - told)
        told = int(size * batch.read)


def _lines(
    file: BinaryIO, name: str, text_field: str, encoding: str, advance: Callable[[int], object]
) -> Iterator[Text]:
    from g7classify.streaming.decoding import is_wide, lines_of, wide_lines

    lines: Iterable[bytes | str] = wide_lines(file, name, encoding) if is_wide(encoding) else lines_of(file, name)
    for number, line in enumerate(lines, 1):
        where = f"{name}:{number}"
        advance(len(line.encode(encoding)) if isinstance(line, str) else len(line))
        content = line if isinstance(line, str) else decoded(line, name=where, encoding=encoding)
        if content.strip() and (text := _text(content, where=where, text_field=text_field)) is not None:
            yield Text(text, Source(name, row=number))


def _text(line: str, *, where: str, text_field: str) -> str | None:
    from g7classify.streaming.textfiles import json_object, json_text

    row = json_object(line, where=where, field=text_field)
    if text_field not in row:
        fields = ", ".join(map(short, row)) or "no field"
        raise DataError(f"{where}: no field {text_field!r}, it has {fields}; name that of the text with --text-field")
    return json_text(row, where=where, field=text_field)
