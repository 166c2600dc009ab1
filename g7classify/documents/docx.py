"""The text of a DOCX file: its paragraphs, those of tables, text boxes and notes, in the order of the file.

Read with the standard library: it takes one pass of expat, in bounded memory. In benchmarks/extraction.py python-docx
loses tracked insertions, content controls, text boxes and notes (F1 of sentences .824), docx2python less (.981), and
both bring lxml, 12 MB. Left out are deleted and moved-away text, hidden text, comments, page headers and footers.

Format: ECMA-376 (Office Open XML), part 1, section 17; a transitional and a strict name space.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final, NoReturn
from xml.parsers import expat

from g7classify.errors import DataError

MAX_PART_BYTES: Final = 200_000_000
"""Of one part, inflated: that is a document of more than a hundred thousand paragraphs."""
MAX_RATIO: Final = 300
"""How many times its size a part may inflate to, if it is a large one: repetitive tables reach a hundred."""
LARGE_BYTES: Final = 10_000_000
CHUNK_BYTES: Final = 1 << 20

_WORD: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main ",
    "http://purl.oclc.org/ooxml/wordprocessingml/main ",
)
_COMPATIBILITY: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006 "
_OUT: Final = frozenset({"moveFrom", "del", "fallback", "instrText"})
_IN_PLACE: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}


def extract(content: bytes) -> tuple[str, tuple[int, ...]]:
    """The text, paragraphs parted by a blank line, and no pages: a DOCX file does not know them.

    Raises:
        DataError: it is no DOCX file, is encrypted or damaged, or inflates to too much.
    """
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise DataError("an encrypted document, or one of the old .doc format: save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            main = _main_part(archive)
            folder = main.rpartition("/")[0]
            paragraphs = _paragraphs(archive, main)
            for notes in ("footnotes", "endnotes"):
                if (name := f"{folder}/{notes}.xml") in archive.namelist():
                    paragraphs += _paragraphs(archive, name)
    except DataError:
        raise
    # ValueError: of places before the beginning, and of names that are no UTF-8
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise DataError(f"no DOCX file, or a damaged one ({error})") from error
    except RuntimeError as error:  # zipfile's for parts that want a password
        raise DataError(f"encrypted: save it without a password ({error})") from error
    return "\n\n".join(paragraphs), ()


def _main_part(archive: zipfile.ZipFile) -> str:
    found: list[str] = []

    def start(_name: str, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").lstrip("/"))

    if "_rels/.rels" in archive.namelist():
        parser = _parser()
        parser.StartElementHandler = start
        _parse(archive, "_rels/.rels", parser)
    # Word's files name it so; a file of another program of the suite names a workbook or a presentation.
    main = found[0] if found else "word/document.xml"
    if main not in archive.namelist():
        raise DataError("no DOCX file: an archive without a document in it")
    return main


def _paragraphs(archive: zipfile.ZipFile, part: str) -> list[str]:
    reading = _Reading()
    parser = _parser()
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    _parse(archive, part, parser)
    return reading.paragraphs


class _Reading:
    """What one pass over a part has found; a paragraph may hold others, those of its text boxes."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._open: list[list[str]] = []  # pieces of the paragraphs that are open, innermost last
        self._out = 0  # depth in what is left out
        self._text = False
        self._run: list[str] = []
        self._hidden = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if self._out or local in _OUT or (local in ("footnote", "endnote") and _value(attributes, "type")):
            self._out += 1
        elif local == "p":
            self._flush()
            self._open.append([])
        elif local == "r":
            self._flush()
        elif local == "vanish":
            self._hidden = _value(attributes, "val") not in ("0", "false", "off")
        elif local == "t":
            self._text = True
        elif local in _IN_PLACE:
            self._run.append(_IN_PLACE[local])

    def characters(self, text: str) -> None:
        if self._text and not self._out:
            self._run.append(text)

    def end(self, name: str) -> None:
        local = _local(name)
        if self._out:
            self._out -= 1
        elif local == "t":
            self._text = False
        elif local == "r":
            self._flush()
        elif local == "p" and self._open:
            self._flush()
            # A blank line inside would read as two paragraphs.
            text = re.sub(r"\n\s*\n", "\n", "".join(self._open.pop())).strip()
            if text:
                self.paragraphs.append(text)

    def _flush(self) -> None:
        if self._open and not self._hidden:
            self._open[-1] += self._run
        self._run, self._hidden = [], False


def _local(name: str) -> str:
    """The name of an element of word processing, "fallback" for what repeats a newer part, and else nothing."""
    for space in _WORD:
        if name.startswith(space):
            return name[len(space) :]
    return "fallback" if name == f"{_COMPATIBILITY}Fallback" else ""


def _value(attributes: dict[str, str], name: str) -> str | None:
    return next((attributes[space + name] for space in _WORD if space + name in attributes), None)


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> NoReturn:  # entities that expand to gigabytes are declared there
        raise DataError("damaged or hostile: it declares a document type, which no DOCX file does")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _parse(archive: zipfile.ZipFile, part: str, parser: expat.XMLParserType) -> None:
    about = archive.getinfo(part)
    ratio = about.file_size / max(about.compress_size, 1)
    if about.file_size > MAX_PART_BYTES or (about.file_size > LARGE_BYTES and ratio > MAX_RATIO):
        raise DataError(
            f"{part} inflates to {about.file_size:,} bytes, {ratio:,.0f} times its size in the file; at most "
            f"{MAX_PART_BYTES:,} are read, and {MAX_RATIO} times"
        )
    try:
        with archive.open(part) as stream:  # gives no more than the size that was just checked
            while chunk := stream.read(CHUNK_BYTES):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DataError(f"{part} is damaged: {error}") from error
    except zlib.error as error:
        raise DataError(f"{part} is damaged: {error}") from error
