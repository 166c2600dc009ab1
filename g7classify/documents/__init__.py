"""Documents: files of people's formats in, texts that know where they come from out.

`read` reads one file; `reader.Reader` reads many, and starts what parses them once. All but plain text
is parsed in a process of its own, see `reader`; PDF and HTML by libraries of the extra `documents`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from g7classify.results import Source

FORMATS: Final = ("txt", "md", "html", "pdf", "docx")


@dataclass(frozen=True, slots=True)
class Text:
    """A text and where it comes from; what tagging takes instead of a str.

    Attributes:
        text: as it was extracted; offsets of sentences count in it.
        source: goes to the document that tagging makes of it.
    """

    text: str
    source: Source

    @property
    def empty_pages(self) -> tuple[int, ...]:
        """The pages, from 1 on, of which no text was read: blank, scanned or drawn, or with a running head alone."""
        begins = (*self.source.pages, len(self.text))
        return tuple(number for number, (own, after) in enumerate(pairwise(begins), 1) if own == after)


def read(path: str | os.PathLike[str], *, input_format: str | None = None, encoding: str = "utf-8") -> Text:
    """Read the text of one document: .txt, .md, .html, .pdf or .docx.

    Paragraphs are parted by a blank line. Of a PDF the source tells where pages begin; lines are joined to paragraphs,
    words that were broken at the end of a line are made whole, and running heads and page numbers are left out. Text
    and Markdown are UTF-8 unless told otherwise; text stays as it is, but for a byte order mark, Markdown loses its
    markup and its code.

    Args:
        path: of a file; "-" is standard input.
        input_format: one of FORMATS; told from the suffix if not given, from the first bytes where that tells nothing.
        encoding: of .txt and .md, as Python names it; other formats tell theirs.

    Raises:
        InputTypeError: the path is none, but bytes or a number, say.
        OptionError: an unknown format or encoding, or a table, whose rows are texts of their own.
        UnreadableFileError: the file is missing, a folder, or may not be read.
        EncodingError: a text file is not of the encoding.
        DataError: the file is damaged, encrypted, too large, too costly to parse, or scanned pages without text.
        MissingExtraError: what parses the format is not installed.
    """
    from g7classify.documents.reader import Reader  # what it starts processes with costs 10 ms at import

    with Reader() as reader:
        return reader.read(path, input_format=input_format, encoding=encoding)
