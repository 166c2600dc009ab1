"""Files as bytes, what their format is, and plain text."""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final

from g7classify import encodings
from g7classify.errors import EncodingError, UnreadableFileError

SUFFIXES: Final = {
    ".txt": "txt",
    ".text": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}

# How a file begins, for those that no suffix tells of: standard input above all.
_STARTS: Final = {b"%pdf-": "pdf", b"pk\x03\x04": "docx", b"<!doctype html": "html", b"<html": "html"}

_HINTS: Final = {
    b"%PDF": "it is a PDF: name it .pdf, or say that its format is pdf",
    b"PK\x03\x04": "it is an archive or an office document: name it .docx if it is one, or export its text first",
    codecs.BOM_UTF16_LE: "it is UTF-16: give --encoding utf-16, or convert it, e.g. with iconv -f utf-16 -t utf-8",
    codecs.BOM_UTF16_BE: "it is UTF-16: give --encoding utf-16, or convert it, e.g. with iconv -f utf-16 -t utf-8",
}


def printed(path: str | os.PathLike[str]) -> str:
    """A path as messages and results name it: bytes that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


def opened(path: str | os.PathLike[str]) -> AbstractContextManager[BinaryIO]:
    """A file to read bytes from; "-" is standard input, which stays open.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
    """
    if path == "-":
        if sys.stdin is None:  # whoever started us closed it
            raise UnreadableFileError("cannot read standard input: it is closed")
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        reason = error.strerror if isinstance(error, OSError) else error
        if isinstance(error, IsADirectoryError):
            reason = f"a folder, and no file; what is read in folders is {', '.join(SUFFIXES)} and tables"
        raise UnreadableFileError(f"cannot read {printed(path)}: {reason}") from error


def format_of(path: str | os.PathLike[str], start: bytes) -> str:
    """The format of a document: by its suffix, else by its first bytes, else plain text."""
    begin = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    guessed = next((name for key, name in _STARTS.items() if begin.startswith(key)), "txt")
    return SUFFIXES.get(Path(path).suffix.lower(), guessed)


def decoded(content: bytes, *, name: str, encoding: str = "utf-8") -> str:
    """Text, without a byte order mark; `name` is what messages call it, `encoding` as `encodings.checked` gives it.

    Raises:
        EncodingError: it is no text of the encoding.
    """
    if encoding != "utf-8":
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            at, byte = error.start, content[error.start]
            message = f"{name}: byte {at} (0x{byte:02x}) is not {encoding}; name another encoding"
            raise EncodingError(message) from error
    hint = next((hint for start, hint in _HINTS.items() if content.startswith(start)), None)
    nul = content.find(0)
    if nul >= 0:
        raise EncodingError(f"{name}: byte {nul} is NUL; {hint or 'it is UTF-16 or no text: convert it to UTF-8 text'}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at, byte = error.start, content[error.start]
        message = f"{name}: byte {at} (0x{byte:02x}) is not UTF-8; {hint or encodings.hint(content)}"
        raise EncodingError(message) from error
